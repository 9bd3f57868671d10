// `art cc` as a compiler, with the command lines that build systems use.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { available } from '../support/native.js';
import { project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { run, ok } = commands();
const ANSWER = 'int answer(void) { return ANSWER; }\n';
const files = (cwd: string) => readdirSync(cwd).sort();

test('-c names the object after the source, beside where one stands; -o names it', () => {
  const cwd = project({ 'sub/a.c': 'int a;\n', 'b.c': 'int b;\n' });
  ok(['cc', '-c', 'sub/a.c', 'b.c'], { cwd });
  ok(['cc', '-c', './sub/../b.c', '-o', 'sub/c.o'], { cwd });
  expect(files(cwd)).toEqual(['a.o', 'b.c', 'b.o', 'sub']);
  expect(readFileSync(join(cwd, 'sub/c.o'))).toEqual(readFileSync(join(cwd, 'b.o')));
});

test('paths with .. are found, however deep, as inputs, includes and outputs', () => {
  const cwd = project({
    'include/x.h': '#define X 7\n',
    'src/lib/x.c': '#include "../../include/x.h"\n#include <y.h>\nint x = X + Y;\n',
    'src/gen/y.h': '#define Y 1\n',
    'build/deep/er/.keep': '',
  });
  const inside = { cwd: join(cwd, 'build/deep/er') };
  ok(['cc', '-c', '-I../../../src/gen', '../../../src/lib/x.c', '-MMD', '-MF', '../x.d', '-o', '../../x.o'], inside);
  expect(existsSync(join(cwd, 'build/x.o'))).toBe(true);
  expect(readFileSync(join(cwd, 'build/deep/x.d'), 'utf8').split(/[\s\\]+/)).toEqual([
    '../../x.o:',
    '../../../src/lib/x.c',
    '../../../src/lib/../../include/x.h',
    '../../../src/gen/y.h',
    '',
  ]);
});

test('-S and -E write text, to a file or with -o - to the standard output', () => {
  const cwd = project({ 'a.c': `#define ANSWER 42\n${ANSWER}` });
  ok(['cc', '-S', '-O1', 'a.c'], { cwd });
  expect(readFileSync(join(cwd, 'a.s'), 'utf8')).toMatch(/answer:(.|\n)*(movl\s+\$42|mov\s+w0, #42)/);
  expect(ok(['cc', '-S', '-O1', 'a.c', '-o', '-'], { cwd })).toBe(readFileSync(join(cwd, 'a.s'), 'utf8'));
  expect(ok(['cc', '-E', '-P', 'a.c'], { cwd })).toBe('\nint answer(void) { return 42; }\n');
  ok(['cc', '-E', '-P', 'a.c', '-o', 'a.i'], { cwd });
  ok(['cc', '-c', 'a.i'], { cwd });
  expect(files(cwd)).toEqual(['a.c', 'a.i', 'a.o', 'a.s']);
});

test('- is the standard input; so is /dev/stdin; /dev/null is an empty file', () => {
  const cwd = project({});
  const input = `#define X 3\n${ANSWER}`;
  expect(ok(['cc', '-E', '-P', '-DANSWER=4', '-'], { cwd, input })).toBe('\nint answer(void) { return 4; }\n');
  expect(ok(['cc', '-E', '-P', '-x', 'c', '/dev/stdin'], { cwd, input })).toContain('return ANSWER');
  expect(ok(['cc', '-dM', '-E', '-x', 'c', '/dev/null'], { cwd })).toContain('#define __clang_major__ 22\n');
  ok(['c++', '-c', '-x', 'c++', '-', '-o', 'x.o'], { cwd, input: 'template <class T> T x; int y = x<int>;' });
  expect(files(cwd)).toEqual(['x.o']);
});

test('/dev/null, /dev/stdout and /dev/stderr as outputs', () => {
  const cwd = project({ 'a.c': 'int a;\n' });
  ok(['cc', '-c', 'a.c', '-o', '/dev/null'], { cwd });
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  expect(ok(['cc', '-E', '-P', 'a.c', '-o', '/dev/stdout'], { cwd })).toBe('int a;\n');
  expect(run(['cc', '-c', 'a.c', '-MMD', '-MF', '/dev/stderr'], { cwd })).toEqual({
    status: 0,
    stdout: '',
    stderr: 'a.o: a.c\n',
  });
});

describe('dependency files', () => {
  const sources = {
    'src/a.c': '#include <stdio.h>\n#include "b.h"\n#include <c.h>\n',
    'src/b.h': '\n',
    'system/c.h': '\n',
  };

  test('-MD and -MMD name the headers that are files of this machine; -MF, -MT, -MP', () => {
    const cwd = project(sources);
    ok(['cc', '-c', '-MMD', '-isystem', 'system', 'src/a.c', '-o', 'x.o'], { cwd });
    expect(readFileSync(join(cwd, 'x.d'), 'utf8')).toBe('x.o: src/a.c src/b.h\n');
    ok(
      [
        'cc',
        '-c',
        '-MD',
        '-MP',
        '-MF',
        'y.dep',
        '-MT',
        'target with space',
        './src/a.c',
        '-isystem',
        'system',
        '-o',
        'x.o',
      ],
      { cwd },
    );
    expect(readFileSync(join(cwd, 'y.dep'), 'utf8')).toBe(
      'target with space: src/a.c \\\n  src/b.h system/c.h\nsrc/b.h:\nsystem/c.h:\n',
    );
    expect(ok(['cc', '-M', '-isystem', 'system', 'src/a.c'], { cwd })).toBe('a.o: src/a.c \\\n  src/b.h system/c.h\n');
    expect(ok(['cc', '-MM', '-isystem', 'system', 'src/a.c'], { cwd })).toBe('a.o: src/a.c src/b.h\n');
  });

  test.each([
    [['-MD', '-ofoo.o'], 'foo.d'],
    [['-MD', '-o', 'bar.o'], 'bar.d'],
    [['-MD'], 'a.d'],
    [['-Wp,-MD,deps.d', '-o', 'foo.o'], 'deps.d'],
    [['--write-dependencies', '-o', 'foo.o'], 'foo.d'],
  ])("%j leaves art's own headers out of %s", (flags, file) => {
    const cwd = project({ 'a.c': '#include <stdio.h>\n' });
    ok(['cc', '-c', 'a.c', ...flags], { cwd });
    expect(readFileSync(join(cwd, file), 'utf8')).toMatch(/^\w+\.o: a\.c\n$/);
  });

  test('to the standard output, too', () => {
    const cwd = project({ 'a.c': '#include <stdio.h>\n' });
    expect(ok(['cc', '-c', 'a.c', '-MD', '-MF', '-'], { cwd })).toBe('a.o: a.c\n');
  });

  test('a missing header with -M -MG is taken for one that is yet to be made', () => {
    const cwd = project({ 'a.c': '#include "made.h"\n' });
    expect(ok(['cc', '-M', '-MG', 'a.c'], { cwd })).toBe('a.o: a.c made.h\n');
  });
});

test('-x c++-header makes a precompiled header that -include-pch and -include use', () => {
  const cwd = project({
    'all.h': '#pragma once\n#include <vector>\ninline int size(const std::vector<int>& v) { return v.size(); }\n',
    'a.cc': 'int f() { return size({1, 2, 3}); }\n',
    'main.cc': 'int f();\nint main() { return f() + size({1, 2}); }\n',
  });
  ok(['c++', '-x', 'c++-header', 'all.h', '-o', 'all.h.pch'], { cwd });
  ok(['c++', '-c', '-include-pch', 'all.h.pch', 'a.cc', '-o', 'one.o'], { cwd });
  ok(['c++', '-include-pch', 'all.h.pch', 'main.cc', 'one.o', '-o', 'program'], { cwd });
  expect(spawnSync(join(cwd, 'program')).status).toBe(5);
  ok(['c++', '-c', '-include', 'all.h', 'a.cc', '-o', 'two.o'], { cwd });
  expect(readFileSync(join(cwd, 'one.o'))).toEqual(readFileSync(join(cwd, 'two.o')));
});

test('questions are answered', () => {
  expect(ok(['cc', '--version'])).toMatch(/^clang version 22\./);
  const machine = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-musl\n`;
  expect(ok(['cc', '-dumpmachine'])).toBe(machine);
  expect(ok(['cc', '--target=aarch64-linux-musl', '-dumpmachine'])).toBe('aarch64-unknown-linux-musl\n');
  expect(ok(['cc', '-dumpversion'])).toMatch(/^22\.\d+\.\d+\n$/);
  expect(ok(['cc', '-print-search-dirs'])).toMatch(/^programs: =.*\nlibraries: =/);
  expect(ok(['cc', '-print-search-dirs'])).not.toContain('/.art');
  // This is clang's answer for a file that does not exist.
  expect(ok(['cc', '-print-file-name=libc.a'])).toBe('libc.a\n');
  expect(ok(['cc', '-print-libgcc-file-name'])).toMatch(/^libclang_rt\.builtins.*\.a\n$/);
  expect(run(['cc', '-###', '-c', 'x.c']).stderr).toContain("no such file or directory: 'x.c'");
  const { stderr } = run(['cc', '-###', '-x', 'c', '-', '-o', 'x']);
  expect(stderr).toMatch(/"-cc1"(.|\n)*"-o" "x"/);
});

test('-v shows the runs and does them', () => {
  const cwd = project({ 'a.c': 'int main(void) { return 0; }\n' });
  const { status, stderr } = run(['cc', '-v', 'a.c', '-o', 'a'], { cwd });
  expect(status).toBe(0);
  expect(stderr).toMatch(/^clang version (.|\n)*\n "clang" "-cc1" .*"a\.c"\n(.|\n)*\n "ld" .*"-o" "a"/);
  expect(spawnSync(join(cwd, 'a')).status).toBe(0);
  expect(run(['cc', '-v'])).toMatchObject({ status: 0, stdout: '' });
});

test('several sources on one line are linked; what is between goes away', () => {
  const cwd = project({
    'a.c': 'int b(void);\nint main(void) { return b(); }\n',
    'b.c': 'int b(void) { return 9; }\n',
  });
  ok(['cc', '-O1', 'a.c', 'b.c'], { cwd });
  expect(spawnSync(join(cwd, 'a.out')).status).toBe(9);
  expect(files(cwd)).toEqual(['a.c', 'a.out', 'b.c']);
});

test('response files: quotes, escapes, one in another, next to other arguments', () => {
  const cwd = project({
    'a b.c': ANSWER,
    'flags.rsp': `-DANSWER='(1 + 1)' "a b.c"\n@more\\.rsp`,
    'more.rsp': '-o\ta\\ b.i -P',
  });
  ok(['cc', '-E', '@flags.rsp'], { cwd });
  expect(readFileSync(join(cwd, 'a b.i'), 'utf8')).toBe('int answer(void) { return (1 + 1); }\n');
  expect(run(['cc', '@none.rsp'], { cwd }).stderr).toContain("no such file or directory: '@none.rsp'");
});

test('assembly: symbols that -Wa,--defsym defines, and from the standard input', () => {
  const cwd = project({ 'a.s': '.globl a\na = X + 1\n' });
  ok(['cc', '-Wa,--defsym,X=41', '-c', 'a.s'], { cwd });
  expect(ok(['nm', 'a.o'], { cwd })).toMatch(/^0+2a A a$/m);
  ok(['cc', '-x', 'assembler', '-c', '-', '-o', 'b.o'], { cwd, input: '.globl b\nb = 7\n' });
  expect(ok(['nm', 'b.o'], { cwd })).toMatch(/^0+7 A b$/m);
});

test('- in a response file is the standard input as well', () => {
  const cwd = project({ 'in.rsp': '-x c - -o a.i', 'out.rsp': '-E -P @in.rsp' });
  ok(['cc', '@out.rsp'], { cwd, input: 'int from_stdin;\n' });
  expect(readFileSync(join(cwd, 'a.i'), 'utf8')).toBe('int from_stdin;\n');
});

describe('what is wrong', () => {
  const sources = {
    'bad.c': '#include "part.h"\nint g(void) { return undeclared; }\nint h( { }\n',
    'part.h': '#warning from the header\n',
    'good.c': 'int good;\n',
    'missing.c': '#include "nowhere.h"\n',
    'empty.d/.keep': '',
  };
  const CASES = [
    ['-c', 'bad.c'],
    ['-c', './bad.c'],
    ['-fsyntax-only', 'sub/../bad.c'],
    ['-c', 'bad.c', 'good.c'],
    ['-c', 'missing.c', '-Inone'],
    ['-c', 'nowhere.c'],
    ['-c', 'good.c', '-o', 'none/good.o'],
    ['-E', 'good.c', '-o', 'none/good.i'],
    ['-c', 'good.c', '-o', 'empty.d'],
    ['-c', 'good.c', 'bad.c', '-o', 'x.o'],
    ['-c', 'good.c', '-frobnicate'],
    ['-c', 'good.c', '-std=c99000'],
    ['-c', 'good.c', '-Wnonsense', '-Werror'],
    ['-c', 'good.c', '-O9', '-lz'],
    ['-o'],
    [],
  ];

  /** The names of the programs differ, since art contains its own build of clang. */
  const plain = (text: string) => text.replaceAll('clang-22: ', 'clang: ');

  it.skipIf(!available('clang-22')).each(CASES.map((args) => [args]))('cc %j: as clang says it', (args) => {
    const theirs = project({ ...sources, 'sub/x': '' });
    const ours = project({ ...sources, 'sub/x': '' });
    const native = spawnSync('clang-22', ['--target=x86_64-linux-musl', ...args], { cwd: theirs, encoding: 'utf8' });
    const { status, stdout, stderr } = run(['cc', ...args], { cwd: ours });
    expect({ status, stdout, stderr: plain(stderr) }).toEqual({
      status: native.status,
      stdout: native.stdout,
      stderr: plain(native.stderr),
    });
    expect(files(ours)).toEqual(files(theirs));
  });

  test('no colours where nobody sees them, and colours where they are asked for', () => {
    const cwd = project(sources);
    expect(run(['cc', '-c', 'bad.c'], { cwd }).stderr).not.toContain('\u001b[');
    expect(run(['cc', '-c', 'bad.c', '-fcolor-diagnostics'], { cwd }).stderr).toContain('\u001b[');
  });

  test('a link that fails says why and leaves nothing, and says that it was the linker', () => {
    const cwd = project({ 'a.c': 'int none(void);\nint main(void) { return none(); }\n' });
    const { status, stderr } = run(['cc', 'a.c', '-o', 'a'], { cwd });
    expect(status).toBe(1);
    expect(stderr).toMatch(/ld\.lld: error: undefined symbol: none\n>>> referenced by a\.c\n>>> {15}a\.c:\(main\)\n/);
    expect(stderr).toMatch(/clang: error: linker command failed with exit code 1 \(use -v to see invocation\)\n$/);
    expect(run(['cc', 'a.c', '-lnone', '-o', 'a'], { cwd }).stderr).toContain('unable to find library -lnone');
    expect(files(cwd)).toEqual(['a.c']);
  });

  test('an output that a folder does not let in is named', () => {
    const cwd = project({ 'a.c': 'int a;\n', 'a.o/x': '' });
    mkdirSync(join(cwd, 'file'));
    writeFileSync(join(cwd, 'file/plain'), '');
    expect(run(['cc', '-c', 'a.c', '-o', 'file/plain/a.o'], { cwd })).toMatchObject({ status: 1 });
  });
});

test('the umask holds for outputs; programs can be run, objects cannot', () => {
  const cwd = project({ 'a.c': 'int main(void) { return 0; }\n' });
  const mode = (name: string) => (statSync(join(cwd, name)).mode & 0o777).toString(8);
  for (const [umask, object, program] of [
    ['022', '644', '755'],
    ['007', '660', '770'],
  ] as const) {
    const under = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
    ok(['cc', '-c', 'a.c'], { cwd, under });
    ok(['cc', 'a.o', '-o', 'a'], { cwd, under });
    expect([mode('a.o'), mode('a')]).toEqual([object, program]);
  }
});

test('a reader that has seen enough is no error', () => {
  const cwd = project({ 'a.c': `${'int a[10000];\n'.repeat(20_000)}` });
  const under = ['sh', '-c', '"$@" | head -c 10', 'sh'];
  expect(run(['cc', '-E', '-P', 'a.c'], { cwd, under })).toEqual({ status: 0, stdout: 'int a[1000', stderr: '' });
});
