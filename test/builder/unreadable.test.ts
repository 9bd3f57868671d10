import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { art, project } from '../support/project.js';
import { unprivileged } from '../support/unprivileged.js';

const PACKAGE = { 'package.json': '{"name":"p","version":"1.0.0"}' };

test('an unreadable source is an error that names it as written', (context) => {
  const under = unprivileged(context);
  const cwd = project({ ...PACKAGE, 'src/a.c': 'int a;', 'src/secret.c': 'int s;' });
  chmodSync(join(cwd, 'src/secret.c'), 0);
  for (const [input, named] of [
    ['src/secret.c', 'src/secret.c'],
    ['./src', './src/secret.c'],
    [join(cwd, 'src'), join(cwd, 'src/secret.c')],
  ] as const) {
    const { status, stdout, stderr } = art(['build', 'src/a.c', input, '--json'], { cwd, under });
    expect(status).toBe(1);
    expect(JSON.parse(stdout).code).toBe('INPUT_UNREADABLE');
    expect(stderr).toContain(`art: error: cannot read '${named}' (EACCES`);
    expect(stderr).toContain('allow it to be read, or leave it out of the build');
  }
});

test('an unreadable folder, and a file below a closed one, are errors that name them', (context) => {
  const under = unprivileged(context);
  const cwd = project({ ...PACKAGE, 'src/a.c': 'int a;', 'src/closed/b.c': 'int b;' });
  chmodSync(join(cwd, 'src/closed'), 0);
  for (const [input, named] of [
    ['src', 'src/closed'],
    ['src/closed/b.c', 'src/closed/b.c'],
  ] as const) {
    const { status, stderr } = art(['build', input], { cwd, under });
    expect(status).toBe(1);
    expect(stderr).toContain(`art: error: cannot read '${named}' (EACCES`);
  }
  chmodSync(join(cwd, 'src/closed'), 0o755);
});

test('an unreadable header is a diagnostic of the unit that includes it', (context) => {
  const under = unprivileged(context);
  const cwd = project({ ...PACKAGE, 'a.c': '#include "closed.h"\nint a;\n', 'closed.h': '' });
  chmodSync(join(cwd, 'closed.h'), 0);
  const { status, stderr } = art(['build', 'a.c', '--target', 'x86_64'], { cwd, under });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^a\.c:1:10: (fatal )?error: .*closed\.h.*(Permission denied|permission denied)/m);
  expect(stderr).not.toContain('internal error');
});

test('a header that is a link to itself is not called closed', () => {
  const cwd = project({ ...PACKAGE, 'a.c': '#include "loop.h"\nint a;\n' });
  symlinkSync('loop.h', join(cwd, 'loop.h'));
  const { status, stderr } = art(['build', 'a.c', '--target', 'x86_64'], { cwd });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^a\.c:1:10: (fatal )?error: .*loop\.h/m);
  expect(stderr).not.toMatch(/permission denied/i);
});
