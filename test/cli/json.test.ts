import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { art, project } from '../support/project.js';

const SOURCES = {
  'package.json': '{"name":"p","version":"1.0.0"}',
  'a.c': '#warning here\nint a;\n',
};

test('--json prints one object, and nothing else, where the build succeeds', () => {
  const cwd = project(SOURCES);
  const { status, stdout, stderr } = art(['build', 'a.c', '--out', 'out', '--json'], { cwd });
  expect(status).toBe(0);
  const result = JSON.parse(stdout);
  expect(Object.keys(result)).toEqual(['ok', 'out', 'units', 'warnings', 'manifest']);
  expect(result).toMatchObject({ ok: true, out: 'out', units: 1, warnings: [] });
  expect(result.manifest).toEqual(JSON.parse(readFileSync(join(cwd, 'out/artifact.json'), 'utf8')));
  // Diagnostics still go to standard error, without progress.
  expect(stderr).toMatch(/^a\.c:1:2: warning: here/);
  expect(stderr).not.toMatch(/\[1\/2\]/);
});

test('--json says which units failed, for which target, with their diagnostics', () => {
  const cwd = project({ ...SOURCES, 'b.c': 'int b(void) { return }' });
  const { status, stdout } = art(['build', '.', '--out', 'out', '--json', '--target', 'x86_64'], { cwd });
  expect(status).toBe(1);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ ok: false, code: 'COMPILE_FAILED', message: '1 unit did not compile: b.c' });
  expect(result.failures).toEqual([
    {
      unit: 'b.c',
      target: 'x86_64-unknown-linux-musl',
      kind: 'diagnosed',
      program: 'clang',
      message: 'b.c does not compile for x86_64-unknown-linux-musl',
    },
  ]);
  const texts = Object.fromEntries(result.diagnostics.map((d: { unit: string; text: string }) => [d.unit, d.text]));
  expect(texts['a.c']).toMatch(/^a\.c:1:2: warning: here/);
  expect(texts['b.c']).toMatch(/^b\.c:1:\d+: error: expected expression/);
});

test.each([
  [['build', 'nowhere.c'], 1, 'INPUT_NOT_FOUND'],
  [['build'], 2, 'NO_INPUT'],
  [['build', 'a.c', '--target', 'vax'], 2, 'UNKNOWN_TARGET'],
  [['build', 'a.c', '--bogus'], 2, 'UNKNOWN_OPTION'],
  [['build', 'a.c', '--jobs', 'x'], 2, 'INVALID_OPTION'],
  [['build', 'a.c', '-flto'], 2, 'UNSUPPORTED_FLAG'],
  [['build', 'a.c', '--out', 'a.c'], 1, 'OUTPUT_NOT_WRITABLE'],
])('art %j --json exits with %i and says %s in one object', (args, status, code) => {
  const result = art([...args, '--json'], { cwd: project(SOURCES) });
  expect(result.status).toBe(status);
  const json = JSON.parse(result.stdout);
  expect(json).toMatchObject({ ok: false, code, message: expect.any(String) });
  expect(result.stderr).toBe(`art: error: ${json.message}\n`);
});

test('--quiet prints diagnostics and errors only', () => {
  const cwd = project({ ...SOURCES, 'clean.c': 'int c;', 'broken.c': 'int' });
  expect(art(['build', 'clean.c', '--out', 'out', '--quiet'], { cwd })).toEqual({ status: 0, stdout: '', stderr: '' });
  const warned = art(['build', 'a.c', '--out', 'out', '--quiet'], { cwd });
  expect([warned.status, warned.stdout]).toEqual([0, '']);
  expect(warned.stderr).toMatch(/^a\.c:1:2: warning: here/);
  const failed = art(['build', 'broken.c', '--out', 'out', '--quiet'], { cwd });
  expect([failed.status, failed.stdout]).toEqual([1, '']);
  expect(failed.stderr).toMatch(/^broken\.c:.*error: .*art: error: 1 unit did not compile: broken\.c\n$/s);
});

test('without either: plain lines while it works, then the entries and the two digests', () => {
  const cwd = project({ ...SOURCES, 'a.c': 'int a;' });
  const { status, stdout, stderr } = art(['build', 'a.c', '--out', 'out'], { cwd, env: { CI: 'true' } });
  expect(status).toBe(0);
  expect(stderr).toMatch(
    /^p-1\.0\.0: 1 unit for aarch64-unknown-linux-musl, x86_64-unknown-linux-musl\n\[1\/2\] a\.c \((aarch64|x86_64)\)\n\[2\/2\] a\.c \((aarch64|x86_64)\)\n$/,
  );
  const { archive } = JSON.parse(readFileSync(join(cwd, 'out/artifact.json'), 'utf8'));
  expect(stdout).toMatch(/^ {2}bitcode\/aarch64-unknown-linux-musl\/a\.c\.bc +bitcode +\d/);
  expect(stdout).toContain(`sha256 of the archive  ${archive.sha256}\n`);
  expect(stdout).toContain(`sha256 of its tar      ${archive.tar_sha256}\n`);
  expect(stdout).toMatch(/out\/artifact\.json\n4 entries in \d+\.\d s\n$/);
});

test('--json has no colours in it, whatever the terminal shows', () => {
  const cwd = project({ 'package.json': '{}', 'a.c': 'int a(void) { return }\n' });
  const { stdout } = art(['build', 'a.c', '--target', 'x86_64', '--json'], { cwd, env: { FORCE_COLOR: '1' } });
  expect(JSON.parse(stdout).diagnostics[0].text).toMatch(/^a\.c:1:\d+: error: expected expression/);
  expect(JSON.stringify(JSON.parse(stdout))).not.toContain(String.raw`\u001b`);
});
