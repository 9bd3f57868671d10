// Limits on a unit or a command, and the messages when they are reached.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { art, type CliOptions, project, REPOSITORY } from '../support/project.js';
import { ENDLESS } from '../support/same.js';

const LARGE = '.data\nx: .zero 150000000\n';
/** An initialiser of a million elements, for which clang needs more than 64 MiB. */
const HUNGRY = `#define A 1,1,1,1,1,1,1,1,1,1,
#define B A A A A A A A A A A
#define C B B B B B B B B B B
#define D C C C C C C C C C C
#define E D D D D D D D D D D
#define F E E E E E E E E E E
char a[] = { F };
`;
const here = (env: Record<string, string> = {}) => ({ ART_NO_DAEMON: '1', ...env });
const cc = (args: string[], cwd: string, env?: Record<string, string>, options?: CliOptions) =>
  art(['cc', ...args], { cwd, env: here(env), ...options });

describe('memory', () => {
  test.each([
    ['what a unit writes', 'a.s', LARGE],
    ['what the compiler takes', 'a.c', HUNGRY],
  ])('%s has a limit, of a build as of a command', (_, name, source) => {
    const cwd = project({ 'package.json': '{}', [name]: source });
    const built = art(['build', name, '--out', 'out', '--target', 'x86_64', '--max-memory', '64M'], { cwd });
    expect(built.status).toBe(1);
    expect(built.stderr).toMatch(
      new RegExp(
        `^art: error: clang was stopped on ${name} for x86_64\\S+: it needs more than 64 MiB of memory: raise --max-memory`,
        'm',
      ),
    );
    const made = cc(['-c', name, '-o', 'a.o'], cwd, { ART_MAX_MEMORY: '64M' });
    expect(made.status).toBe(1);
    expect(made.stderr).toMatch(/^clang: error: the program was stopped: it needs more than 64 MiB .*ART_MAX_MEMORY/m);
    expect(readdirSync(cwd).sort()).toEqual([name, 'package.json'].sort());
  });

  test('a link has one', () => {
    const cwd = project({
      'a.s': '.globl _start\n_start: ret\n',
      'b.ld': 'SECTIONS { .x : { *(.text) . += 100000000; BYTE(1) } }\n',
    });
    expect(cc(['-c', 'a.s'], cwd).stderr).toBe('');
    const link = (...args: string[]) => art(['link', 'a.o', '-nostdlib', '-T', 'b.ld', '-o', 'a', ...args], { cwd });
    const { status, stderr } = link('--max-memory', '64M');
    expect(status).toBe(1);
    expect(stderr).toMatch(/it needs more than 64 MiB of memory: raise --max-memory/);
    expect(existsSync(join(cwd, 'a'))).toBe(false);
    expect(link('--max-memory', '1G')).toMatchObject({ status: 0, stderr: '' });
  });

  test.each([['63M'], ['5G'], ['1.5G'], ['much']])('%s is none', (value) => {
    const cwd = project({ 'package.json': '{}', 'a.c': 'int a;\n' });
    expect(art(['build', 'a.c', '--max-memory', value], { cwd }).status).toBe(2);
    expect(art(['link', 'a.o', '-o', 'a', '--max-memory', value], { cwd }).status).toBe(2);
    const { status, stderr } = cc(['-c', 'a.c'], cwd, { ART_MAX_MEMORY: value });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `art: error: ART_MAX_MEMORY is '${value}': expected whole bytes, from 67108864 (64M) to 4294967296 (4G)\n`,
    });
  });
});

test('a command that takes longer than ART_TIMEOUT is stopped', () => {
  const cwd = project({ 'a.cpp': ENDLESS });
  expect(cc(['-c', 'a.cpp'], cwd, { ART_TIMEOUT: '2' })).toEqual({
    status: 1,
    stdout: '',
    stderr:
      "art: error: 'clang' was not done after 2 s: raise --timeout (ART_TIMEOUT for art cc), or simplify its input\n",
  });
  expect(cc(['-c', 'a.cpp'], cwd, { ART_TIMEOUT: 'soon' }).stderr).toMatch(
    /^art: error: ART_TIMEOUT is 'soon': expected/,
  );
});

