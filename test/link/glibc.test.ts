// Programs and libraries for glibc, made without a sysroot of the user, then loaded and run.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { IS_FULL } from '../support/full.js';
import { versionsAskedFor } from '../support/glibc.js';
import { available, run, scratch } from '../support/native.js';
import { art, manifestOf, project, unpack } from '../support/project.js';
import { commands } from '../support/resident.js';

const { ok, run: command } = commands();

const C = `#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
static __thread int mine = 2;
static void *twice(void *x) { mine = *(int *)x; *(int *)x = 2 * mine; return x; }
int main(int argc, char **argv) {
  int x = 21;
  pthread_t thread;
  struct stat about;
  if (pthread_create(&thread, 0, twice, &x) || pthread_join(thread, 0) || stat("/", &about) || mine != 2) return 1;
  fprintf(stdout, "%d %.3f\\n", x, sqrt(argc));
  return errno;
}
`;
const CXX = `#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
struct Last { ~Last() { std::cout << "last\\n"; } };
thread_local Last last;
int main() {
  std::thread([] {
    (void)&last;
    try { throw std::runtime_error("caught"); } catch (const std::exception &e) { std::cout << e.what() << std::endl; }
  }).join();
  std::cout << std::string(3, 'x') << std::endl;
}
`;
/** Compares versions as two numbers: a program for one version must not need symbols of a newer one. */
const isAtMost = (version: string, most: string) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [mostMajor = 0, mostMinor = 0] = most.split('.').map(Number);
  return major < mostMajor || (major === mostMajor && minor <= mostMinor);
};

/** The folder of Debian's glibc for aarch64. */
const ARM_ROOT = '/usr/aarch64-linux-gnu';

describe.each(['x86_64', 'aarch64'])('%s', (architecture) => {
  const cwd = scratch();
  const emulator = architecture === 'x86_64' ? [] : ['qemu-aarch64-static', '-L', ARM_ROOT];
  const runs = architecture === 'x86_64' || (available('qemu-aarch64-static') && existsSync(ARM_ROOT));
  const say = (program: string) => {
    const [file = '', ...words] = [...emulator, join(cwd, program)];
    return run(file, words);
  };
  beforeAll(() => {
    writeFileSync(join(cwd, 'a.c'), C);
    writeFileSync(join(cwd, 'b.cpp'), CXX);
  });

  // npm run test:full also tests versions in between.
  it.skipIf(!runs).each(IS_FULL ? ['2.17', '2.28', '2.36'] : architecture === 'x86_64' ? ['2.17', '2.36'] : ['2.28'])(
    'programs for glibc %s run, and ask for nothing newer',
    (version) => {
      const target = `--target=${architecture}-linux-gnu.${version}`;
      ok(['cc', target, '-O1', 'a.c', '-o', 'c', '-lpthread', '-lm'], { cwd });
      ok(['c++', target, '-O1', 'b.cpp', '-o', 'cxx', '-lpthread'], { cwd });
      expect([say('c'), say('cxx')]).toEqual(['42 1.000\n', 'caught\nlast\nxxx\n']);
      for (const program of ['c', 'cxx'])
        expect(versionsAskedFor(join(cwd, program)).filter((one) => !isAtMost(one, version))).toEqual([]);
    },
  );
});

describe('shared libraries', () => {
  const cwd = scratch();
  const target = '--target=x86_64-linux-gnu';

  it.skipIf(!available('python3'))('one loads in Python', () => {
    const input = '#include <stdlib.h>\nint parse(const char *text) { return strtol(text, 0, 0); }\n';
    ok(['cc', target, '-shared', '-fPIC', '-O1', '-x', 'c', '-', '-o', 'parse.so'], { cwd, input });
    const load = 'import ctypes; print(ctypes.CDLL("./parse.so").parse(b"0x10"))';
    expect(run('python3', ['-c', load], cwd)).toBe('16\n');
  });

  test('an add-on loads in Node, and two with C++ in them live in one process', () => {
    const addon = (number: number) => `#include <stdexcept>
#include <string>
#include <vector>
extern "C" {
typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
int napi_create_int32(napi_env, int, napi_value *);
__attribute__((visibility("default"))) int napi_module_get_api_version_v1() { return 8; }
__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value) {
  napi_value result;
  std::vector<std::string> words(${number}, "word");
  try { (void)words.at(99); } catch (const std::out_of_range &) { napi_create_int32(env, (int)words.size(), &result); }
  return result;
}
}
`;
    for (const number of [3, 7])
      ok(['c++', target, '-shared', '-fPIC', '-O1', '-x', 'c++', '-', '-o', `n${number}.node`], {
        cwd,
        input: addon(number),
      });
    const load = 'console.log(require("./n3.node") * 10 + require("./n7.node"))';
    expect(run(process.execPath, ['-e', load], cwd)).toBe('37\n');
    // The symbols of libc++ in the add-on are not exported.
    const exported = run('llvm-nm-22', ['-D', '--defined-only', '--format=just-symbols', 'n3.node'], cwd);
    expect(
      exported
        .split('\n')
        .filter((name) => /^_ZN?K?St3__1|^__cxa_|^_Unwind_/.test(name) && !/__1(6vector|12basic_string)/.test(name)),
    ).toEqual([]);
  });
});

