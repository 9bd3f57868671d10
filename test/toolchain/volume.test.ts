// art's volume finds the same as the host's kernel, whatever links are in a path.
import { lstatSync, mkdirSync, readFileSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostTrees, nodeFiles } from '../../src/platform/node/files.js';
import { PROJECT } from '../../src/toolchain/paths.js';
import { Volume } from '../../src/toolchain/volume.js';
import { openCompiler } from '../support/compiler.js';
import { available, run } from '../support/native.js';
import { project } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';
import { swapping } from '../support/swapper.js';

const NAMES = ['a', 'b', 'c', 'd'];
const name = fc.constantFrom(...NAMES);
/** A path with a few parts, some of them '..'. */
const path = (maxLength: number) =>
  fc.array(fc.oneof({ weight: 3, arbitrary: name }, { weight: 2, arbitrary: fc.constantFrom('..', '.', '') }), {
    minLength: 1,
    maxLength,
  });
const plain = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

interface Node {
  at: string;
  what: 'file' | 'directory' | 'link' | 'absolute link';
  target: string;
}
const node: fc.Arbitrary<Node> = fc.record({
  at: plain,
  what: fc.constantFrom('file', 'directory', 'directory', 'link', 'link', 'absolute link'),
  target: path(5).map((parts) => parts.join('/')),
});
const tree = fc.array(node, { minLength: 3, maxLength: 14 });

/** Creates a tree. A node is left out if its name is taken or if it is below a file. Files contain their own paths. */
function make(nodes: readonly Node[], top = 'top'): { root: string; top: string } {
  const root = realpathSync.native(project({}));
  const at = join(root, top);
  mkdirSync(at);
  for (const { at: path, what, target } of nodes)
    try {
      const host = join(at, path);
      mkdirSync(dirname(host), { recursive: true });
      // A parent may be a link, which may lead out of the tree.
      if (!`${realpathSync.native(dirname(host))}/`.startsWith(`${root}/`)) continue;
      if (what === 'directory') mkdirSync(host);
      else if (what === 'file') writeFileSync(host, host, { flag: 'wx' });
      else symlinkSync(what === 'link' ? target || '.' : `${at}/${target}`, host);
    } catch {} // taken
  return { root, top: at };
}

type Found = { kind: 'directory' | 'file'; bytes?: string } | undefined;

function hostFinds(path: string): Found {
  try {
    return statSync(path).isDirectory() ? { kind: 'directory' } : { kind: 'file', bytes: readFileSync(path, 'utf8') };
  } catch {
    return undefined; // not there, in a circle, below a file
  }
}

function volumeFinds(volume: Volume, path: string): Found {
  try {
    const kind = volume.look(path);
    if (kind !== 'file') return kind && { kind };
    return { kind, bytes: Buffer.from(volume.bytes(path)).toString() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
    throw error;
  }
}

const hidden = (path: string, allowed: readonly string[]) => {
  const real = `${realpathSync.native(path)}/`;
  return !allowed.some((directory) => real.startsWith(`${directory}/`));
};

describe('what a volume finds is what the host finds', () => {
  const asked = fc.array(
    path(7).map((parts) => parts.join('/')),
    { minLength: 10, maxLength: 30 },
  );

  test('on the whole host', () => {
    fc.assert(
      fc.property(tree, asked, (nodes, paths) => {
        const { top } = make(nodes);
        const volume = new Volume(hostTrees([{ at: '/', host: '/' }]));
        for (const path of paths)
          expect([path, volumeFinds(volume, `${top}/${path}`)]).toEqual([path, hostFinds(`${top}/${path}`)]);
      }),
      { numRuns: propertyRuns(150) },
    );
  });

  test('in some directories of it, and nothing of the others', () => {
    fc.assert(
      fc.property(tree, asked, fc.uniqueArray(plain, { maxLength: 3 }), (nodes, paths, opened) => {
        const { top } = make(nodes);
        const directories = opened
          .map((path) => join(top, path))
          .filter((path) => hostFinds(path)?.kind === 'directory')
          // A link to the host's root would make all of the host visible.
          .filter((path) => realpathSync.native(path) !== '/');
        const mounts = directories.map((host, i) => ({ at: `/include/${i}`, host }));
        const allowed = directories.map((path) => realpathSync.native(path));
        const volume = new Volume(hostTrees(mounts));
        for (const { at, host } of mounts)
          for (const path of paths) {
            const found = hostFinds(`${host}/${path}`);
            const expected = found && hidden(`${host}/${path}`, allowed) ? undefined : found;
            const seen = volumeFinds(volume, `${at}/${path}`);
            // A directory above a visible one can be passed through, and shows nothing else.
            if (seen?.kind === 'directory' && expected === undefined) {
              const real = realpathSync.native(`${host}/${path}`);
              expect(allowed.some((directory) => real === '/' || directory.startsWith(`${real}/`))).toBe(true);
              continue;
            }
            expect([`${host}/${path}`, seen]).toEqual([
              `${host}/${path}`,
              leadsOut(host, path, allowed) ? undefined : expected,
            ]);
          }
      }),
      { numRuns: propertyRuns(150) },
    );
  });
});

/**
 * Whether a path passes through a directory that is neither visible nor above a visible one, or through a link in a
 * directory that is not visible.
 */
function leadsOut(host: string, path: string, allowed: readonly string[]): boolean {
  const parts = path.split('/');
  return parts.some((_, i) => {
    if (i === 0) return false;
    const passed = `${host}/${parts.slice(0, i).join('/')}`;
    if (hostFinds(passed)?.kind !== 'directory') return false;
    if (lstatSync(`${passed}/${parts[i]}`, { throwIfNoEntry: false })?.isSymbolicLink() && hidden(passed, allowed))
      return true;
    const real = realpathSync.native(passed);
    return hidden(passed, allowed) && real !== '/' && !allowed.some((directory) => directory.startsWith(`${real}/`));
  });
}

test('a path that is resolved before it is used leads where it led', () => {
  fc.assert(
    fc.property(tree, path(7), (nodes, parts) => {
      const { top } = make(nodes);
      const path = parts.join('/').replace(/^\/+/, '');
      const resolved = nodeFiles.resolve(top, path);
      expect(resolved).not.toMatch(/\/\.{0,2}(\/|$)(?<!^\/)/);
      const there = hostFinds(`${top}/${path}`);
      // A path that ends in '/', '.' or '..' also requires a directory, which does not matter here.
      if (there || !/(^|\/)\.{0,2}$/.test(path)) expect(hostFinds(resolved)).toEqual(there);
    }),
    { numRuns: propertyRuns(300) },
  );
});

test.skipIf(!available('clang-22'))('includes are those of native clang', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(
      tree,
      fc.array(
        path(5).map((parts) => parts.join('/')),
        { minLength: 8, maxLength: 8 },
      ),
      (nodes, paths) => {
        const { top } = make(nodes);
        const wanted = paths.filter(
          (path) => path !== '' && !path.endsWith('/') && !hiddenFrom(top, path) && !isCircle(`${top}/${path}`),
        );
        const lines = wanted.map((path, i) => `#if __has_include("${path}")\nint found_${i};\n#endif`);
        writeFileSync(join(top, 'unit.c'), `${lines.join('\n')}\nint end;\n`);
        const declared = (assembly: string) => [...new Set(assembly.match(/\bfound_\d+/g))].sort();
        const native = run('clang-22', ['-E', '-P', 'unit.c'], top);
        const { outputs, diagnostics } = openCompiler(top).compile('unit.c', 'x86_64-unknown-linux-musl', [], ['asm']);
        expect(diagnostics).toBe('');
        expect(declared(Buffer.from(outputs?.asm ?? []).toString())).toEqual(declared(native));
      },
    ),
    { numRuns: propertyRuns(8) },
  );
});

