import { symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { art, manifestOf, project } from '../support/project.js';

const PACKAGE = { 'p/package.json': '{"name":"p","version":"1.0.0"}' };
const SECRET = { 'secret/art-secret.h': '#define SECRET 42\n' };

function builds(root: string, ...flags: string[]) {
  return art(['build', 'p', '--out', 'out', '--target', 'x86_64', ...flags], { cwd: root });
}

function expectHidden(result: ReturnType<typeof builds>, file: string) {
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(/fatal error: '.*art-secret\.h' file not found/);
  // Where its folder is outside too, clang does not get as far as the file.
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
