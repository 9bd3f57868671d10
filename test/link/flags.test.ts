// The command line of `art link`: its options, the order in which the linker gets them, and the options that it
// refuses. Also linker flags in `art build --link`.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { link } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { art, project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { ok } = commands();
const cwd = scratch();
const FILES = ['libboth.a', 'libone.a', 'libshared.so', 'main.o', 'one.o', 'two.o'];

beforeAll(() => {
  const compile = (name: string, input: string) =>
    ok(['cc', '-O1', '-fPIC', '-c', '-x', 'c', '-', '-o', name], { cwd, input });
  compile('main.o', 'int one(void);\nint main(void) { return one(); }\n');
  compile('one.o', 'int one(void) { return 1; }\n');
  // No symbol of it is used, so it is in the program only if the whole archive is linked.
  compile(
    'two.o',
    '#include <stdlib.h>\n__attribute__((constructor)) static void two(void) { _Exit(2); }\nint unused_two;\n',
  );
  ok(['ar', 'rc', 'libone.a', 'one.o'], { cwd });
  ok(['ar', 'rc', 'libboth.a', 'one.o', 'two.o'], { cwd });
  ok(['cc', '-shared', 'one.o', '-o', 'libshared.so'], { cwd });
});

function linked(...words: string[]): number | null {
  expect(art(['link', '--quiet', '-o', 'program', ...words], { cwd })).toEqual({ status: 0, stdout: '', stderr: '' });
  return spawnSync(join(cwd, 'program')).status;
}

test('flags hold from where they stand', async () => {
  const whole = ['-Wl,--whole-archive', 'libboth.a', '-Wl,--no-whole-archive'];
  expect(linked('main.o', 'libboth.a')).toBe(1);
  expect(linked('main.o', ...whole)).toBe(2);
  expect(linked('main.o', '--', '-Wl,--whole-archive', '-L.', '-lboth')).toBe(2);
  expect(linked('-Xlinker', '--whole-archive', '-L', '.', '-l', 'both', 'main.o')).toBe(2);
  await link({ inputs: ['main.o', ...whole], output: 'by-api', cwd });
  expect(spawnSync(join(cwd, 'by-api')).status).toBe(2);
});

test('-o joined, response files, and options of the linker as people write them', () => {
  const folder = project(Object.fromEntries(FILES.map((name) => [name, readFileSync(join(cwd, name))])));
  const run = (...words: string[]) =>
    expect(art(['link', '--quiet', ...words], { cwd: folder })).toEqual({ status: 0, stdout: '', stderr: '' });
  run('main.o', 'one.o', '-ojoined');
  expect(spawnSync(join(folder, 'joined')).status).toBe(1);
  ok(['cc', '-E', '-x', 'c', '-P', '-', '-o', 'words.rsp'], { cwd: folder, input: 'main.o "one.o" -o from_file\n' });
  run('@words.rsp');
  expect(spawnSync(join(folder, 'from_file')).status).toBe(1);
  run('--shared', 'one.o', '-soname', 'libone.so.1', '-rpath', '/some/where', '-o', 'libone.so');
  expect(readFileSync(join(folder, 'libone.so'), 'latin1')).toMatch(/\0libone\.so\.1\0/);
  expect(readFileSync(join(folder, 'libone.so'), 'latin1')).toMatch(/\0\/some\/where\0/);
  run('main.o', '-L.', '-lshared', '-o', 'loads');
  expect(readFileSync(join(folder, 'loads'), 'latin1')).toMatch(/\0libshared\.so\0/);
});

test('--json says what went wrong', () => {
  const failed = art(['link', '--json', 'main.o', '-o', 'program'], { cwd });
  expect(failed.status).toBe(1);
  expect(JSON.parse(failed.stdout)).toMatchObject({
    ok: false,
    code: 'LINK_FAILED',
    diagnostics: [{ unit: 'program', text: expect.stringContaining('undefined symbol: one') }],
  });
  const misused = art(['link', '--json', 'none.o', '-o', 'program'], { cwd });
  expect(JSON.parse(misused.stdout)).toMatchObject({ ok: false, code: 'INPUT_NOT_FOUND', diagnostics: [] });
});

test.each([
  [['a.c'], /'a\.c' is a source: compile it with art cc -c or art build/],
  [['-pie', 'main.o'], /'-pie' cannot be used to link: .*--static-pie/],
  [['@none.rsp', 'main.o'], /'@none\.rsp' cannot be used to link/],
  [['--archive', 'one.o', '-lz'], /flags of the linker have no effect on an archive: leave out '-lz'/],
  [['main.o', '-l'], /the flag '-l' needs a value after it/],
])('%j is refused by name', (words, message) => {
  const { status, stdout, stderr } = art(['link', '-o', 'refused', ...words], { cwd });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(readdirSync(cwd)).not.toContain('refused');
});

describe('art build --link', () => {
  const MAIN = { 'main.c': 'int unused(void) { return 1; }\nint main(void) { return 0; }\n' };
  const build = (folder: string, ...flags: string[]) =>
    art(['build', '--quiet', '--target', 'x86_64', '--link', 'program', 'main.c', '--', ...flags], { cwd: folder });

  test.each(['-Wl,-Map,x.map', '-Wl,--Map=x.map', '-Wl,--time-trace', '-Wl,--gc-sections,--reproduce=x.tar'])(
    '%s would write a file: it is refused before anything is compiled',
    (flag) => {
      const folder = project(MAIN);
      const { status, stderr } = build(folder, flag);
      expect(status).toBe(2);
      expect(stderr).toMatch(/the linker's flag '--?(Map|time-trace|reproduce).*' writes a file, .*art link/);
      expect(readdirSync(folder)).toEqual(['main.c']);
    },
  );

  test('what the linker prints is shown', () => {
    const { status, stderr } = build(
      project(MAIN),
      '-ffunction-sections',
      '-Wl,--gc-sections',
      '-Wl,--print-gc-sections',
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/removing unused section .*main\.c\.o:\(\.text\.unused\)/);
  });
});
