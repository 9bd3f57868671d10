// Reads files that the user picks or drops, or that are in a tar (POSIX.1-1988, ustar), and writes tars.

const MAX_FILE = 2 << 20;
const MAX_FILES = 500;
/** Folders that are left out, since they are large and contain no sources. */
const PASSED_OVER = /(^|\/)(\.[^/]+|node_modules)(\/|$)/;
const BLOCK = 512;

/** The files that were opened, and the names of those that were left out. */
export interface Opened {
  files: Map<string, string>;
  leftOut: string[];
}

/** Collects the files that are text and not too large. */
class Collector implements Opened {
  readonly files = new Map<string, string>();
  readonly leftOut: string[] = [];

  add(path: string, bytes: Uint8Array): void {
    const name = path.replace(/^(\.?\/)+/, '');
    if (name === '' || PASSED_OVER.test(name) || name.split('/').includes('..')) return;
    const text = bytes.length > MAX_FILE || this.files.size >= MAX_FILES ? undefined : textOf(bytes);
    if (text === undefined) this.leftOut.push(name);
    else this.files.set(name, text);
  }

  /** Removes the top folder from the paths if all files are in it. */
  end(): Opened {
    const paths = [...this.files.keys()];
    const [first = ''] = paths;
    const folder = `${first.split('/', 1)[0]}/`;
    if (!first.includes('/') || !paths.every((path) => path.startsWith(folder))) return this;
    return {
      files: new Map([...this.files].map(([path, text]) => [path.slice(folder.length), text])),
      leftOut: this.leftOut,
    };
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.subarray(0, 8192).includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const read = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

async function addFile(into: Collector, path: string, file: Blob): Promise<void> {
  if (/\.(tar|tar\.gz|tgz)$/.test(path)) {
    const stream = /gz$/.test(path) ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
    for (const [name, bytes] of readTar(await read(await new Response(stream).blob()))) into.add(name, bytes);
  } else if (file.size <= MAX_FILE) into.add(path, await read(file));
  else into.leftOut.push(path);
}

/** Reads the files of an <input>; those of a folder have relative paths. */
export async function openFiles(picked: Iterable<File>): Promise<Opened> {
  const collector = new Collector();
  for (const file of picked) {
    const path = file.webkitRelativePath || file.name;
    if (!PASSED_OVER.test(path)) await addFile(collector, path, file);
  }
  return collector.end();
}

/** Reads files and folders that the user drops. */
export async function openDropped(items: DataTransferItemList): Promise<Opened> {
  const collector = new Collector();
  // The browser empties the list at the first await.
  const dropped = [...items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  for (const { entry, file } of dropped)
    if (entry) await addEntry(collector, entry, entry.name);
    // What another program drags, such as an attachment of a mail, may be on no disk.
    else if (file && !PASSED_OVER.test(file.name)) await addFile(collector, file.name, file);
  return collector.end();
}

async function addEntry(into: Collector, entry: FileSystemEntry, path: string): Promise<void> {
  if (PASSED_OVER.test(path)) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return addFile(into, path, file);
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const below of some) await addEntry(into, below, `${path}/${below.name}`);
  }
}

function* readTar(tar: Uint8Array): Generator<[string, Uint8Array]> {
  const text = (at: number, length: number) => {
    const field = tar.subarray(at, at + length);
    const end = field.indexOf(0);
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
  };
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12).trim() || '0', 8);
    if (!(size >= 0) || at + BLOCK + size > tar.length) throw new Error('this is no tar, or a part of it is missing');
    const folder = text(at + 257, 5) === 'ustar' ? text(at + 345, 155) : '';
    const kind = tar[at + 156];
    if (kind === 0x30 || kind === 0)
      yield [(folder ? `${folder}/` : '') + text(at, 100), tar.subarray(at + BLOCK, at + BLOCK + size)];
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** Makes a tar of text files. @throws Error if a path is too long for the format */
export function writeTar(files: ReadonlyMap<string, string>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  for (const [path, text] of files) {
    const bytes = encoder.encode(text);
    const name = encoder.encode(path);
    if (name.length > 100) throw new Error(`the name ${path} is longer than a tar takes`);
    const header = new Uint8Array(BLOCK);
    const put = (at: number, value: string) => header.set(encoder.encode(value), at);
    header.set(name);
    put(100, '0000644\0');
    put(108, '0000000\0');
    put(116, '0000000\0');
    put(124, `${bytes.length.toString(8).padStart(11, '0')}\0`);
    put(136, '00000000000\0');
    put(148, '        ');
    put(156, '0');
    put(257, 'ustar\x0000');
    const sum = header.reduce((total, byte) => total + byte, 0);
    put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
    const body = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
    body.set(bytes);
    parts.push(header, body);
  }
  const end = new Uint8Array(2 * BLOCK);
  const tar = new Uint8Array([...parts, end].reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    tar.set(part, at);
    at += part.length;
  }
  return tar;
}
