import { mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BuildFailedError, build } from 'art-aot';
import { expect, test } from 'vitest';
import { art, manifestOf, project, unpack } from '../support/project.js';
import { swapping } from '../support/swapper.js';

const PACKAGE = { 'p/package.json': '{"name":"p","version":"1.0.0"}' };
const SECRET = { 'secret/art-secret.h': '#define SECRET 42\n' };

function builds(root: string, ...flags: string[]) {
  return art(['build', 'p', '--out', 'out', '--target', 'x86_64', ...flags], { cwd: root });
}

function expectHidden(result: ReturnType<typeof builds>, file: string) {
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(/fatal error: '.*art-secret\.h' file not found/);
  // If the header's folder is outside too, clang looks only for the folder, and the note names that.
  const notes = [...result.stderr.matchAll(/^p\/.*: note: '(.*)' .*outside the project directory.* -I/gm)];
  expect(notes).not.toHaveLength(0);
  for (const [, path] of notes) expect([file, dirname(file)]).toContain(path);
}

test("'..' does not lead out of the project", () => {
  const root = project({
    ...PACKAGE,
    ...SECRET,
    'p/src/a.c': '#include "../../secret/art-secret.h"\nint a = SECRET;\n',
  });
  expectHidden(builds(root), join(root, 'secret/art-secret.h'));
});

test('an absolute path does not lead out of the project', () => {
  const root = project({ ...PACKAGE, ...SECRET });
  const secret = join(root, 'secret/art-secret.h');
  const source = project({ ...PACKAGE, 'p/a.c': `#include "${secret}"\nint a = SECRET;\n` });
  expectHidden(builds(source), secret);
});

test.each(['file', 'folder'])('a link in the project to a %s outside does not lead there', (kind) => {
  const include = kind === 'file' ? 'art-secret.h' : 'linked/art-secret.h';
  const root = project({ ...PACKAGE, ...SECRET, 'p/a.c': `#include "${include}"\nint a = SECRET;\n` });
  if (kind === 'file') symlinkSync('../secret/art-secret.h', join(root, 'p/art-secret.h'));
  else symlinkSync('../secret', join(root, 'p/linked'));
  expectHidden(builds(root), join(root, 'p', include));
});

test('__has_include and #embed see no more than #include', () => {
  const root = project({
    ...PACKAGE,
    ...SECRET,
    'p/a.c': '#if __has_include("../secret/art-secret.h")\n#error seen\n#endif\nint a;\n',
    'p/b.c': 'char b[] = {\n#embed "../secret/art-secret.h"\n};\n',
    'p/c.c': '__asm__(".incbin \\"../secret/art-secret.h\\"");\n',
  });
  const { stderr } = builds(root, '-std=c23');
  expect(stderr).not.toContain('#error seen');
  expect(stderr).toMatch(/b\.c:2:\d+: fatal error: '\.\.\/secret\/art-secret\.h' file not found/);
  expect(stderr).toMatch(/error: Could not find incbin file '\.\.\/secret\/art-secret\.h'/);
  expect(stderr).toContain('2 units did not compile: p/b.c, p/c.c');
});

test('a folder that -I names is open, its files are recorded, and its neighbours are not open', () => {
  const root = project({
    ...PACKAGE,
    'secret/open/art-open.h': '#define OPEN 1\n',
    'secret/closed/art-secret.h': '#define SECRET 1\n',
    'p/a.c': '#include "art-open.h"\nint a = OPEN;\n',
    'p/b.c': '#if __has_include("../closed/art-secret.h")\n#error seen\n#endif\nint b;\n',
  });
  for (const flag of ['-Isecret/open', `-I${join(root, 'secret/open')}`, '-isystemsecret/open']) {
    const result = builds(root, flag);
    expect(result.stderr).not.toContain('error');
    expect(result.status).toBe(0);
    const { provenance } = manifestOf(join(root, 'out')) as unknown as {
      provenance: { flags: string[]; sources: { path: string }[] };
    };
    expect(provenance.sources.map((s) => s.path)).toEqual(['/include/0/art-open.h', 'a.c', 'b.c']);
    expect(JSON.stringify(provenance)).not.toContain(root);
  }
});

test('-include may name a file in another folder, and only opens that folder', () => {
  const root = project({ ...PACKAGE, ...SECRET, 'p/a.c': 'int a = SECRET;\n' });
  expect(builds(root, '-include', 'secret/art-secret.h').status).toBe(0);
});

test('a missing -I folder is nothing to look in, as for clang', () => {
  const root = project({ ...PACKAGE, 'p/a.c': 'int a;\n' });
  expect(builds(root, '-I', 'nowhere', '-I/no/such/folder').status).toBe(0);
});

test('headers of the host are not there', () => {
  const root = project({ ...PACKAGE, 'p/a.c': '#include "/usr/include/stdio.h"\n' });
  expect(builds(root).stderr).toMatch(/fatal error: '\/usr\/include\/stdio\.h' file not found/);
});

/** The paths that provenance records. */
const recorded = (artifact: string) =>
  (manifestOf(artifact) as unknown as { provenance: { sources: { path: string }[] } }).provenance.sources.map(
    ({ path }) => path,
  );
const ir = (artifact: string, source: string) =>
  readFileSync(join(unpack(artifact), `ir/x86_64-unknown-linux-musl/${source}.ll`), 'utf8');

