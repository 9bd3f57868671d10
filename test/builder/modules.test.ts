// C++20 modules in art build: units are compiled in the order of their imports, and if that is not possible, a message
// says why.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { differences } from '../support/compare.js';
import { available, run } from '../support/native.js';
import { art, project, unpack } from '../support/project.js';

// Their names sort in another order than that of their imports.
const SOURCES = {
  'package.json': '{"name":"shapes","version":"1.0.0"}',
  'src/a-main.cpp':
    'import shapes;\nextern "C" int printf(const char *, ...);\nint main() { printf("%d %d %d\\n", area(3), twice(4), sides()); }\n',
  'src/b-shapes.cppm': 'export module shapes;\nexport import :square;\nexport import numbers;\nexport int sides();\n',
  'src/c-square.cppm':
    'export module shapes:square;\nimport numbers;\nexport int area(int side) { return twice(side) * side / 2; }\n',
  'src/d-numbers.cppm':
    'export module numbers;\nexport inline int twice(int x) { return 2 * x; }\nstatic int made = twice(1);\nexport int get() { return made; }\n',
  // An implementation unit: part of a module, but nothing can import it.
  'src/e-sides.cpp': 'module shapes;\nint sides() { return 4; }\n',
};
const FLAGS = ['--', '-std=c++20', '-O1'];

function build(files: Record<string, string>, ...options: string[]) {
  const cwd = project({ ...files });
  return { cwd, ...art(['build', 'src', ...options, ...FLAGS], { cwd }) };
}

test('a program of modules is built and linked for both targets, and runs', () => {
  const { cwd, status, stderr } = build(SOURCES, '--link', 'shapes');
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringMatching(/error|warning/) });
  const program = join(unpack(join(cwd, 'artifact')), 'executables/x86_64-unknown-linux-musl/shapes');
  expect(spawnSync(program, { encoding: 'utf8' }).stdout).toBe('9 8 4\n');
  const again = art(['rebuild', 'artifact', '--quiet'], { cwd });
  expect({ status: again.status, stderr: again.stderr }).toEqual({ status: 0, stderr: '' });
});

test('the order in which units are compiled leaves no trace', () => {
  const one = build(SOURCES, '--jobs', '1', '--target', 'x86_64');
  const many = build(SOURCES, '--jobs', '4', '--target', 'x86_64');
  const archive = ({ cwd }: { cwd: string }) => readFileSync(join(cwd, 'artifact/artifact.tar.gz'));
  expect(archive(one).equals(archive(many))).toBe(true);
});

describe('beside native clang', () => {
  it.skipIf(!available('clang-22'))('objects are the same to the byte', () => {
    const { cwd, status } = build(SOURCES, '--target', 'x86_64', '--emit', 'object');
    expect(status).toBe(0);
    const ours = join(unpack(join(cwd, 'artifact')), 'objects/x86_64-unknown-linux-musl/src');
    const clang = (source: string, ...more: string[]) =>
      run(
        'clang-22',
        [
          '--target=x86_64-unknown-linux-musl',
          '-std=c++20',
          '-O1',
          '-fdebug-compilation-dir=.',
          ...more,
          `src/${source}`,
        ],
        cwd,
      );
    const known: string[] = [];
    for (const [name, source] of [
      ['numbers', 'd-numbers.cppm'],
      ['shapes:square', 'c-square.cppm'],
      ['shapes', 'b-shapes.cppm'],
    ] as const) {
      clang(source, ...known, '--precompile', '-o', `${source}.pcm`);
      known.push(`-fmodule-file=${name}=${source}.pcm`);
    }
    for (const source of ['a-main.cpp', 'b-shapes.cppm', 'c-square.cppm', 'd-numbers.cppm', 'e-sides.cpp']) {
      clang(source, ...known, '-c', '-o', 'native.o');
      expect(differences(readFileSync(join(ours, `${source}.o`)), readFileSync(join(cwd, 'native.o')))).toEqual([]);
    }
  });
});

test('an error in a module is said once, and who imports it is named', () => {
  const broken = {
    ...SOURCES,
    'src/d-numbers.cppm': 'export module numbers;\nexport int twice(int x) { return y; }\n',
  };
  const { status, stderr } = build(broken, '--target', 'x86_64');
  expect(status).toBe(1);
  expect(stderr.match(/use of undeclared identifier 'y'/g)).toHaveLength(1);
  expect(stderr).toContain('src/d-numbers.cppm:2:');
  expect(stderr).toContain(
    "src/c-square.cppm: note: not compiled: it imports 'numbers', and 'src/d-numbers.cppm' did not compile",
  );
  expect(stderr).toMatch(/units did not compile: .*src\/d-numbers\.cppm/);
});

test('a warning in a module is said once', () => {
  const { status, stderr } = build(
    { ...SOURCES, 'src/d-numbers.cppm': `${SOURCES['src/d-numbers.cppm']}int unused() { int x; return 0; }\n` },
    '--target',
    'x86_64',
    '-Wall',
  );
  expect(status).toBe(0);
  expect(stderr.match(/unused variable 'x'/g)).toHaveLength(1);
});

test('a module that no unit is, is said by the compiler', () => {
  const { status, stderr } = build(
    { ...SOURCES, 'src/a-main.cpp': 'import nowhere;\nint main() {}\n' },
    '--target',
    'x86_64',
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/src\/a-main\.cpp:1:8: (fatal )?error: module 'nowhere' not found/);
});

test('two units of one module, and modules that import each other, are named', () => {
  const twice = build({ ...SOURCES, 'src/z.cppm': 'export module numbers;\n' }, '--target', 'x86_64');
  expect(twice.status).toBe(1);
  expect(twice.stderr).toContain(
    "the module 'numbers' is also that of 'src/d-numbers.cppm': give one of them another name",
  );
  const circle = build(
    {
      'package.json': '{"name":"c","version":"1.0.0"}',
      'src/a.cppm': 'export module a;\nimport b;\n',
      'src/b.cppm': 'export module b;\nimport a;\n',
      'src/c.cpp': 'import a;\n',
    },
    '--target',
    'x86_64',
  );
  expect(circle.status).toBe(1);
  expect(circle.stderr).toContain("modules import each other in a circle: 'src/a.cppm' → 'src/b.cppm' → 'src/a.cppm'");
});

test('an interface in a .cpp file, as CMake has them, and one in a .ixx file, are modules as well', () => {
  const { status, stderr, cwd } = build(
    {
      'package.json': '{"name":"c","version":"1.0.0"}',
      'src/a.cpp': 'export module a;\nexport int one() { return 1; }\n',
      'src/b.ixx': 'export module b;\nexport import a;\n',
      'src/main.cpp': 'import b;\nint main() { return one() - 1; }\n',
    },
    '--target',
    'x86_64',
    '--link',
    'm',
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('error') });
  const program = join(unpack(join(cwd, 'artifact')), 'executables/x86_64-unknown-linux-musl/m');
  expect(spawnSync(program).status).toBe(0);
});
