// Paths that exist only in art's own file system (/.art/…) are not shown to tools that would look for them. `art
// sysroot` writes the real files, whose paths are then shown instead.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { available, run as native, scratch } from '../support/native.js';
import { art, project, sha256 } from '../support/project.js';
import { commands } from '../support/resident.js';

const { env, ok, run } = commands();
const MAIN = '#include <stdio.h>\nint main(void) { puts("here"); return 0; }\n';
/** The prerequisites of the first rule. */
const prerequisites = (rules: string) =>
  (rules.split('\n\n')[0] as string).replaceAll('\\\n', ' ').split(/\s+/).slice(1);

test('what the linker writes for make names files of this machine only', () => {
  const cwd = project({ 'main.c': MAIN, 'f.c': 'int f(void) { return 1; }\n' });
  ok(['cc', '-c', 'f.c'], { cwd });
  for (const flags of ['-Wl,--dependency-file=d', '-Wl,--dependency-file,d']) {
    ok(['cc', 'main.c', 'f.o', '-o', 'program', flags], { cwd });
    const rules = readFileSync(join(cwd, 'd'), 'utf8');
    expect(rules).not.toContain('/.art/');
    expect(prerequisites(rules).filter((path) => !existsSync(join(cwd, path)))).toEqual([]);
    expect(prerequisites(rules)).toContain('f.o');
    if (available('make')) expect(spawnSync('make', ['-q', '-f', 'd', 'program'], { cwd }).status).toBe(0);
  }
});

it.skipIf(!available('ninja'))('ninja does not link again what nothing has changed of', () => {
  const cc = `${process.execPath} ${join(import.meta.dirname, '../../dist/cli/main.js')} cc`;
  const cwd = project({
    'main.c': MAIN,
    'build.ninja': `rule link\n  command = ${cc} main.c -o $out -Wl,--dependency-file=$out.d\n  depfile = $out.d\n  deps = gcc\nbuild program: link main.c\n`,
  });
  const ninja = () => spawnSync('ninja', [], { cwd, encoding: 'utf8', env: { ...process.env, ...env } }).stdout;
  expect(ninja()).toContain('[1/1]');
  expect(ninja()).toContain('no work to do');
});

test('questions about places are answered as by a compiler that does not find them', () => {
  const cwd = project({});
  const answers = [
    '-print-search-dirs',
    '--print-file-name=libc.a',
    '-print-file-name=crt1.o',
    '-print-libgcc-file-name',
  ];
  const said = answers.map((question) => ok(['cc', question], { cwd }));
  expect(said).toEqual(['programs: =\nlibraries: =\n', 'libc.a\n', 'crt1.o\n', 'libclang_rt.builtins.a\n']);
});

