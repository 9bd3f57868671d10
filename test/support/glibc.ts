// Writes art's glibc sysroots to folders, for the compilers and linkers of this machine.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openArchive } from '../../src/platform/node/assets.js';
import { glibcTrees } from '../../src/toolchain/glibc/sysroot.js';
import type { FileTree, MountedTree } from '../../src/toolchain/mounts.js';
import { tarTree } from '../../src/toolchain/tar-tree.js';
import { run } from './native.js';

export type Architecture = 'x86_64' | 'aarch64';
export const ARCHITECTURES: readonly Architecture[] = ['x86_64', 'aarch64'];

/** The dynamic loaders that programs name. */
export const LOADERS = { x86_64: '/lib64/ld-linux-x86-64.so.2', aarch64: '/lib/ld-linux-aarch64.so.1' } as const;

/** Every path of a tree. */
export function filesOf(tree: FileTree, below = ''): string[] {
  return (tree.list?.(below) ?? []).flatMap((name) => {
    const path = below === '' ? name : `${below}/${name}`;
    return tree.kind(path) === 'directory' ? filesOf(tree, path) : [path];
  });
}

/** The trees of a sysroot of one version, with the headers of the kernel and of libc++. */
function treesOf(architecture: Architecture, glibc: string): MountedTree[] {
  const open = (asset: Parameters<typeof openArchive>[0], below: string) => tarTree(openArchive(asset), below);
  return [
    ...glibcTrees(architecture, glibc, open),
    { at: 'usr/include', tree: open('linux-headers', architecture) },
    { at: 'usr/include', tree: open('linux-headers', 'generic') },
    { at: 'usr/include/c++/v1', tree: open('libcxx-headers', '') },
  ];
}

/** Writes a sysroot to `folder`. If several trees have a file, that of the first one is used. */
export function writeSysroot(folder: string, architecture: Architecture, glibc: string): void {
  const written = new Set<string>();
  for (const { at, tree } of treesOf(architecture, glibc))
    for (const path of filesOf(tree)) {
      const to = join(folder, at, path);
      if (written.has(to)) continue;
      written.add(to);
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, tree.read(path));
    }
  mkdirSync(join(folder, 'resources'), { recursive: true });
  run('ln', [
    '-s',
    join(run('clang-22', ['-print-resource-dir']).trim(), 'include'),
    join(folder, 'resources/include'),
  ]);
}

/** The clang-22 command that compiles with a sysroot from writeSysroot, and with nothing of this machine. */
export function clangFor(folder: string, architecture: Architecture): string[] {
  return [
    `--target=${architecture}-unknown-linux-gnu`,
    `--sysroot=${folder}`,
    `-resource-dir=${join(folder, 'resources')}`,
    '--gcc-toolchain=/nonexistent',
    '-stdlib=libc++',
    '-Wno-unused-command-line-argument',
  ];
}

/** Links an object with ld.lld-22, a sysroot's start files and glibc, to a program whose loader is that of its architecture. */
export function link(
  folder: string,
  architecture: Architecture,
  object: string,
  program: string,
  libraries: readonly string[],
): void {
  const lib = join(folder, 'usr/lib');
  const start = ['Scrt1.o', 'crti.o'].map((name) => join(lib, name));
  const loader = ['-pie', '-dynamic-linker', LOADERS[architecture]];
  run('ld.lld-22', [...loader, '-o', program, ...start, object, `-L${lib}`, ...libraries, join(lib, 'crtn.o')]);
}

/** The versions of glibc's symbols that a program or shared library needs, each once. */
export function versionsAskedFor(path: string): string[] {
  const needed = run('llvm-readelf-22', ['--version-info', path]).split('.gnu.version_r')[1] ?? '';
  return [...new Set([...needed.matchAll(/Name: GLIBC_([\d.]+)/g)].map(([, version]) => version as string))];
}
