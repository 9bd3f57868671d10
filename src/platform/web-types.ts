// Web classes in the library's API. Its declarations must compile in projects without TypeScript's DOM library and
// without @types/node. There each class is replaced by the members that art uses.
type Declared<Name extends string, Otherwise> =
  typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : Otherwise;

export type WebURL = Declared<'URL', { readonly href: string }>;
export type WebBlob = Declared<'Blob', { readonly size: number; arrayBuffer(): Promise<ArrayBuffer> }>;
export type WebAbortSignal = Declared<'AbortSignal', { readonly aborted: boolean }>;
export type WebDirectory = Declared<'FileSystemDirectoryHandle', { readonly kind: 'directory'; readonly name: string }>;

/** A ReadableStream of bytes, whichever library declares it. */
export interface WebByteStream {
  getReader(): {
    read(): Promise<{ done: false; value: Uint8Array } | { done: true }>;
    cancel(): Promise<void>;
  };
}
