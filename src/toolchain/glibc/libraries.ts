// The files in usr/lib that linkers look for, for one version of glibc: stub libraries, and the linker scripts that
// name them.

import { atLeast } from '../../targets/glibc-versions.js';
import { stubLibrary } from './stub.js';
import { type SymbolTable, symbolsOf } from './symbols.js';

export type GlibcArchitecture = 'x86_64' | 'aarch64';

export const LOADERS: Readonly<Record<GlibcArchitecture, string>> = {
  x86_64: 'ld-linux-x86-64.so.2',
  aarch64: 'ld-linux-aarch64.so.1',
};

/** Names for `-l`, and the shared library that programs linked with each need. */
const LIBRARIES: Readonly<Record<string, string>> = {
  m: 'libm.so.6',
  pthread: 'libpthread.so.0',
  dl: 'libdl.so.2',
  rt: 'librt.so.1',
  util: 'libutil.so.1',
  resolv: 'libresolv.so.2',
  anl: 'libanl.so.1',
  mvec: 'libmvec.so.1',
};
/** The first version that has all of these in libc.so.6, and only empty archives of their names. */
const MERGED = '2.34';
const MERGED_LIBRARIES: ReadonlySet<string> = new Set(['pthread', 'dl', 'rt', 'util', 'anl']);

const text = (content: string) => new TextEncoder().encode(`${content}\n`);

/** File names, and the function that makes the content of each. */
export function libraryFiles(
  architecture: GlibcArchitecture,
  glibc: string,
  table: () => SymbolTable,
): ReadonlyMap<string, () => Uint8Array> {
  const loader = LOADERS[architecture];
  const stub = (library: string) => () => stubLibrary(architecture, library, symbolsOf(table(), library, glibc));
  const hasVectors = atLeast(glibc, architecture === 'x86_64' ? '2.22' : '2.38');
  const files = new Map<string, () => Uint8Array>([
    [loader, stub(loader)],
    ['libc.so.6', stub('libc.so.6')],
    ['libc.so', () => text(`GROUP(libc.so.6 libc_nonshared.a AS_NEEDED(${loader}))`)],
  ]);
  for (const [name, library] of Object.entries(LIBRARIES)) {
    if (name === 'mvec' && !hasVectors) continue;
    files.set(library, stub(library));
    if (name === 'm' && hasVectors) files.set('libm.so', () => text('GROUP(libm.so.6 AS_NEEDED(libmvec.so.1))'));
    else if (MERGED_LIBRARIES.has(name) && atLeast(glibc, MERGED)) files.set(`lib${name}.a`, emptyArchive);
    else files.set(`lib${name}.so`, stub(library));
  }
  return files;
}

const emptyArchive = () => text('!<arch>');