describe('what nests too deeply says so', () => {
  const DEEP = 50_000;
  const nested = (open: string, inner: string, close: string) => open.repeat(DEEP) + inner + close.repeat(DEEP);
  const UNITS = {
    'parens.c': `int x = ${nested('(', '1', ')')};\n`,
    'braces.c': `void f(void) ${nested('{', '', '}')}\n`,
    'sum.c': `int f(int x) { return ${'x + '.repeat(DEEP)}x; }\n`,
    'templates.cpp': `template <class T> struct A {};\n${nested('A<', 'int', '>')} x;\n`,
    'constant.ll': `@x = global i64 ${nested('add (i64 1, i64 ', 'ptrtoint (ptr @x to i64)', ')')}\n`,
    'expression.s': `.data\n.long ${nested('(', '1', ')')}\n`,
  };

  test('units of every kind', () => {
    const cwd = project({ 'package.json': '{}', ...UNITS });
    const { status, stdout, stderr } = art(['build', '.', '--out', 'out', '--target', 'x86_64', '--json'], { cwd });
    expect(status).toBe(1);
    const { failures } = JSON.parse(stdout) as { failures: { unit: string; kind: string }[] };
    expect(failures.map(({ unit }) => unit)).toEqual(Object.keys(UNITS).sort());
    expect(failures.filter(({ kind }) => kind !== 'diagnosed')).toEqual([]);
    for (const unit of Object.keys(UNITS))
      expect(stderr).toMatch(
        new RegExp(
          `^${unit}(:\\d+:\\d+: fatal error: bracket nesting level exceeded|: error: this nests too deeply for)`,
          'm',
        ),
      );
    expect(stderr).not.toMatch(/crashed|out of bounds|call stack/);
  });

  test('#if, as deep as it likes', () => {
    const cwd = project({ 'a.c': `${nested('#if 1\n', '', '#endif\n')}int a;\n` });
    expect(cc(['-c', 'a.c'], cwd)).toMatchObject({ status: 0, stderr: '' });
  });

  test('scripts of the linker', () => {
    const cwd = project({ 'a.c': 'void _start(void) {}\n', 'a.ld': `x = ${nested('(', '1', ')')};\n` });
    const { status, stderr } = cc(['-nostdlib', 'a.c', '-T', 'a.ld', '-o', 'a'], cwd);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^ld\.lld: error: this nests too deeply for the stack that art has/);
  });
});

test('too few file descriptors are named', () => {
  const cwd = project({ 'package.json': '{}', 'a.c': 'int a;\n' });
  const under = ['sh', '-c', 'ulimit -n 24; exec "$@"', 'sh'];
  for (const args of [['build', 'a.c', '--out', 'out'], ['cc', '-c', 'a.c'], ['--version']]) {
    const { status, stderr } = art(args, { cwd, env: here(), under });
    expect(stderr).toMatch(/^art: error: this process may open too few files at once: [^\n]*\n$/);
    expect(status).toBe(1);
  }
});

test.each([
  ['--input-type=module'],
  ['--input-type=module', '--import', 'data:text/javascript,'],
  ['--input-type=module', '--test-only'],
])('the library works in a process with node %s', (...flags) => {
  const cwd = project({ 'package.json': '{}', 'a.c': 'int a;\n' });
  const library = pathToFileURL(join(REPOSITORY, 'dist/index.js')).href;
  const script = `import { build } from '${library}';\nconsole.log((await build({ inputs: ['a.c'], targets: ['x86_64'] })).units);`;
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '-e', script], { cwd, encoding: 'utf8' });
  expect({ stdout, stderr, status }).toEqual({ stdout: '1\n', stderr: '', status: 0 });
});

test.each([
  ['nm: error: dir: Is a directory\n', ['nm', 'dir']],
  ["ar: error: unable to open 'dir': Is a directory\n", ['ar', 't', 'dir']],
  ["ranlib: error: unable to open 'dir': Is a directory\n", ['ranlib', 'dir']],
  ["strip: error: 'dir': Is a directory\n", ['strip', 'dir']],
  ["objcopy: error: 'dir': Is a directory\n", ['objcopy', 'dir', 'x']],
])('a folder where a file belongs: %s', (line, args) => {
  const cwd = project({ 'dir/x': '' });
  expect(art(args, { cwd, env: here() })).toEqual({ status: 1, stdout: '', stderr: line });
});

test('names of symbols do not steer a terminal', (context) => {
  if (spawnSync('script', ['--version']).status !== 0)
    context.skip("no pseudo-terminal: util-linux's script is missing");
  const cwd = project({ 'a.s': '.globl "a\u001b]0;title\u0007b"\n"a\u001b]0;title\u0007b":\n' });
  expect(cc(['-c', 'a.s'], cwd).stderr).toBe('');
  // If the output is not a terminal, control characters are printed unchanged.
  expect(art(['nm', 'a.o'], { cwd, env: here() }).stdout).toContain('a\u001b]0;title\u0007b');
  const command = `'${process.execPath}' '${join(REPOSITORY, 'dist/cli/main.js')}' nm a.o`;
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...here() },
  });
  expect(stdout).toContain('a\\u{1b}]0;title\\u{7}b');
  expect(stdout).not.toContain('\u001b');
});
