// Programs for Windows: built by art, run by wine, and compared with those of native clang and lld.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { CHECKS, SAID } from '../support/checks.js';
import { IS_FULL } from '../support/full.js';
import { available, run, scratch } from '../support/native.js';
import { art, REPOSITORY } from '../support/project.js';
import { commands } from '../support/resident.js';
import { WINE_MINUTES, windows } from '../support/wine.js';

const TARGET = 'x86_64-windows-gnu';
const { ok, run: command } = commands();
const folder = scratch();

const SOURCES = {
  'hello.c': `#define _GNU_SOURCE
#include <stdio.h>
#include <math.h>
int main(int count, char **words) {
  printf("%d %zu %.20Lf %lld %g\\n", count, sizeof(void *), 1.0L / 3, 1LL << 40, sin(1));
  return 3;
}
`,
  'plain.c': '#include <stdio.h>\nint main(void) { puts("plain"); return 0; }\n',
  'library.cpp': `#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>
struct Noted {
  const char *name;
  ~Noted() { std::printf("end of %s\\n", name); std::fflush(stdout); }
};
thread_local int mine = 1;
thread_local Noted ended{"thread"};
__attribute__((noinline)) int deep(int n) {
  Noted frame{"frame"};
  if (n == 0) throw std::out_of_range("far");
  return deep(n - 1) + 1;
}
int main() {
  std::atomic<int> sum{0};
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++)
    threads.emplace_back([&, i] {
      mine += i;
      if (i == 3) ended.name = "its thread";
      std::lock_guard lock(mutex);
      sum += mine;
    });
  for (auto &thread : threads) thread.join();
  std::cout << "sum " << sum << ' ' << 0.1L << ' ' << 1.5 << std::endl;
  try { deep(1); } catch (const std::exception &e) { std::cout << "caught " << e.what() << std::endl; }
  auto later = std::async(std::launch::async, []() -> int { throw std::string("across"); });
  try { std::cout << later.get(); } catch (const std::string &text) { std::cout << "caught " << text << std::endl; }
  namespace fs = std::filesystem;
  const fs::path place = u8"gr\\u00fc\\u00dfe";
  fs::create_directories(place / "x");
  std::ofstream(place / u8"\\u00e4.txt") << "text";
  std::cout << fs::file_size(place / u8"\\u00e4.txt") << ' ' << fs::remove_all(place) << std::endl;
}
`,
  'dll.cpp': `#include <stdexcept>
extern "C" __declspec(dllexport) int add(int a, int b) {
  if (a < 0) throw std::runtime_error("negative");
  return a + b;
}
__declspec(dllexport) int counter = 5;
`,
  'user.cpp': `#include <cstdio>
#include <stdexcept>
extern "C" __declspec(dllimport) int add(int, int);
extern int counter;
int main() {
  std::printf("%d %d\\n", add(2, 3), counter);
  try { add(-1, 0); } catch (const std::exception &e) { std::printf("caught %s\\n", e.what()); }
}
`,
  'wide.c': `#include <stdio.h>
#include <wchar.h>
int wmain(int count, wchar_t **words) {
  for (const wchar_t *at = words[1]; *at; at++) printf("%04x ", *at);
  FILE *file = _wfopen(words[1], L"w");
  return file == NULL || fclose(file);
}
`,
  'window.c': `#include <windows.h>
int WINAPI wWinMain(HINSTANCE own, HINSTANCE before, LPWSTR words, int show) { return lstrlenW(words); }
`,
  'posix.c': `#include <pthread.h>
#include <stdio.h>
static void *next(void *value) { return (char *)value + 1; }
int main(void) {
  pthread_t thread;
  void *result;
  pthread_create(&thread, NULL, next, (void *)41);
  pthread_join(thread, &result);
  printf("%d\\n", (int)(size_t)result);
  return 0;
}
`,
  'checks.c': CHECKS,
  'types.cpp': `struct A { virtual int f() { return 1; } int x = 0; };
namespace n { struct C { virtual int h() { return 2; } int y = 0; }; }
__attribute__((noinline)) int use(A *a) { return a->f(); }
int main() { n::C c; return use((A *)&c) - 2; }
`,
  'shift.c': '__declspec(dllexport) int shift(int by) { return 1 << by; }\n',
  'shifter.c': '__declspec(dllimport) int shift(int);\nint main(void) { return shift(32) == 7; }\n',
  'network.c': `#include <winsock2.h>
#include <ws2tcpip.h>
#include <d3d9.h>
#include <stdio.h>
int main(void) {
  WSADATA data;
  printf("%d %d\\n", WSAStartup(MAKEWORD(2, 2), &data), D3D_SDK_VERSION);
  return 0;
}
`,
};

