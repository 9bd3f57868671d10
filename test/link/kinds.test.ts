// The kinds of files that `art link` makes besides plain programs, and the messages where a kind is not possible.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { available, run as runCommand, scratch } from '../support/native.js';
import { art, project, unpack } from '../support/project.js';
import { commands } from '../support/resident.js';

const GREET = `#include <stdio.h>
int counter = 3;
static int hidden(void) { return 1; }
int unused(void) { return 12345; }
void greet(const char *who) { printf("hello %s %d\\n", who, counter + hidden()); }
`;
const MAIN = 'void greet(const char *);\nint main(void) { greet("you"); return 0; }\n';
const ET = { relocatable: 1, executable: 2, shared: 3 };
const { ok } = commands();

/** The type of an ELF file, and the strings in it that show how it is loaded. */
function elf(file: string): { type: number; interpreter: string | undefined; text: string } {
  const bytes = readFileSync(file);
  const text = bytes.toString('latin1');
  return { type: bytes.readUInt16LE(16), interpreter: /\/lib\/ld-musl-\w+\.so\.1/.exec(text)?.[0], text };
}

describe.each(['x86_64', 'aarch64'])('%s', (architecture) => {
  const cwd = scratch();
  const emulator = architecture === 'x86_64' ? [] : ['qemu-aarch64-static'];
  const runs = available(...emulator);
  const say = (program: string) => {
    const [command = '', ...args] = [...emulator, join(cwd, program)];
    return runCommand(command, args);
  };
  const link = (...args: string[]) => {
    const { status, stdout, stderr } = art(['link', '--quiet', ...args], { cwd });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  };

  beforeAll(() => {
    const compile = [
      'cc',
      `--target=${architecture}-linux-musl`,
      '-O1',
      '-fPIC',
      '-ffunction-sections',
      '-c',
      '-x',
      'c',
    ];
    ok([...compile, '-', '-o', 'greet.o'], { cwd, input: GREET });
    ok([...compile, '-', '-o', 'main.o'], { cwd, input: MAIN });
  });

  it.skipIf(!runs)('a program, static, at a fixed address', () => {
    link('main.o', 'greet.o', '-o', 'program');
    expect(elf(join(cwd, 'program'))).toMatchObject({ type: ET.executable, interpreter: undefined });
    expect(say('program')).toBe('hello you 4\n');
  });

  it.skipIf(!runs)('--static-pie: a program that runs anywhere and needs no loader', () => {
    link('--static-pie', 'main.o', 'greet.o', '-o', 'pie');
    expect(elf(join(cwd, 'pie'))).toMatchObject({ type: ET.shared, interpreter: undefined });
    expect(say('pie')).toBe('hello you 4\n');
  });

  it.skipIf(!runs)('--relocatable: one object, which links', () => {
    link('-r', 'main.o', 'greet.o', '-o', 'both.o');
    expect(elf(join(cwd, 'both.o')).type).toBe(ET.relocatable);
    expect(statSync(join(cwd, 'both.o')).mode & 0o111).toBe(0);
    link('both.o', '-o', 'from-both');
    expect(say('from-both')).toBe('hello you 4\n');
  });

  it.skipIf(!runs)('--archive: found by -L and -l, of which only what is used is taken', () => {
    link('--archive', 'greet.o', '-o', 'libgreet.a');
    writeFileSync(join(cwd, 'order'), 'greet\nmain\n');
    const flags = ['-Wl,--gc-sections', '-Wl,--symbol-ordering-file=order', '-Wl,-Map=link.map'];
    link('main.o', '-L.', '-lgreet', ...flags, '-o', 'small');
    expect(say('small')).toBe('hello you 4\n');
    const map = readFileSync(join(cwd, 'link.map'), 'utf8');
    expect(map).toMatch(/ \.\/libgreet\.a\(greet\.o\):\(\.text\.greet\)/);
    expect(map).not.toContain('.text.unused');
    expect(map.indexOf('.text.greet)')).toBeLessThan(map.indexOf('main.o:(.text.main)'));
    expect(map).toContain('main.o:(.text.main)');
    // art ar makes the same archive.
    ok(['ar', 'rcs', 'again.a', 'greet.o'], { cwd });
    expect(readFileSync(join(cwd, 'again.a'))).toEqual(readFileSync(join(cwd, 'libgreet.a')));
  });

  test('--shared with a version script, and a program that loads it', () => {
    const script = join(project({ 'v.map': 'GREET_1 { global: greet; local: *; };\n' }), 'v.map');
    link('--shared', 'greet.o', '-Wl,-soname,libgreet.so.1', `-Wl,--version-script=${script}`, '-o', 'libgreet.so');
    const library = elf(join(cwd, 'libgreet.so'));
    expect(library).toMatchObject({ type: ET.shared, interpreter: undefined });
    expect(library.text).toMatch(/libgreet\.so\.1\0/);
    expect(ok(['nm', '-D', '--defined-only', '-j', 'libgreet.so'], { cwd })).toBe('greet@@GREET_1\n');

    link('main.o', 'libgreet.so', '-Wl,-rpath,$ORIGIN', '-o', 'dynamic');
    const program = elf(join(cwd, 'dynamic'));
    expect(program.interpreter).toBe(`/lib/ld-musl-${architecture}.so.1`);
    expect(program.text).toMatch(/\0\$ORIGIN\0/);
    expect(program.text).toMatch(/\0libgreet\.so\.1\0/);
    ok(['cc', `--target=${architecture}-linux-musl`, 'main.o', './libgreet.so', '-o', 'by-cc'], { cwd });
    expect(elf(join(cwd, 'by-cc')).interpreter).toBe(program.interpreter);
  });

  test('what the linker prints is shown', () => {
    const { status, stdout, stderr } = art(
      ['link', '--quiet', 'main.o', 'greet.o', '-Wl,--gc-sections,--print-gc-sections', '-o', 'program'],
      { cwd },
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toContain('\nremoving unused section greet.o:(.text.unused)\n');
  });

  test('the same inputs give the same bytes, wherever they lie', () => {
    const inputs = Object.fromEntries(['main.o', 'greet.o'].map((name) => [name, readFileSync(join(cwd, name))]));
    const elsewhere = project(inputs);
    link('main.o', 'greet.o', '-o', 'program');
    expect(art(['link', '--quiet', 'main.o', 'greet.o', '-o', 'p'], { cwd: elsewhere }).status).toBe(0);
    expect(readFileSync(join(elsewhere, 'p'))).toEqual(readFileSync(join(cwd, 'program')));
  });
});

describe('what is wrong', () => {
  const cwd = scratch();
  const fail = (args: string[], status = 1) => {
    const result = art(['link', ...args], { cwd });
    expect({ ...result, stderr: '' }).toEqual({ status, stdout: '', stderr: '' });
    return result.stderr;
  };

  beforeAll(() => {
    ok(['cc', '-c', '-x', 'c', '--target=x86_64-linux-musl', '-', '-o', 'main.o'], { cwd, input: MAIN });
    ok(['cc', '-c', '-x', 'c', '--target=aarch64-linux-musl', '-', '-o', 'greet.o'], { cwd, input: GREET });
  });

  test('a symbol that is nowhere is named, with where it is needed', () => {
    expect(fail(['main.o', '-o', 'program'])).toBe(
      "ld.lld: error: undefined symbol: greet\n>>> referenced by -\n>>>               main.o:(main)\nart: error: 'program' could not be linked for x86_64-unknown-linux-musl\n",
    );
    expect(existsSync(join(cwd, 'program'))).toBe(false);
  });

  test('art build --link names the target that does not link', () => {
    const source =
      '#ifdef __aarch64__\nint none(void);\n#else\n#define none() 0\n#endif\nint main(void) { return none(); }\n';
    const cwd = project({ 'm.c': source });
    const build = (...args: string[]) => art(['build', 'm.c', '--link', 'program', ...args], { cwd });
    const { status, stderr } = build('--quiet');
    expect(status).toBe(1);
    expect(stderr).toMatch(/undefined symbol: none/);
    expect(stderr).toMatch(/art: error: 'program' could not be linked for aarch64-unknown-linux-musl\n$/);
    expect(JSON.parse(build('--json').stdout)).toMatchObject({
      code: 'LINK_FAILED',
      failures: [{ unit: 'program', target: 'aarch64-unknown-linux-musl' }],
    });
  });

  test('objects for different machines', () => {
    expect(fail(['main.o', 'greet.o', '-o', 'program'])).toBe(
      "art: error: 'greet.o' is for aarch64, 'main.o' for x86_64: link one target at a time, and name it with --target\n",
    );
    expect(fail(['--target', 'aarch64', 'main.o', '-o', 'program'])).toMatch(
      /^art: error: 'main\.o' is for x86_64, the target for aarch64: /,
    );
  });

  test('libraries and inputs that are not there', () => {
    expect(fail(['main.o', '-lnone', '-o', 'program'])).toContain('ld.lld: error: unable to find library -lnone\n');
    expect(fail(['none.o', '-o', 'program'])).toMatch(/^art: error: no such file or artifact: 'none\.o' \(looked in /);
  });

  test('a file that is no object', () => {
    const text = project({ 'a.o': 'this is no object\n' });
    const { status, stderr } = art(['link', 'a.o', '-o', 'program'], { cwd: text });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^ld\.lld: error: a\.o/);
    expect(readdirSync(text)).toEqual(['a.o']);
  });

  test('nothing to link, and nowhere to write', () => {
    expect(fail(['-o', 'program'], 2)).toMatch(/^art: error: nothing to link: /);
    expect(fail(['main.o'], 2)).toMatch(/^art: error: nowhere to write: name the output file with -o/);
    expect(
      fail(['main.o', '-o', 'none/program', '-nostdlib', '-Wl,-e,main', '-Wl,--unresolved-symbols=ignore-all']),
    ).toMatch(/none\/program/);
  });

  test('a header that is not there is clang’s to say', () => {
    const folder = project({ 'a.c': '#include <zlib.h>\n' });
    const { status, stderr } = art(['build', 'a.c'], { cwd: folder });
    expect(status).toBe(1);
    expect(stderr).toMatch(/a\.c:1:10: fatal error: 'zlib\.h' file not found/);
  });
});

test('an artifact is named by its folder or its manifest, relative or absolute, also with ..', () => {
  const cwd = project({
    'a.c': 'int main(void) { return 6; }\n',
    'bad.c': 'int none(void), (*f)(void) = none;\n',
    'sub/x': '',
  });
  expect(art(['build', '--quiet', '--target', 'x86_64', '--out', 'out', 'a.c'], { cwd }).status).toBe(0);
  const inside = { cwd: join(cwd, 'sub') };
  for (const [i, name] of [join(cwd, 'out'), '../out', '../out/artifact.json', '../sub/../out/'].entries()) {
    expect(art(['link', '--quiet', name, '-o', `${i}`], inside)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(spawnSync(join(cwd, 'sub', `${i}`)).status).toBe(6);
  }
  expect(art(['build', '--quiet', '--target', 'x86_64', '--out', 'bad', 'a.c', 'bad.c'], { cwd }).status).toBe(0);
  expect(art(['link', 'bad', '-o', 'p'], { cwd }).stderr).toMatch(
    />>> {15}bad\/objects\/x86_64-unknown-linux-musl\/bad\.c\.o:/,
  );
});

test('an output that was there keeps nothing of its own', () => {
  const cwd = project({ 'a.c': 'int main(void) { return 5; }\n', a: 'old' });
  chmodSync(join(cwd, 'a'), 0o600);
  ok(['cc', 'a.c', '-o', 'a'], { cwd });
  expect(spawnSync(join(cwd, 'a')).status).toBe(5);
});

it.skipIf(!available('gcc') || process.arch !== 'x64')(
  'an artifact for glibc and a sysroot of it: a program of glibc',
  () => {
    const cwd = project({
      'a.c':
        '#include <gnu/libc-version.h>\n#include <stdio.h>\nint main(void) { return puts(gnu_get_libc_version()) < 0; }\n',
    });
    const target = ['--target', 'x86_64-linux-gnu', '--sysroot', '/'];
    expect(art(['build', '--quiet', 'a.c', '--link', 'built', ...target], { cwd })).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(art(['link', '--quiet', 'artifact', '--sysroot', '/', '-o', 'linked'], { cwd }).stderr).toBe('');
    const built = join(unpack(join(cwd, 'artifact')), 'executables/x86_64-linux-gnu/built');
    for (const program of [built, join(cwd, 'linked')]) expect(runCommand(program, [])).toMatch(/^2\.\d+\n$/);
  },
);
