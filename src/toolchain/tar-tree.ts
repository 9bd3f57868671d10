import type { EntryKind, FileTree } from './mounts.js';

const BLOCK = 512;
const decoder = new TextDecoder();

function field(header: Uint8Array, at: number, length: number): string {
  const bytes = header.subarray(at, at + length);
  const end = bytes.indexOf(0);
  return decoder.decode(bytes.slice(0, end < 0 ? length : end));
}

/**
 * The files of an uncompressed ustar archive, without copying them. Only for archives that ship with this package and
 * whose sha256 is pinned. Artifacts, which may be hostile, are read with artifact/archive-reader.
 * @param below keeps only the members under this folder, and removes it from their names
 */
export function tarTree(tar: Uint8Array, below = ''): FileTree {
  const files = new Map<string, Uint8Array>();
  const directories = new Set<string>(['']);
  const prefix = below === '' ? '' : `${below}/`;
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const header = tar.subarray(at, at + BLOCK);
    const folder = field(header, 345, 155);
    const path = (folder ? `${folder}/` : '') + field(header, 0, 100);
    const size = Number.parseInt(field(header, 124, 12), 8);
    const name = path.replace(/^\.\//, '').replace(/\/$/, '');
    if (header[156] === 0x30 && name.startsWith(prefix)) {
      const inside = name.slice(prefix.length);
      files.set(inside, tar.subarray(at + BLOCK, at + BLOCK + size));
      for (let slash = inside.indexOf('/'); slash >= 0; slash = inside.indexOf('/', slash + 1))
        directories.add(inside.slice(0, slash));
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return {
    kind: (path): EntryKind | undefined => (files.has(path) ? 'file' : directories.has(path) ? 'directory' : undefined),
    read: (path) => files.get(path) as Uint8Array,
    list: (directory) => {
      const start = directory === '' ? '' : `${directory}/`;
      const below = [...files.keys(), ...directories].filter((path) => path !== '' && path.startsWith(start));
      return [...new Set(below.map((path) => path.slice(start.length).split('/', 1)[0] as string))];
    },
  };
}