const cc = (program: 'cc' | 'c++', ...args: string[]) => ok([program, `--target=${TARGET}`, ...args], { cwd: folder });

beforeAll(() => {
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(folder, name), text);
});

describe.runIf(available('wine', 'wineserver'))('Wine runs', { timeout: WINE_MINUTES }, () => {
  const start = windows();
  const says = (program: string, ...args: string[]) => {
    const { status, stdout } = start(join(folder, program), args, folder);
    return { status, stdout };
  };

  test('a program in C, with its status; the name gets its ending', () => {
    cc('cc', 'hello.c', '-O1', '-o', 'hello');
    expect(existsSync(join(folder, 'hello'))).toBe(false);
    expect(says('hello.exe', 'word')).toEqual({
      status: 3,
      stdout: '2 8 0.33333333333333333334 1099511627776 0.841471\n',
    });
  });

  test.each(IS_FULL ? ['-O0', '-O2'] : ['-O2'])(
    'C++ %s: threads, exceptions, thread_local, iostream, filesystem',
    (level) => {
      cc('c++', level, 'library.cpp', '-o', 'library.exe');
      const frames = 'end of frame\n'.repeat(2);
      expect(says('library.exe')).toEqual({
        status: 0,
        stdout: `end of its thread\nsum 10 0.1 1.5\n${frames}caught far\ncaught across\n4 3\n`,
      });
    },
  );

  test('a DLL, its import library and a program that uses them', () => {
    cc('c++', '-O1', '-shared', 'dll.cpp', '-o', 'adder.dll', '-Wl,--out-implib,libadder.dll.a');
    cc('c++', '-O1', 'user.cpp', '-L.', '-ladder', '-o', 'user.exe');
    expect(says('user.exe')).toEqual({ status: 0, stdout: '5 5\ncaught negative\n' });
  });

  test('wide main, with words and a file name beyond ASCII', () => {
    cc('cc', '-municode', 'wide.c', '-o', 'wide.exe');
    expect(says('wide.exe', 'gr\u00fc\u20ac.txt')).toEqual({
      status: 0,
      stdout: '0067 0072 00fc 20ac 002e 0074 0078 0074 ',
    });
    expect(existsSync(join(folder, 'gr\u00fc\u20ac.txt'))).toBe(true);
    cc('cc', '-municode', '-mwindows', 'window.c', '-o', 'window.exe');
    expect(says('window.exe', 'abc').status).toBe(3);
  });

  test('POSIX threads, static; headers and libraries of the second archives; GCC names of libraries', () => {
    cc('cc', '-pthread', '-static', 'posix.c', '-o', 'posix.exe');
    expect(says('posix.exe')).toEqual({ status: 0, stdout: '42\n' });
    cc('cc', 'network.c', '-lws2_32', '-ld3d9', '-ldxguid', '-o', 'network.exe');
    expect(says('network.exe')).toEqual({ status: 0, stdout: '0 32\n' });
    cc('cc', '-c', 'library.cpp', '-o', 'library.o');
    cc('cc', 'library.o', '-lstdc++', '-lgcc', '-lm', '-fstack-protector', '-o', 'named.exe');
    expect(says('named.exe').status).toBe(0);
  });

  test('checks of -fsanitize=undefined, with their messages', () => {
    const stderrOf = (program: string) => start(join(folder, program), [], folder).stderr.replaceAll('\r\n', '\n');
    cc('cc', '-fsanitize=undefined', '-c', 'checks.c');
    cc('cc', 'checks.o', '-o', 'checks.exe');
    expect(says('checks.exe')).toEqual({ status: 0, stdout: 'done\n' });
    expect(stderrOf('checks.exe')).toContain(SAID);
    expect(art(['link', 'checks.o', '-o', 'linked-checks', '--quiet'], { cwd: folder }).status).toBe(0);
    expect(stderrOf('linked-checks.exe')).toContain(SAID);
    cc('c++', '-fsanitize=vptr', 'types.cpp', '-o', 'types.exe');
    expect(stderrOf('types.exe')).toMatch(/types\.cpp:3:53: runtime error: member call on address .* type 'A'$/m);
    cc('cc', '-fsanitize=undefined', '-shared', 'shift.c', '-o', 'shift.dll', '-Wl,--out-implib,libshift.dll.a');
    cc('cc', 'shifter.c', '-L.', '-lshift', '-o', 'shifter.exe');
    expect(stderrOf('shifter.exe')).toMatch(/shift\.c:1:\d+: runtime error: shift exponent 32 is too large/);
  });

  test('what art build links, and counts', () => {
    const built = art(['build', 'plain.c', '--target', TARGET, '--link', 'plain', '--out', 'artifact', '--quiet'], {
      cwd: folder,
    });
    expect(built).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(art(['verify', 'artifact', '--quiet'], { cwd: folder }).status).toBe(0);
    const out = ['extract', 'artifact', '--type', 'executable', '--out', 'extracted', '--quiet'];
    expect(art(out, { cwd: folder })).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(says(`extracted/executables/${TARGET}/plain.exe`)).toEqual({ status: 0, stdout: 'plain\n' });

    cc('cc', '-fprofile-instr-generate', 'plain.c', '-o', 'counts.exe');
    expect(says('counts.exe').status).toBe(0);
    expect(readFileSync(join(folder, 'default.profraw')).length).toBeGreaterThan(100);
  });
});

