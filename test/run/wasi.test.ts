// WASI programs, compiled, linked and run by the command.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { available, run as runCommand, scratch } from '../support/native.js';
import { art, project } from '../support/project.js';

const HELLO = `#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("argument %s\\n", argv[i]);
  printf("variable %s, home %s\\n", getenv("NAME") ? getenv("NAME") : "none", getenv("HOME") ? "known" : "unknown");
  char line[100];
  while (fgets(line, sizeof line, stdin)) printf("input %s", line);
  fprintf(stderr, "to the standard error\\n");
  FILE *file = fopen("data/out.txt", "w");
  if (!file) { printf("%s\\n", strerror(errno)); return 7; }
  fprintf(file, "written\\n");
  return 3;
}
`;

const WORDS = `#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>
struct Said { Said() { std::cout << "first\\n"; } ~Said() { std::cout << "last\\n"; } } said;
int main() {
  std::map<std::string, int> counts;
  std::ifstream file("data/words.txt");
  for (std::string word; file >> word;) counts[word]++;
  std::vector<std::string> names;
  for (auto &[word, count] : counts) names.push_back(word + "=" + std::to_string(count));
  std::filesystem::create_directories("data/a/b");
  std::ofstream("data/a/b/c.txt") << names.size() << std::endl;
  std::filesystem::copy_file("data/a/b/c.txt", "data/a/copy.txt");
  for (auto &entry : std::filesystem::recursive_directory_iterator("data")) names.push_back(entry.path().string());
  std::sort(names.begin(), names.end());
  for (auto &name : names) std::cout << name << '\\n';
  std::filesystem::remove_all("data/a/b");
}
`;

const TRAPS = `#include <stdlib.h>
#include <string.h>
#include <unistd.h>
__attribute__((noinline)) void inner(void) { __builtin_trap(); }
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "loop")) { write(1, "begun\\n", 6); for (volatile int i = 0;; i++); }
  if (argc > 1) _Exit(300);
  inner();
}
`;

const cwd = scratch();
const at = (name: string) => join(cwd, name);

beforeAll(() => {
  for (const [name, text] of Object.entries({ 'hello.c': HELLO, 'words.cpp': WORDS, 'traps.c': TRAPS }))
    writeFileSync(at(name), text);
  for (const [source, compiler] of [
    ['hello.c', 'cc'],
    ['words.cpp', 'c++'],
    ['traps.c', 'cc'],
  ] as const) {
    const args = [compiler, '--target=wasm32-wasip1', source, '-o', source.replace(/c(pp)?$/, 'wasm')];
    expect(art(args, { cwd })).toEqual({ status: 0, stdout: '', stderr: '' });
  }
});

describe('a program in C', () => {
  test('has its arguments, variables, input, output, a directory, and a status of its own', () => {
    const root = project({ 'data/in.txt': 'x' });
    const args = ['run', at('hello.wasm'), '--dir', 'data', '--env', 'NAME=a=b', '--', 'one', '--dir', '-x'];
    expect(art(args, { cwd: root, input: 'l1\nl2\n' })).toEqual({
      status: 3,
      stdout: 'argument one\nargument --dir\nargument -x\nvariable a=b, home unknown\ninput l1\ninput l2\n',
      stderr: 'to the standard error\n',
    });
    expect(readFileSync(join(root, 'data/out.txt'), 'utf8')).toBe('written\n');
  });

  test.each(['.', 'the whole path'])('a directory may be named by %s', (name) => {
    const root = project({ 'data/in.txt': 'x' });
    const { status } = art(['run', at('hello.wasm'), '--dir', name === '.' ? '.' : root], { cwd: root });
    // wasi-libc has no working directory, and finds 'data' only below the directory '.'.
    expect(status).toBe(name === '.' ? 3 : 7);
  });

  test('has no files without --dir', () => {
    const root = project({ 'data/in.txt': 'x' });
    expect(art(['run', at('hello.wasm')], { cwd: root })).toMatchObject({
      status: 7,
      stdout: 'variable none, home unknown\nNo such file or directory\n',
    });
  });

  test('the library gives what it prints as it comes', async () => {
    const printed: string[] = [];
    const keep = (bytes: Uint8Array) => void printed.push(Buffer.from(bytes).toString());
    const result = await run(at('hello.wasm'), {
      stdin: 'given\n',
      env: { NAME: 'n' },
      onStdout: keep,
      onStderr: keep,
    });
    expect(result).toEqual({ status: 7 });
    expect(printed.join('')).toBe(
      'variable n, home unknown\ninput given\nto the standard error\nNo such file or directory\n',
    );
  });
});

test('a program in C++ has streams, files, directories, constructors and destructors', () => {
  const root = project({ 'data/words.txt': 'b a b' });
  expect(art(['run', at('words.wasm'), '--dir', 'data'], { cwd: root })).toEqual({
    status: 0,
    stdout: 'first\na=1\nb=2\ndata/a\ndata/a/b\ndata/a/b/c.txt\ndata/a/copy.txt\ndata/words.txt\nlast\n',
    stderr: '',
  });
  expect(readFileSync(join(root, 'data/a/copy.txt'), 'utf8')).toBe('2\n');
});

