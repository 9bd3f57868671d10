import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, type TestContext, test } from 'vitest';
import { terminal } from '../../src/cli/terminal.js';
import { art, project, REPOSITORY } from '../support/project.js';

const BROKEN = { 'package.json': '{"name":"p"}', 'a.c': 'int a(void) { return }\n' };
const SOUND = {
  'package.json': '{"name":"p","version":"1.0.0"}',
  'one.c': 'int a;\n',
  'two.c': '#warning careful\nint b;\n',
};
const ESC = '\u001b';

test('colours: never in a pipe, unless FORCE_COLOR asks, and NO_COLOR has the last word', () => {
  const cwd = project(BROKEN);
  const coloured = (env: Record<string, string>) =>
    art(['build', 'a.c', '--target', 'x86_64'], { cwd, env }).stderr.includes(`${ESC}[`);
  expect(coloured({})).toBe(false);
  expect(coloured({ FORCE_COLOR: '1' })).toBe(true);
  expect(coloured({ FORCE_COLOR: '0' })).toBe(false);
  expect(coloured({ FORCE_COLOR: '' })).toBe(false);
  expect(coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
});

test('coloured diagnostics show the same paths as plain ones', () => {
  const cwd = project({ 'p/package.json': '{}', 'p/src/a.c': 'int a(void) { return }\n' });
  const { stderr } = art(['build', './p/src/a.c', '--target', 'x86_64'], { cwd, env: { FORCE_COLOR: '1' } });
  expect(stderr).toContain('./p/src/a.c:1:');
  expect(stderr).not.toMatch(/m(\/src\/)?src\/a\.c/);
});

/** Runs `art` on a pseudo-terminal of 60 columns, and returns everything that it printed. */
function onTerminal(context: TestContext, cwd: string, args: string[], env: Record<string, string> = {}): string {
  if (spawnSync('script', ['--version']).status !== 0)
    context.skip("no pseudo-terminal: util-linux's script is missing");
  const quoted = [process.execPath, join(REPOSITORY, 'dist/cli/main.js'), ...args].map((arg) => `'${arg}'`).join(' ');
  const { CI: _, FORCE_COLOR: __, NO_COLOR: ___, ...own } = process.env;
  const { stdout } = spawnSync('script', ['-qec', `stty cols 60; ${quoted}`, '/dev/null'], {
    cwd,
    env: { ...own, TERM: 'xterm', ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return stdout;
}

/** The text that a user sees at the end, after carriage returns and erased lines. */
function visible(drawn: string): string {
  return drawn
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf(`${ESC}[2K`) + 1).replace(/^\[2K/, ''))
    .join('\n');
}

test('on a terminal, progress is drawn with the unit in work and a count, and erased', (context) => {
  const drawn = onTerminal(context, project(SOUND), ['build', '.', '--out', 'out', '--jobs', '1']);
  const lines = drawn.split(`\r${ESC}[2K`);
  for (const done of [0, 1, 2, 3])
    expect(lines).toContainEqual(
      expect.stringMatching(new RegExp(`^\\[${done}/4\\] .*(one|two)\\.c \\((x86_64|aarch64)\\)`)),
    );
  const seen = visible(drawn);
  expect(seen).not.toMatch(/\[\d\/4\]/);
  expect(seen).toMatch(/^p-1\.0\.0: 2 units for /);
  expect(stripVTControlCharacters(seen)).toMatch(/^two\.c:1:2: warning: careful/m);
  expect(seen).toMatch(/^8 entries in \d+\.\d s$/m);
});

test('progress never fills a line, or the terminal would wrap it', (context) => {
  const long = `${'long-name-'.repeat(12)}.c`;
  const drawn = onTerminal(context, project({ ...SOUND, [long]: 'int c;\n' }), ['build', '.', '--out', 'out']);
  const lines = drawn.split(`\r${ESC}[2K`).filter((line) => line.startsWith('['));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect((line.split(/[\r\n]/)[0] as string).length).toBeLessThan(60);
});

test('in CI, with TERM=dumb, and with --quiet, nothing is drawn', (context) => {
  const cwd = project({ ...SOUND, 'two.c': 'int b;\n' });
  const args = ['build', '.', '--out', 'out', '--target', 'x86_64'];
  expect(onTerminal(context, cwd, args, { CI: 'true' })).not.toContain(`${ESC}[2K`);
  expect(onTerminal(context, cwd, args, { TERM: 'dumb' })).not.toContain(ESC);
  expect(onTerminal(context, cwd, [...args, '--quiet'])).toBe('');
});

test('a terminal that says it has no columns counts as one of 80', () => {
  const stream = { isTTY: true, columns: 0 } as NodeJS.WriteStream;
  expect(terminal(stream).columns).toBe(80);
});

test('a terminal shows the largest entries of a build that has more than a screenful, and a pipe all', (context) => {
  const sources = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.s`, `.fill ${i * 1000}, 1, 0\n`]));
  const cwd = project({ 'package.json': SOUND['package.json'], ...sources });
  const build = ['build', '.', '--out', 'out', '--target', 'x86_64', '--emit', 'object'];
  const shown = visible(onTerminal(context, cwd, build)).split('\n');
  const entries = shown.filter((line) => /^ {2}objects\//.test(line)).map((line) => line.trim().split(/\s+/)[0]);
  expect(entries).toEqual(Array.from({ length: 15 }, (_, i) => `objects/x86_64-unknown-linux-musl/${19 - i}.s.o`));
  expect(shown.join('\n')).toContain('\n  and 5 smaller ones: art inspect "out" lists all\n');
  // Everything from the first entry on fits on the screen, together with the prompt.
  expect(shown.length - shown.findIndex((line) => line.startsWith('  objects/'))).toBeLessThanOrEqual(24);
  const { stdout } = art(build, { cwd });
  expect(stdout.match(/^ {2}objects\//gm)).toHaveLength(20);
});
