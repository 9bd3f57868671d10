import { expect, test } from 'vitest';
import { openArchive } from '../../src/platform/node/assets.js';
import { sysrootTrees } from '../../src/toolchain/sysroot.js';
import { tarTree } from '../../src/toolchain/tar-tree.js';
import type { FileTree } from '../../src/toolchain/volume.js';

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
  const mounts = sysrootTrees((asset, below) => {
    opened.push(`${asset} ${below}`);
    const tree = tarTree(openArchive(asset), below);
    whole.push(tree);
    return tree;
  });
  const named = mounts.filter(({ at }) => /usr\/(include|lib)$|\/lib\//.test(at));
  for (const { tree } of named) expect(tree.kind('stdio.h')).toBeUndefined();
  expect(opened).toEqual([]);
  expect(named).toHaveLength(8);
  for (const { tree } of named) {
    expect(tree.kind('linux/none.h') ?? tree.kind('libnone.a')).toBeUndefined(); // opens it
    const paths = pathsOf(whole.at(-1) as FileTree);
    expect(paths.length).toBeGreaterThan(3);
    expect(paths.filter((path) => tree.kind(path) === undefined)).toEqual([]);
  }
});