describe('a program that does not end well', () => {
  test('one that breaks down says where, and has the status of one that was aborted', () => {
    const { status, stderr } = art(['run', at('traps.wasm')]);
    expect([status, stderr]).toEqual([
      134,
      expect.stringMatching(/^art: error: '.*traps\.wasm' trapped: unreachable, in inner < \S+( < \S+)*\n$/),
    ]);
  });

  test('a status is taken as the system takes it', () => {
    expect(art(['run', at('traps.wasm'), '--', 'x']).status).toBe(300 % 256);
  });

  test('one that does not end is stopped by its caller', async () => {
    const stop = new AbortController();
    const running = run(at('traps.wasm'), { args: ['loop'], onStdout: () => stop.abort(), signal: stop.signal });
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

test('wasm32-wasi and wasm32-unknown-wasip1 are the same, art link and reactors as well', () => {
  const root = project({
    'a.c': '#include <stdio.h>\nint main(void) { return puts("hi") < 0; }\n',
    'r.c': 'int f(void) { return 1; }\n',
  });
  const ok = (args: string[]) => expect(art(args, { cwd: root })).toMatchObject({ status: 0 });
  for (const target of ['wasm32-wasi', 'wasm32-unknown-wasip1']) {
    ok(['cc', `--target=${target}`, '-c', 'a.c', '-o', 'a.o']);
    ok(['link', 'a.o', '-o', 'a.wasm']);
    expect(art(['run', 'a.wasm'], { cwd: root })).toEqual({ status: 0, stdout: 'hi\n', stderr: '' });
  }
  ok(['cc', '--target=wasm32-wasip1', '-mexec-model=reactor', 'r.c', '-Wl,--export=f', '-o', 'r.wasm']);
  const { status, stderr } = art(['run', 'r.wasm'], { cwd: root });
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^art: error: 'r.wasm' is a reactor[^\n]*\n$/)]);
});

test('setjmp works where WebAssembly may throw', () => {
  const source =
    '#include <setjmp.h>\njmp_buf b;\nvoid g(void) { longjmp(b, 5); }\nint main(void) { int r = setjmp(b); if (!r) g(); return r; }\n';
  const root = project({ 'j.c': source });
  const args = ['cc', '--target=wasm32-wasip1', '-mllvm', '-wasm-enable-sjlj', 'j.c', '-lsetjmp', '-o', 'j.wasm'];
  expect(art(args, { cwd: root })).toMatchObject({ status: 0, stderr: '' });
  expect(art(['run', 'j.wasm'], { cwd: root }).status).toBe(5);
});

test('time passes, and random numbers are random', () => {
  const source = `#include <stdio.h>
#include <time.h>
#include <unistd.h>
int main(void) {
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  usleep(20000);
  clock_gettime(CLOCK_MONOTONIC, &b);
  unsigned char bytes[70000] = {0};
  int all = 0;
  for (int i = 0; i < 70000; i += 250) getentropy(bytes + i, 250);
  for (int i = 69000; i < 70000; i++) all |= bytes[i];
  printf("%d %d %d\\n", (b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec >= 19000000, time(0) > 1700000000, all);
}
`;
  const root = project({ 't.c': source });
  mkdirSync(join(root, 'd'));
  expect(art(['cc', '--target=wasm32-wasip1', 't.c', '-o', 't.wasm'], { cwd: root }).stderr).toBe('');
  expect(art(['run', 't.wasm'], { cwd: root }).stdout).toBe('1 1 255\n');
});

describe.skipIf(!available('cmake', 'ninja', 'ctest'))('build systems', () => {
  test('CMake builds for WASI, and runs its tests with art run', () => {
    const root = project({
      'CMakeLists.txt':
        'cmake_minimum_required(VERSION 3.20)\nproject(p C CXX)\ninclude(CheckFunctionExists)\ncheck_function_exists(fork HAS_FORK)\ncheck_function_exists(strlen HAS_STRLEN)\nif(HAS_FORK)\nmessage(STATUS "has fork")\nendif()\nif(HAS_STRLEN)\nmessage(STATUS "has strlen")\nendif()\nadd_library(part STATIC part.cpp)\nadd_executable(main main.c)\ntarget_link_libraries(main part)\nset_target_properties(main PROPERTIES LINKER_LANGUAGE CXX)\nenable_testing()\nadd_test(NAME it COMMAND main in.txt WORKING_DIRECTORY ..)\n',
      'part.cpp': '#include <string>\nextern "C" int part() { return std::stoi("42"); }\n',
      'main.c':
        '#include <stdio.h>\nint part(void);\nint main(int c, char **v) { return part() != 42 || !fopen(v[1], "r"); }\n',
      'in.txt': 'x',
    });
    const made = art(['toolchain', 'cmake', '--target', 'wasm32-wasip1', '--wrappers', 'tools'], { cwd: root });
    expect(made).toMatchObject({ status: 0, stderr: '' });
    writeFileSync(join(root, 'wasi.cmake'), made.stdout);
    const configured = runCommand(
      'cmake',
      ['-G', 'Ninja', '-S', '.', '-B', 'build', '--toolchain', 'wasi.cmake'],
      root,
    );
    expect(configured).toContain('has strlen');
    expect(configured).not.toContain('has fork');
    expect(configured).not.toContain('unknown to cmake');
    runCommand('cmake', ['--build', 'build'], root);
    expect(runCommand('ctest', ['--test-dir', 'build', '--output-on-failure'], root)).toContain('100% tests passed');
  });
});
