// C++20 modules, as CMake builds them: clang-scan-deps reports which modules each unit provides and needs.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { available, run as runNative, scratch } from '../support/native.js';
import { art, project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { env, ok, run } = commands();
Object.assign(process.env, env);
const MINUTES = 60_000;

const FILES = {
  'greeting.cppm':
    'module;\n#include <string>\nexport module greeting;\nexport std::string greeting() { return "hello"; }\n',
  'main.cpp':
    '#include <cstdio>\n#include "own.h"\n#ifdef __aarch64__\nimport arm;\n#endif\nimport greeting;\nint main() { std::puts(greeting().c_str()); }\n',
  'own.h': '#pragma once\n',
};

/** The command with which CMake scans one source. */
const scan = (source: string, ...more: string[]) => [
  ...['clang-scan-deps', '-format=p1689', ...more, '--', '/somewhere/c++', '-std=gnu++20', '-x', 'c++', source],
  ...['-c', '-o', `${source}.o`, '-resource-dir', '', '-MT', `${source}.ddi`, '-MD', '-MF', `${source}.d`],
];

describe('clang-scan-deps', () => {
  test('names the module of a unit, and those that another needs', () => {
    const cwd = project(FILES);
    expect(JSON.parse(ok(scan('greeting.cppm'), { cwd }))).toEqual({
      version: 1,
      revision: 0,
      rules: [
        {
          'primary-output': 'greeting.cppm.o',
          provides: [{ 'is-interface': true, 'logical-name': 'greeting', 'source-path': 'greeting.cppm' }],
        },
      ],
    });
    const needing = (...names: string[]) => ({
      version: 1,
      revision: 0,
      rules: [{ 'primary-output': 'main.cpp.o', requires: names.map((name) => ({ 'logical-name': name })) }],
    });
    expect(JSON.parse(ok(scan('main.cpp', '--target=x86_64'), { cwd }))).toEqual(needing('greeting'));
    // As the toolchain script for the other machine scans.
    expect(JSON.parse(ok(scan('main.cpp', '--target=aarch64'), { cwd }))).toEqual(needing('arm', 'greeting'));
  });

  test('writes the dependencies that a build system sees, and no others', () => {
    const cwd = project(FILES);
    ok(scan('main.cpp'), { cwd });
    const rule = readFileSync(join(cwd, 'main.cpp.d'), 'utf8');
    expect(rule.replace(/[\\\s]+/g, ' ').trim()).toMatch(/^main\.cpp\.ddi: ?main\.cpp own\.h$/);
    const printed = ok(['clang-scan-deps', '--', 'c++', '-c', 'main.cpp', '-o', 'main.o'], { cwd });
    expect(printed).toContain('own.h');
    expect(printed).not.toContain('/.art/');
  });

  test('reads a compile database, whichever compiler it names', () => {
    const cwd = project(FILES);
    const entries = [
      {
        directory: cwd,
        file: 'greeting.cppm',
        output: 'g.o',
        arguments: ['g++', '-std=gnu++20', '-x', 'c++', 'greeting.cppm', '-c', '-o', 'g.o'],
      },
      { directory: cwd, file: 'main.cpp', output: 'm.o', command: 'c++ -std=gnu++20 "main.cpp" -c -o m.o' },
    ];
    writeFileSync(join(cwd, 'all.json'), JSON.stringify(entries));
    const before = readFileSync(join(cwd, 'all.json'));
    const { rules } = JSON.parse(ok(['clang-scan-deps', '-format=p1689', '-compilation-database=all.json'], { cwd }));
    expect(rules).toEqual([
      {
        'primary-output': 'g.o',
        provides: [{ 'is-interface': true, 'logical-name': 'greeting', 'source-path': 'greeting.cppm' }],
      },
      {
        'primary-output': 'm.o',
        requires: [{ 'logical-name': 'greeting', 'source-path': 'greeting.cppm' }],
      },
    ]);
    expect(readFileSync(join(cwd, 'all.json'))).toEqual(before);
    const full = JSON.parse(
      ok(['clang-scan-deps', '-format=experimental-full', '-compilation-database=all.json'], { cwd }),
    ) as { 'translation-units': { commands: { 'input-file': string }[] }[] };
    expect(full['translation-units'].flatMap((unit) => unit.commands.map((command) => command['input-file']))).toEqual(
      entries.map(({ file }) => file),
    );
  });

  test.each([
    [scan('bad.cpp'), /'none\.h' file not found/],
    [scan('none.cpp'), /no such file or directory: 'none\.cpp'/],
    [['clang-scan-deps'], /command line must be provided either via '-compilation-database' or after '--'/],
    [['clang-scan-deps', '-format=p1689', '-compilation-database=none.json'], /opening JSON database: No such file/],
    [['clang-scan-deps', '-format=p1689', '-compilation-database=bad.cpp'], /Expected array/],
    [['clang-scan-deps', '-format=none', '--', 'c++'], /Cannot find option named 'none'/],
  ])('says what is wrong: %j', (args, why) => {
    const cwd = project({ 'bad.cpp': '#include "none.h"\n' });
    const { status, stderr } = run(args, { cwd });
    expect(status).toBe(1);
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/crashed|Stack dump|\.art\//);
  });
});

/** Whether CMake is new enough to build modules. */
function hasModules(): boolean {
  if (!available('cmake', 'ninja')) return false;
  const [, major, minor] = /(\d+)\.(\d+)/.exec(spawnSync('cmake', ['--version'], { encoding: 'utf8' }).stdout) ?? [];
  const isNew = Number(major) * 1000 + Number(minor) >= 3028;
  if (!isNew) console.log(`skipped, modules take CMake 3.28, and this one is ${major}.${minor}`);
  return isNew;
}

describe('CMake', () => {
  const folder = scratch();

  it.skipIf(!hasModules())(
    'builds a library of modules and the program that imports them',
    () => {
      const source = project({
        ...FILES,
        'parts.cppm': 'export module greeting.parts;\nexport int answer() { return 42; }\n',
        'main.cpp':
          '#include <cstdio>\nimport greeting;\nimport greeting.parts;\nint main() { std::printf("%s %d\\n", greeting().c_str(), answer()); }\n',
        'CMakeLists.txt': `cmake_minimum_required(VERSION 3.28)
project(modules CXX)
set(CMAKE_CXX_STANDARD 20)
add_library(greeting)
target_sources(greeting PUBLIC FILE_SET CXX_MODULES FILES greeting.cppm parts.cppm)
add_executable(main main.cpp)
target_link_libraries(main PRIVATE greeting)
`,
      });
      const file = join(folder, 'toolchain.cmake');
      const { stdout } = art(['toolchain', 'cmake', '--target', 'x86_64', '--wrappers', join(folder, 'scripts')]);
      writeFileSync(file, stdout);
      const build = join(folder, 'build');
      runNative('cmake', ['-G', 'Ninja', '-S', source, '-B', build, '--toolchain', file]);
      expect(runNative('cmake', ['--build', build, '--verbose'])).toContain(join(folder, 'scripts/clang-scan-deps'));
      if (process.arch === 'x64') expect(runNative(join(build, 'main'), [])).toBe('hello 42\n');
      expect(runNative('cmake', ['--build', build])).toContain('no work to do');
    },
    5 * MINUTES,
  );
});