test('an artifact names the version, and what was built for two C libraries is not linked together', () => {
  const cwd = project({ 'a.c': 'int main(void) { return 0; }\n' });
  const quiet = (...args: string[]) => art([...args, '--quiet'], { cwd });
  expect(quiet('build', 'a.c', '--target', 'x86_64-linux-gnu,x86_64-linux-gnu.2.17', '--link', 'p').stderr).toBe('');
  expect(manifestOf(join(cwd, 'artifact')).targets).toEqual(['x86_64-linux-gnu.2.17', 'x86_64-linux-gnu.2.28']);
  const program = join(unpack(join(cwd, 'artifact')), 'executables/x86_64-linux-gnu.2.17/p');
  expect(spawnSync(program).status).toBe(0);
  expect(quiet('rebuild', 'artifact')).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(quiet('build', 'a.c', '--target', 'x86_64', '--out', 'musl').status).toBe(0);
  expect(quiet('build', 'a.c', '--target', 'x86_64-linux-gnu', '--out', 'gnu').status).toBe(0);
  const mixed = quiet('link', 'musl', 'gnu', '-o', 'x');
  expect(mixed.status).toBe(1);
  expect(mixed.stderr).toMatch(
    /^art: error: 'gnu\/.*' is for glibc \(x86_64-linux-gnu\.2\.28\), 'musl\/.*' for musl .*\n$/,
  );
});