test('art link makes programs and DLLs of objects, and knows what there is not', () => {
  cc('cc', '-c', 'plain.c', '-o', 'plain.o');
  const link = (...args: string[]) => art(['link', '--quiet', ...args], { cwd: folder });
  expect(link('plain.o', '-o', 'linked')).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(readFileSync(join(folder, 'linked.exe')).toString('latin1', 0, 2)).toBe('MZ');
  expect(link('plain.o', '-shared', '-o', 'linked').status).toBe(0);
  expect(readFileSync(join(folder, 'linked.dll')).readUInt16LE(0)).toBe(0x5a4d);
  for (const [kind, flag] of [
    ['--static-pie', '-static-pie'],
    ['--relocatable', '-r'],
  ] as const)
    expect(link('plain.o', kind, '-o', 'x').stderr).toMatch(`'${flag}' cannot be used here: `);
  ok(['cc', '--target=x86_64-linux-musl', '-c', 'plain.c', '-o', 'elf.o'], { cwd: folder });
  expect(link('plain.o', 'elf.o', '-o', 'x').stderr).toMatch(
    `'elf.o' is ELF, and what is linked for ${TARGET} is COFF: compile it for that target`,
  );
});

test('no clock reaches a program, a DLL or its import library', () => {
  for (const name of ['first', 'second']) {
    mkdirSync(join(folder, name));
    ok(['c++', `--target=${TARGET}`, '-shared', '../dll.cpp', '-o', 'same.dll', '-Wl,--out-implib,libsame.a'], {
      cwd: join(folder, name),
    });
  }
  for (const file of ['same.dll', 'libsame.a'])
    expect(readFileSync(join(folder, 'first', file)).equals(readFileSync(join(folder, 'second', file)))).toBe(true);
  const dll = readFileSync(join(folder, 'first/same.dll'));
  expect(dll.readUInt32LE(dll.readUInt32LE(60) + 8)).toBe(0); // TimeDateStamp
});