describe('with art sysroot', () => {
  const folder = join(scratch(), "it's here");
  const named = { ...env, ART_SYSROOT: folder };
  beforeAll(() => {
    expect(art(['sysroot', '--out', folder])).toEqual({ status: 0, stdout: `${folder}\n`, stderr: '' });
  });

  test('what is printed is there', () => {
    const cwd = project({ 'main.c': MAIN, 'wrong.c': '#include <stdio.h>\nint main(void) { return puts(1); }\n' });
    const ask = (...args: string[]) => run(['cc', ...args], { cwd, env: named });
    const [, programs, libraries] =
      /^programs: =(.*)\nlibraries: =(.*)\n$/.exec(ask('-print-search-dirs').stdout) ?? [];
    expect(programs).toBe('');
    expect(libraries?.split(':').length).toBeGreaterThan(2);
    for (const path of [
      ...(libraries ?? '').split(':'),
      ...['--print-file-name=libc.a', '-print-resource-dir', '-print-libgcc-file-name'].map((q) =>
        ask(q).stdout.trim(),
      ),
      ...ask('-H', '-fsyntax-only', 'main.c')
        .stderr.split('\n')
        .flatMap((line) => line.replace(/^\.+ /, '') || []),
      ...(/(\S[^\n:]*stdio\.h):\d+:\d+: note:/.exec(ask('-c', 'wrong.c').stderr)?.slice(1) ?? ['no note']),
    ])
      expect([path, existsSync(path)]).toEqual([path, true]);
    const searched = /search starts here:\n#include <...> search starts here:\n(.*)End of search list/s.exec(
      ask('-E', '-v', '-x', 'c++', '/dev/null', '-o', '/dev/null').stderr,
    )?.[1];
    expect(
      searched
        ?.trim()
        .split(/\s*\n\s*/)
        .filter((path) => !existsSync(path)),
    ).toEqual([]);
  });

  test('dependency files list its headers, and objects are the same', () => {
    const cwd = project({ 'main.c': MAIN });
    ok(['cc', '-g', '-MD', '-c', 'main.c', '-o', 'a.o'], { cwd });
    ok(['cc', '-g', '-MD', '-c', 'main.c', '-o', 'b.o'], { cwd, env: named });
    expect(sha256(readFileSync(join(cwd, 'b.o')))).toBe(sha256(readFileSync(join(cwd, 'a.o'))));
    expect(prerequisites(readFileSync(join(cwd, 'a.d'), 'utf8'))).toEqual(['main.c', '']);
    const text = readFileSync(join(cwd, 'b.d'), 'utf8')
      .replaceAll('\\ ', '\0')
      .replace(/^\S+: /, '');
    const listed = text
      .split(/(?:\\\n|\s)+/)
      .filter((path) => path !== '')
      .map((path) => path.replaceAll('\0', ' '));
    expect(listed.length).toBeGreaterThan(3);
    expect(listed.filter((path) => !existsSync(join(cwd, path)) && !existsSync(path))).toEqual([]);
  });

  test('art build names its files in diagnostics', () => {
    const cwd = project({ 'wrong.c': '#include <stdio.h>\nint main(void) { return puts(1); }\n' });
    const { stderr } = art(['build', 'wrong.c', '--target', 'x86_64'], { cwd, env: { ART_SYSROOT: folder } });
    expect(stderr).toContain(`${folder}/sysroot/x86_64-unknown-linux-musl/usr/include/stdio.h:`);
  });

  it.skipIf(!available('clang-22', 'qemu-aarch64-static'))('native clang compiles and links with them', () => {
    const cwd = project({
      'main.cpp': '#include <iostream>\n#include <linux/fs.h>\nint main() { std::cout << "here\\n"; }\n',
    });
    for (const [triple, emulator] of [
      ['x86_64-unknown-linux-musl', []],
      ['aarch64-unknown-linux-musl', ['qemu-aarch64-static']],
    ] as const) {
      const flags = ['-stdlib=libc++', '-rtlib=compiler-rt', '-unwindlib=libunwind', '-fuse-ld=lld', '-static'];
      const places = [
        `--sysroot=${folder}/sysroot/${triple}`,
        `-resource-dir=${folder}/clang`,
        '--gcc-toolchain=/none',
      ];
      native('clang++-22', [`--target=${triple}`, ...places, ...flags, 'main.cpp', '-o', triple], cwd);
      const [program = '', ...args] = [...emulator, join(cwd, triple)];
      expect(native(program, args)).toBe('here\n');
    }
  });

  it.skipIf(!available('clangd-22'))('clangd finds the headers by asking the script of art toolchain', () => {
    const cwd = project({ 'main.cpp': '#include <vector>\nint main() { return std::vector<int>{1}.size() - 1; }\n' });
    const wrappers = join(cwd, 'bin');
    const made = art(['toolchain', 'env', '--wrappers', wrappers], { cwd, env: named });
    expect(made.status).toBe(0);
    const database = [{ directory: cwd, file: 'main.cpp', arguments: [join(wrappers, 'c++'), '-c', 'main.cpp'] }];
    writeFileSync(join(cwd, 'compile_commands.json'), JSON.stringify(database));
    const check = (...args: string[]) =>
      spawnSync('clangd-22', ['--check=main.cpp', ...args], { cwd, encoding: 'utf8', env: { ...process.env, ...env } });
    expect(check(`--query-driver=${wrappers}/*`).stderr).toMatch(/All checks completed, 0 errors/);
    const { stderr } = check(`--query-driver=${wrappers}/*`, '--log=verbose');
    expect(stderr).toContain(`${folder}/sysroot/x86_64-unknown-linux-musl/usr/include/c++/v1`);
  });

  it.skipIf(!available('ccache'))('ccache hits in direct mode', () => {
    const cwd = project({ 'main.c': MAIN });
    const wrappers = join(cwd, 'bin');
    art(['toolchain', 'env', '--wrappers', wrappers], { cwd, env: named });
    const ccache = (...args: string[]) =>
      native(
        'env',
        [
          `CCACHE_DIR=${cwd}/cache`,
          'CCACHE_SLOPPINESS=include_file_ctime,include_file_mtime',
          ...vars,
          'ccache',
          ...args,
        ],
        cwd,
      );
    const vars = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const compile = () => ccache(join(wrappers, 'cc'), '-c', 'main.c', '-o', 'main.o');
    compile();
    compile();
    expect(ccache('--print-stats')).toMatch(/^direct_cache_hit\t1$/m);
  });

  test('another version of its files, and a folder that is none, are named', () => {
    const cwd = project({ 'main.c': MAIN, 'other/art-sysroot.json': '{}\n', 'full/file': '' });
    const compile = (place: string) => run(['cc', '-c', 'main.c'], { cwd, env: { ...env, ART_SYSROOT: place } });
    expect(compile('other')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^art: error: ART_SYSROOT is '.*other', which another version of art wrote: run art sysroot --out '.*other' again\n$/,
      ),
    });
    expect(compile('none').stderr).toMatch(/^art: error: ART_SYSROOT is '.*none', and no art sysroot wrote that: /);
    expect(art(['build', 'main.c'], { cwd, env: { ART_SYSROOT: 'none' } })).toMatchObject({ status: 1 });
    const { status, stderr } = art(['sysroot', '--out', 'full'], { cwd });
    expect([status, stderr]).toEqual([1, expect.stringContaining("cannot write the sysroots to 'full' (it is there")]);
    expect(readdirSync(cwd).sort()).toEqual(['full', 'main.c', 'other']);
  });

  test('an older one is replaced, an empty folder filled, and the same one left as it is', () => {
    const cwd = project({ 'old/art-sysroot.json': '{}\n', 'old/sysroot/gone': '' });
    mkdirSync(join(cwd, 'empty'));
    for (const out of ['old', 'empty', 'old']) expect(art(['sysroot', '--out', out], { cwd }).status).toBe(0);
    expect(existsSync(join(cwd, 'old/sysroot/gone'))).toBe(false);
    expect(existsSync(join(cwd, 'empty/clang/include/stddef.h'))).toBe(true);
    expect(readdirSync(cwd).sort()).toEqual(['empty', 'old']);
  });
});