/** Builds and rebuilds, and returns the paths that were recorded. */
function buildsAgain(root: string, args: string[], rebuild: string[]): string[] {
  const made = art(['build', ...args, '--out', 'out', '--target', 'x86_64', '--emit', 'ir,object'], { cwd: root });
  expect(made).toMatchObject({ status: 0, stderr: expect.not.stringContaining('warning') });
  expect(art(['rebuild', 'out', ...rebuild], { cwd: root })).toMatchObject({ status: 0 });
  return recorded(join(root, 'out'));
}

/** Two folders of the same name: one beside the target of a link, and one beside the link. */
const TWO = { 'p/package.json': '{}', 'p/real/sub/x': '', 'p/real/inc/q.h': 'int one;\n', 'p/inc/q.h': 'int two;\n' };

test("'..' after a link leads up from where the link leads, in flags and in sources", () => {
  const root = project({
    ...TWO,
    'p/s/flag.c': '#include "q.h"\n',
    'p/s/source.c': '#include "../link/../inc/q.h"\n',
    'p/s/wrong.c': '#include "q.h"\n#include "../link/../inc/bad.h"\n',
    'p/real/inc/bad.h': '#error bad\n',
  });
  symlinkSync('real/sub', join(root, 'p/link'));
  const sources = buildsAgain(root, ['p/s/flag.c', 'p/s/source.c', '-Ip/link/../inc'], ['--sources', 'p']);
  expect(sources).toEqual(['real/inc/q.h', 's/flag.c', 's/source.c']);
  for (const source of ['s/flag.c', 's/source.c']) {
    expect(ir(join(root, 'out'), source)).toContain('@one');
    expect(ir(join(root, 'out'), source)).not.toContain('@two');
  }
  const { stderr } = builds(root, '-Ip/link/../inc');
  expect(stderr).toMatch(/^p\/s\/\.\.\/link\/\.\.\/inc\/bad\.h:1:2: error: bad$/m);
});

test("an input, and the sources of a rebuild, with '..' after a link", () => {
  const root = project({ ...TWO, 'p/real/s/a.c': '#include "../inc/q.h"\n', 'p/s/a.c': '#error another\n' });
  symlinkSync('real/sub', join(root, 'p/link'));
  for (const input of ['p/link/../s/a.c', 'p/link/../s', 'p/link/../s/*.c'])
    expect(buildsAgain(root, [input], ['--sources', 'p/link/../../../p'])).toEqual(['real/inc/q.h', 'real/s/a.c']);
});

test('a package that a link brings finds its neighbours, and is read once', () => {
  const store = 'node_modules/.pnpm/foo@1/node_modules';
  const root = project({
    'package.json': '{"name":"user"}',
    'a.c': '#include "node_modules/foo/foo.h"\n#include "other.h"\n',
    'other.h': `#include "${store}/foo/foo.h"\n`,
    [`${store}/foo/foo.h`]: '#pragma once\n#include "../bar/bar.h"\nint foo = BAR;\n',
    'node_modules/.pnpm/bar@2/node_modules/bar/bar.h': '#define BAR 2\n',
  });
  symlinkSync('.pnpm/foo@1/node_modules/foo', join(root, 'node_modules/foo'));
  symlinkSync('../../bar@2/node_modules/bar', join(root, store, 'bar'));
  expect(buildsAgain(root, ['a.c'], [])).toEqual([
    'a.c',
    'node_modules/.pnpm/bar@2/node_modules/bar/bar.h',
    `${store}/foo/foo.h`,
    'node_modules/foo/foo.h',
    'other.h',
  ]);
});

test("'..' leads from one open folder to another, and to nothing between them", () => {
  const root = project({
    ...PACKAGE,
    'lib/inc/a.h': '#include "../src/b.h"\n#if __has_include("../secret/c.h")\n#error seen\n#endif\n',
    'lib/src/b.h': 'int b;\n',
    'lib/secret/c.h': '',
    'p/a.c': '#include "a.h"\n',
  });
  const flags = ['-Ilib/inc', '-Ilib/src'];
  const include = ['--include', 'lib/inc', '--include', 'lib/src'];
  expect(buildsAgain(root, ['p', ...flags], ['--sources', 'p', ...include])).toEqual([
    '/include/0/a.h',
    '/include/1/b.h',
    'a.c',
  ]);
});

test("a folder that is not there is none, also before '..'", () => {
  const root = project({ ...TWO, 'p/a.c': '#if __has_include("q.h")\n#error seen\n#endif\nint a;\n' });
  expect(builds(root, '-Ip/nowhere/../inc').status).toBe(0);
});

test.skipIf(process.platform !== 'linux')(
  'beside somebody who swaps a folder for a link no build reads what is outside',
  { timeout: 60_000 },
  async () => {
    const root = realpathSync(
      project({
        ...PACKAGE,
        'p/a.c': '#include "inc/v.h"\n',
        'p/inc/v.h': 'int inside;\n',
        'outside/v.h': 'int outside;\n',
      }),
    );
    mkdirSync(join(root, 'out'));
    const swapper = await swapping(join(root, 'p/inc'), join(root, 'outside'));
    const options = { inputs: ['p/a.c'], cwd: root, out: 'out', targets: ['x86_64'], emit: ['ir' as const], jobs: 1 };
    for (const end = performance.now() + 10_000; performance.now() < end; )
      await build(options).then(
        () => expect(ir(join(root, 'out'), 'a.c')).not.toContain('@outside'),
        (error) => expect(error).toBeInstanceOf(BuildFailedError),
      );
    await swapper.stop();
  },
);