describe.runIf(available('clang-22', 'ld.lld-22'))('native clang and lld, given the same files,', () => {
  const others = IS_FULL ? ['x86_64-w64-mingw32', 'x86_64-pc-windows-gnu'] : [];
  test.each(['x86_64-windows-gnu', ...others])('make the same for %s', (triple) => {
    const place = join(folder, triple);
    mkdirSync(place);
    const { status } = art(['sysroot', '--target', triple, '--out', 'files', '--quiet'], { cwd: place });
    expect(status).toBe(0);
    const sysroot = [`--sysroot=${place}/files/sysroot/x86_64-w64-windows-gnu`, `-resource-dir=${place}/files/clang`];
    const libraries = ['-stdlib=libc++', '--rtlib=compiler-rt', '--unwindlib=libunwind'];
    const native = (...args: string[]) =>
      run(
        'env',
        ['SOURCE_DATE_EPOCH=0', 'clang++-22', `--target=${triple}`, ...sysroot, ...libraries, '-w', ...args],
        folder,
      );
    // Native clang writes Debian's version text into objects.
    const flags = ['-O2', '-fno-ident', '-c', 'library.cpp', '-fdebug-compilation-dir=.'];
    native(...flags, '-o', join(place, 'native.o'));
    ok(['c++', `--target=${triple}`, ...flags, '-o', join(place, 'ours.o')], { cwd: folder });
    const [theirs, ours] = ['native.o', 'ours.o'].map((name) => readFileSync(join(place, name))) as [Buffer, Buffer];
    // The time stamp of COFF, where native clang writes the current time.
    for (const object of [theirs, ours]) object.fill(0, 4, 8);
    expect(ours.equals(theirs)).toBe(true);
    native('-fuse-ld=lld-22', join(place, 'ours.o'), '-o', join(place, 'native.exe'));
    ok(['c++', `--target=${triple}`, join(place, 'ours.o'), '-o', join(place, 'ours.exe')], { cwd: folder });
    expect(readFileSync(join(place, 'ours.exe')).equals(readFileSync(join(place, 'native.exe')))).toBe(true);
  });
});

describe('what art has no libraries for', () => {
  const refused = (...args: string[]) => {
    const { status, stderr } = command(['cc', ...args, 'plain.c', '-o', 'x'], { cwd: folder });
    expect(status).toBe(1);
    return stderr;
  };
  test('Windows on aarch64', () => {
    ok(['cc', '--target=aarch64-windows-gnu', '-c', '-x', 'c', '-', '-o', 'arm.o'], { cwd: folder, input: 'int x;\n' });
    expect(refused('--target=aarch64-windows-gnu')).toMatch(
      /^art: error: art has libraries for .*mingw-w64.* only: link for 'aarch64-windows-gnu' with --sysroot=<dir>, or with -nostdlib\n$/,
    );
  });
  test('Windows as MSVC knows it', () => {
    expect(refused('--target=x86_64-pc-windows-msvc')).toBe(
      "art: error: art does not link for 'x86_64-pc-windows-msvc': make objects with -c, and link them on that system, or choose --target=x86_64-windows-gnu\n",
    );
    expect(refused('--target=aarch64-pc-windows-msvc')).toBe(
      "art: error: art does not link for 'aarch64-pc-windows-msvc': make objects with -c, and link them on that system\n",
    );
  });
  test('the minimal library of checks', () => {
    expect(refused(`--target=${TARGET}`, '-fsanitize=undefined', '-fsanitize-minimal-runtime')).toMatch(
      "'-fsanitize-minimal-runtime' cannot be used here: there is no such library for Windows",
    );
  });
  test('gprof', () => {
    expect(refused(`--target=${TARGET}`, '-pg')).toMatch("'-pg' cannot be used here: it needs start files for gprof");
  });
});

test('CMake makes a DLL and a program, and tests them where there is Wine', { timeout: WINE_MINUTES }, () => {
  if (!available('cmake', 'ninja')) return;
  const source = join(REPOSITORY, 'fixtures/projects/greeter');
  const { stdout } = art(['toolchain', 'cmake', '--target', TARGET, '--wrappers', join(folder, 'wrappers')]);
  writeFileSync(join(folder, 'windows.cmake'), stdout);
  run('cmake', [
    '-G',
    'Ninja',
    '-S',
    source,
    '-B',
    join(folder, 'build'),
    '--toolchain',
    join(folder, 'windows.cmake'),
  ]);
  run('ninja', ['-C', join(folder, 'build')]);
  for (const name of ['program.exe', 'libgreet.dll', 'libgreet.dll.a'])
    expect(existsSync(join(folder, 'build', name))).toBe(true);
});