/** Whether a path leads into a circle of links, which clang does not follow, native or not. */
function isCircle(path: string): boolean {
  try {
    statSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ELOOP';
  }
  return false;
}

/** Whether a path from the project leads to something outside of it, or passes through it. */
const hiddenFrom = (top: string, path: string) =>
  (hostFinds(`${top}/${path}`) !== undefined && hidden(`${top}/${path}`, [top])) || leadsOut(top, path, [top]);

test('a file has one place, however it is asked for, and is recorded by the names that it was asked for', () => {
  const root = realpathSync.native(project({ 'p/real/inc/q.h': 'q', 'p/real/sub/x': '', 'open/y.h': 'y' }));
  symlinkSync('real/sub', join(root, 'p/link'));
  symlinkSync('inc', join(root, 'p/real/also'));
  symlinkSync('../open', join(root, 'p/out'));
  const volume = new Volume(
    hostTrees([
      { at: PROJECT, host: join(root, 'p') },
      { at: '/include/0', host: join(root, 'open') },
    ]),
  );
  const place = '/src/real/inc/q.h';
  const names = {
    'link/../inc/q.h': place,
    'real/inc/q.h': place,
    'real/also/q.h': '/src/real/also/q.h',
    'real/sub/../inc//./q.h': place,
    'link/../also/q.h': place,
    'out/y.h': '/src/out/y.h',
    'out/../open/y.h': '/include/0/y.h',
  };
  for (const [path, name] of Object.entries(names)) {
    expect(volume.look(`/src/${path}`)).toBe('file');
    expect(volume.nameOf(`/src/${path}`)).toBe(name);
  }
  expect(volume.locate('/src/link/../also/q.h')).toBe(place);
  expect(volume.locate('/src/out/y.h')).toBe('/include/0/y.h');
  expect(volume.takeRead().sort()).toEqual([...new Set(Object.values(names))].sort());
  // A second look-up by the same paths reads nothing again; after the file is dropped, it is read again.
  for (const path of Object.keys(names)) volume.look(`/src/${path}`);
  expect(volume.takeRead()).toEqual([]);
  volume.drop('/src/link/../inc/q.h');
  expect(volume.look('/src/real/also/q.h')).toBe('file');
  expect(volume.takeRead()).toEqual(['/src/real/also/q.h']);
});

test.skipIf(process.platform !== 'linux')(
  'beside somebody who swaps a folder for a link no bytes from outside are read',
  { timeout: 60_000 },
  async () => {
    const root = realpathSync.native(project({ 'p/inc/v.h': 'inside', 'outside/v.h': 'outside' }));
    const swapper = await swapping(join(root, 'p/inc'), join(root, 'outside'));
    const seen = new Set<string | undefined>();
    for (const end = performance.now() + 8000; performance.now() < end; ) {
      const volume = new Volume(hostTrees([{ at: PROJECT, host: join(root, 'p') }]));
      try {
        seen.add(volumeFinds(volume, `${PROJECT}/inc/v.h`)?.bytes);
      } catch {} // the file has been replaced since the look-up, or is gone
    }
    await swapper.stop();
    // Both results occurred; otherwise the test would not have tested the race.
    expect(seen).toEqual(new Set(['inside', undefined]));
  },
);
