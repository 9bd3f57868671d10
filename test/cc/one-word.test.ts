// One-word compiler commands, and tools that use only the first word of CC='art cc'.
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { available, scratch } from '../support/native.js';
import { project, REPOSITORY } from '../support/project.js';
import { commands } from '../support/resident.js';

const { env, ok, run } = commands();
const { bin } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { bin: Record<string, string> };
const MAIN = 'int main(void) { return 0; }\n';

/** Runs a file of the package, as a shell would. */
function start(file: string, args: string[], cwd = REPOSITORY) {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, encoding: 'utf8', env: { ...process.env, ...env } });
  return { status, stdout, stderr };
}

describe('commands of the package', () => {
  test('one for every compiler command, and art-aot, which is art', () => {
    const words = ['cc', 'c++', 'ar', 'ranlib', 'nm', 'strip', 'objcopy', 'dlltool', 'clang-scan-deps'];
    expect(Object.keys(bin)).toEqual(['art', 'art-aot', ...words.map((word) => `art-${word}`)]);
    expect(bin['art-aot']).toBe(bin.art);
    for (const word of words.slice(2))
      expect(start(join(REPOSITORY, bin[`art-${word}`] as string), ['--version'])).toEqual(run([word, '--version']));
  });

  test('they compile, archive and link, also through a link of another name', () => {
    const cwd = project({
      'a.c': 'int a(void);\nint main(void) { return a(); }\n',
      'b.cc': 'extern "C" int a() { return 4; }\n',
    });
    const folder = project({});
    for (const [word, name] of [
      ['art-cc', 'cc'],
      ['art-c++', 'x86-c++'],
      ['art-ar', 'my ar'],
    ] as const)
      symlinkSync(join(REPOSITORY, bin[word] as string), join(folder, name));
    const silent = { status: 0, stdout: '', stderr: '' };
    expect(start(join(folder, 'cc'), ['-c', 'a.c'], cwd)).toEqual(silent);
    expect(start(join(folder, 'x86-c++'), ['-c', 'b.cc'], cwd)).toEqual(silent);
    expect(start(join(folder, 'my ar'), ['rc', 'libb.a', 'b.o'], cwd)).toEqual(silent);
    expect(start(join(folder, 'cc'), ['a.o', 'libb.a', '-o', 'a'], cwd)).toEqual(silent);
    expect(spawnSync(join(cwd, 'a')).status).toBe(4);
    expect(start(join(folder, 'cc'), ['-c', 'none.c'], cwd)).toMatchObject({ status: 1 });
  });
});

describe("what is asked of art itself where CC is 'art cc'", () => {
  test('Go: the version, and whether the linker takes a flag', () => {
    const cwd = project({ 'trivial.c': MAIN });
    const { status, stderr } = run(['-###', '-x', 'c', '-c', '-'], { cwd });
    expect(status).toBe(0);
    expect(stderr).toMatch(/^clang version 22\./);
    expect(stderr).toMatch(/^ "\w*" "-cc1"/m);
    const m64 = process.arch === 'x64' ? ['-m64'] : [];
    ok([...m64, '-no-pie', 'trivial.c'], { cwd });
    expect(run([...m64, '-nopie', 'trivial.c'], { cwd }).status).toBe(1);
    // For long command lines, all words except the first are in a response file.
    writeFileSync(join(cwd, 'response'), '"cc"\n"-DX=1"\n"-o"\n"b"\n"trivial.c"\n');
    ok(['@response'], { cwd });
    expect(spawnSync(join(cwd, 'b')).status).toBe(0);
  });

  test("Rust's cc: which family it is", () => {
    const cwd = project({ 'detect.c': '#ifdef __clang__\n"clang"\n#endif\n' });
    expect(ok(['-E', 'detect.c'], { cwd })).toContain('"clang"');
  });

  test('others: macros, the machine, places', () => {
    expect(ok(['-dM', '-E', '-x', 'c', '/dev/null'])).toContain('#define __clang__ 1\n');
    expect(ok(['-dumpmachine'])).toBe(ok(['cc', '-dumpmachine']));
    expect(ok(['-print-search-dirs'])).toBe(ok(['cc', '-print-search-dirs']));
  });

  test('what is no command is still no command', () => {
    expect(run(['frobnicate'])).toMatchObject({ status: 2, stdout: '' });
    expect(run(['@none'])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('Go', () => {
  const folder = scratch();
  const go = (args: string[], cwd: string, CC: string) => {
    const own = {
      GOCACHE: join(folder, 'cache'),
      GOPATH: join(folder, 'path'),
      GOFLAGS: '-mod=mod',
      CGO_ENABLED: '1',
      CC,
    };
    const { status, stdout, stderr } = spawnSync('go', args, {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, ...env, ...own, PATH: `${folder}:${process.env.PATH}` },
    });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };

  it.skipIf(!available('go'))(
    'builds a program with C in it that starts, as "art cc" and as art-cc',
    { timeout: 600_000 },
    () => {
      for (const word of ['art', 'art-cc']) symlinkSync(join(REPOSITORY, bin[word] as string), join(folder, word));
      const cwd = project({
        'go.mod': 'module hello\n\ngo 1.19\n',
        'main.go':
          'package main\n\n// static int twice(int x) { return 2 * x; }\nimport "C"\nimport "fmt"\n\nfunc main() { fmt.Println(C.twice(21)) }\n',
      });
      for (const CC of ['art cc', 'art-cc'])
        for (const mode of ['exe', 'pie']) {
          go(['build', `-buildmode=${mode}`, '-o', 'hello'], cwd, CC);
          expect(spawnSync(join(cwd, 'hello'), { encoding: 'utf8' }).stdout).toBe('42\n');
        }
    },
  );
});
