// An oracle for machines without native clang: @yowasp/clang, an independent build of clang as WebAssembly, from other
// sources (22.1.0) and with another recipe. It has no back end for x86_64 and aarch64, so the front ends are compared:
// the IR of a source before any optimisation is the same, byte for byte, except for the line with the version.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { commands, type Tree } from '@yowasp/clang';
import { afterAll, describe, expect, test } from 'vitest';
import { openCommands, writeSysroots } from '../../dist/index.js';
import { IS_FULL } from '../support/full.js';
import { scratch, TRIPLES } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';

const FIXTURES = join(REPOSITORY, 'fixtures');
const isSource = (name: string) => /\.(c|cpp)$/.test(name);
const below = (folder: string) =>
  readdirSync(join(FIXTURES, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter(isSource)
    .sort();

// test:full also compares the C++ programs, each of which takes seconds.
const CASES = [...below('codegen'), ...(IS_FULL ? below('programs') : [])].flatMap((path, i) =>
  TRIPLES.filter((_, t) => IS_FULL || i % TRIPLES.length === t).map((triple) => ({ path, triple })),
);

/** A folder in the form that @yowasp/clang takes. */
function treeOf(folder: string, has: (name: string) => boolean): Tree {
  const tree: Tree = {};
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) tree[name] = treeOf(path, has);
    else if (has(name)) tree[name] = readFileSync(path);
  }
  return tree;
}

describe('the front end gives the IR of an independent build', async () => {
  const folder = scratch();
  await writeSysroots(folder);
  const isHeader = (name: string) => !/\.(a|so|o)$/.test(name);
  const [clang, sysroot] = ['clang', 'sysroot'].map((name) => treeOf(join(folder, name), isHeader)) as [Tree, Tree];
  const ours = openCommands(1);
  afterAll(() => ours.close());

  test.each(CASES)('$path, $triple', async ({ path, triple }) => {
    const standard = /^programs\/([^/]+)/.exec(path)?.[1];
    const directory = join(FIXTURES, dirname(path));
    const program = path.endsWith('.c') ? 'clang' : 'clang++';
    const args = [
      `--target=${triple}`,
      ...(standard ? [`-std=${standard}`] : []),
      ...['-O0', '-Xclang', '-disable-llvm-passes', '-S', '-emit-llvm', '-w'],
      // The default of this flag depends on whether LLVM was built with assertions.
      '-fno-discard-value-names',
      basename(path),
    ];
    const theirs = (await commands[program](
      ['-o', 'out.ll', `--sysroot=/sysroot/${triple}`, '-resource-dir=/clang', '-stdlib=libc++', ...args],
      {
        clang,
        sysroot: { [triple]: sysroot[triple] as Tree },
        ...treeOf(directory, (name) => /\.(c|cpp|h|def|inc)$/.test(name)),
      },
      { stdout: null, fetchProgress: () => {} },
    )) as Tree;
    let written: Uint8Array | undefined;
    const { status, stderr } = await ours.run(
      {
        program,
        args: ['-o', 'out.ll', ...args],
        triple,
        directory,
        stdin: new Uint8Array(),
        env: {},
        color: false,
        sourceDateEpoch: 0,
      },
      async (file) => {
        written = file.bytes;
      },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(withoutVersion(written as Uint8Array)).toBe(withoutVersion(theirs['out.ll'] as Uint8Array | string));
  });
});

const withoutVersion = (ir: Uint8Array | string) =>
  (typeof ir === 'string' ? ir : Buffer.from(ir).toString()).replace(/"clang version 22\.1\.\d[^"]*"/, '"clang"');
