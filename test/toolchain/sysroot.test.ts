import { expect, test } from 'vitest';
import { openArchive } from '../../src/platform/node/assets.js';
import { DEFAULT_TARGETS, parseTargets, sysrootsOf } from '../../src/targets/targets.js';
import type { FileTree } from '../../src/toolchain/mounts.js';
import { sysrootPieces, sysrootTrees } from '../../src/toolchain/sysroot.js';
import { tarTree } from '../../src/toolchain/tar-tree.js';

/** Every file and folder of a tree. */
function pathsOf(tree: FileTree, below = ''): string[] {
  return (tree.list?.(below) ?? []).flatMap((name) => {
    const path = below === '' ? name : `${below}/${name}`;
    return tree.kind(path) === 'directory' ? [path, ...pathsOf(tree, path)] : [path];
  });
}

test('what an archive holds is found, and one that cannot hold a name stays closed', () => {
  const opened: string[] = [];
  const whole: FileTree[] = [];
  const mounts = sysrootPieces(sysrootsOf(parseTargets(DEFAULT_TARGETS)), (asset, below) => {
    opened.push(`${asset} ${below}`);
    const tree = tarTree(openArchive(asset), below);
    whole.push(tree);
    return tree;
  });
  const named = mounts.filter(({ at }) => /usr\/(include|lib)$|\/lib\//.test(at));
  for (const { tree } of named) expect(tree.kind('stdio.h')).toBeUndefined();
  expect(opened).toEqual([]);
  expect(named).toHaveLength(12);
  for (const { tree } of named) {
    const none = ['linux/none.h', 'libnone.a', 'libclang_rt.ubsan_none', 'libc++.modules.none'];
    for (const name of none) expect(tree.kind(name)).toBeUndefined(); // opens it
    const paths = pathsOf(whole.at(-1) as FileTree);
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => tree.kind(path) === undefined)).toEqual([]);
  }
});

test('a sysroot is made when something in it is looked for, of the archives that may have it', () => {
  const opened: string[] = [];
  const mounts = sysrootTrees((asset, below) => {
    opened.push(asset);
    return tarTree(openArchive(asset), below);
  });
  const [sysroots, libraries] = mounts.map(({ tree }) => tree) as [FileTree, FileTree];
  for (const name of ['no-such-triple', 'x86_64', 'x86_64-linux-musl', 'x86_64-apple-macos', '..'])
    expect([sysroots.kind(name), libraries.kind(name)]).toEqual([undefined, undefined]);
  const musl = 'x86_64-unknown-linux-musl';
  for (const folder of ['', musl, `${musl}/usr`, `${musl}/usr/include/c++`, `${musl}/usr/include/c++/v1`])
    expect([folder, sysroots.kind(folder)]).toEqual([folder, 'directory']);
  expect(libraries.kind(musl)).toBe('directory');
  expect(opened).toEqual([]);
  expect(sysroots.kind(`${musl}/usr/include/stdio.h`)).toBe('file');
  expect(opened).toEqual(['musl-headers']);
  expect(libraries.kind(`${musl}/libclang_rt.builtins.a`)).toBe('file');
  expect(libraries.read(`${musl}/libclang_rt.builtins.a`).length).toBeGreaterThan(1000);
  expect(opened).toEqual(['musl-headers', 'libraries-x86_64']);
  expect(sysroots.list?.(`${musl}/usr`).sort()).toEqual(['include', 'lib', 'share']);
});
