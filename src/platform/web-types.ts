// Classes of the web that the library takes. Its declarations must compile in projects that declare none of them, neither
// by TypeScript's DOM library nor by @types/node: there what art uses of one stands for it.
type Declared<Name extends string, Otherwise> =
  typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : Otherwise;

export type WebURL = Declared<'URL', { readonly href: string }>;
export type WebBlob = Declared<'Blob', { readonly size: number; arrayBuffer(): Promise<ArrayBuffer> }>;
export type WebAbortSignal = Declared<'AbortSignal', { readonly aborted: boolean }>;
export type WebDirectory = Declared<'FileSystemDirectoryHandle', { readonly kind: 'directory'; readonly name: string }>;

/** A ReadableStream of bytes, whoever declares it. */
export interface WebByteStream {
  getReader(): {
    read(): Promise<{ done: false; value: Uint8Array } | { done: true }>;
    cancel(): Promise<void>;
  };
}