describe('of two C libraries', () => {
  const other = { musl: 'gnu', gnu: 'musl' } as const;
  const name = { musl: 'musl', gnu: 'glibc' } as const;
  const cwd = scratch();

  beforeAll(() => {
    writeFileSync(join(cwd, 'main.c'), 'int add(int, int);\nint main(void) { return add(1, -1); }\n');
    for (const libc of ['musl', 'gnu'] as const) {
      const target = `--target=x86_64-linux-${libc}`;
      const input = '#include <stdlib.h>\nint add(int a, int b) { return abs(a + b); }\n';
      command(['cc', target, '-shared', '-fPIC', '-x', 'c', '-', '-o', `lib${libc}.so`], { cwd, input });
      ok(['cc', target, '-c', 'main.c', '-o', `${libc}.o`], { cwd });
    }
  });

  test.each(['musl', 'gnu'] as const)('shared libraries do not go into one link for %s', (libc) => {
    const foreign = other[libc];
    const target = `x86_64-linux-${libc}`;
    const line = (file: string) =>
      `art: error: '${file}' is for ${name[foreign]}, and what is linked for ${target} is for ${name[libc]}: link with --target=x86_64-linux-${foreign}, or with a library for ${name[libc]}\n`;
    const cc = (...inputs: string[]) => command(['cc', `--target=${target}`, 'main.c', ...inputs, '-o', 'x'], { cwd });
    expect(cc(`lib${foreign}.so`)).toEqual({ status: 1, stdout: '', stderr: line(`lib${foreign}.so`) });
    expect(cc('-L.', `-l${foreign}`)).toEqual({ status: 1, stdout: '', stderr: line(`./lib${foreign}.so`) });
    expect(cc(`lib${libc}.so`).status).toBe(0);
    const linked = art(['link', '--target', target, `${libc}.o`, `lib${foreign}.so`, '-o', 'x'], { cwd });
    expect(linked).toMatchObject({ status: 1, stderr: expect.stringMatching(/^art: error: [^\n]*\n$/) });
    expect(linked.stderr).toContain(`'lib${foreign}.so' is for ${name[foreign]}, and what is linked for ${target}`);
  });

  test('who leaves the C library out may link as is needed', () => {
    const { status, stderr } = command(
      ['cc', '--target=x86_64-linux-musl', '-nostdlib', '-shared', '-fPIC', 'main.c', 'libgnu.so', '-o', 'x.so'],
      { cwd },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('an object for glibc that calls what only glibc has is told so', () => {
    const input = '#include <stdlib.h>\nint main(int, char **words) { return strtol(words[0], 0, 10); }\n';
    ok(['cc', '--target=x86_64-linux-gnu.2.43', '-std=c23', '-c', '-x', 'c', '-', '-o', 'c23.o'], { cwd, input });
    const note =
      'art: note: an input was compiled for glibc: compile it for this target, or link with --target=<architecture>-linux-gnu\n';
    for (const words of [
      ['cc', '--target=x86_64-linux-musl', 'c23.o', '-o', 'x'],
      ['link', 'c23.o', '-o', 'x'],
    ]) {
      const { status, stderr } = art(words, { cwd });
      expect(status).toBe(1);
      expect(stderr).toContain('undefined symbol: __isoc23_strtol');
      expect(stderr).toContain(note);
    }
  });
});

test('what a version lacks is not declared and does not link', () => {
  const input = '#include <string.h>\nint main(void) { char to[4]; return strlcpy(to, "a", 4) != 1; }\n';
  const compile = (version: string) =>
    command(['cc', `--target=x86_64-linux-gnu.${version}`, '-Werror', '-x', 'c', '-', '-o', '/dev/null'], { input });
  expect(compile('2.38')).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(compile('2.37').stderr).toContain("call to undeclared library function 'strlcpy'");
  const undeclared = 'char strlcpy(void);\nint main(void) { return strlcpy(); }\n';
  const link = command(['cc', '--target=x86_64-linux-gnu.2.37', '-w', '-x', 'c', '-', '-o', '/dev/null'], {
    input: undeclared,
  });
  expect(link.stderr).toContain('undefined symbol: strlcpy');
});

test.each([
  [
    ['cc', '--target=x86_64-linux-gnu.2.16'],
    "unknown version '2.16' of glibc in 'x86_64-linux-gnu.2.16': expected 2.17 to 2.43, such as x86_64-linux-gnu.2.28",
  ],
  [
    ['cc', '--target=aarch64-linux-gnu.2'],
    "unknown version '2' of glibc in 'aarch64-linux-gnu.2': expected 2.17 to 2.43, such as aarch64-linux-gnu.2.28",
  ],
  [
    ['cc', '--target=x86_64-linux-gnu.'],
    "unknown version '' of glibc in 'x86_64-linux-gnu.': expected 2.17 to 2.43, such as x86_64-linux-gnu.2.28",
  ],
  [
    ['cc', '--target=x86_64-linux-gnu', '-static'],
    "'-static' cannot be used here: art links programs for glibc dynamically only; for one that needs no library choose a musl target, such as x86_64-linux-musl",
  ],
  [
    ['cc', '--target=x86_64-linux-gnu', '-static-pie'],
    "'-static-pie' cannot be used here: art links programs for glibc dynamically only; for one that needs no library choose a musl target, such as x86_64-linux-musl",
  ],
])('%j is one line', (args, line) => {
  const input = 'int main(void) { return 0; }\n';
  expect(command([...args, '-x', 'c', '-', '-o', '/dev/null'], { input })).toEqual({
    status: 1,
    stdout: '',
    stderr: `art: error: ${line}\n`,
  });
});

test('art build and art link say the same of versions and of static programs', () => {
  const cwd = project({ 'a.c': 'int main(void) { return 0; }\n' });
  const version = art(['build', 'a.c', '--target', 'x86_64-linux-gnu.2.99'], { cwd });
  expect([version.status, version.stderr]).toEqual([
    2,
    expect.stringMatching(/^art: error: unknown version '2\.99' of glibc/),
  ]);
  ok(['cc', '--target=x86_64-linux-gnu', '-c', 'a.c'], { cwd });
  const linked = art(['link', 'a.o', '--target', 'x86_64-linux-gnu', '--static-pie', '-o', 'a'], { cwd });
  expect([linked.status, linked.stderr]).toEqual([
    2,
    expect.stringMatching(/^art: error: '--static-pie' cannot be used for x86_64-linux-gnu\.2\.28: /),
  ]);
});
