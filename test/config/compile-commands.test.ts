import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'art-aot';
import { expect, test } from 'vitest';
import { project } from '../support/project.js';

interface Entry {
  directory?: string;
  file?: string;
  command?: string;
  arguments?: string[];
  [key: string]: unknown;
}

const SOURCES = { 'package.json': '{"name":"p"}', 'src/a.c': 'int a;', 'src/b.c': 'int b;', 'src/c.cpp': 'int c;' };

/** A project with a compile database in `build/`. */
function database(entries: Entry[], files: Record<string, string> = {}): string {
  const root = project({ ...SOURCES, ...files });
  mkdirSync(join(root, 'build'), { recursive: true });
  const full = entries.map((entry) => ({ directory: join(root, 'build'), file: '../src/a.c', ...entry }));
  writeFileSync(join(root, 'build/compile_commands.json'), JSON.stringify(full));
  return root;
}

/** Plans a build of it. @returns the flags of each unit, and the warnings */
async function plan(root: string, options: Partial<BuildOptions> = {}) {
  const warnings: string[] = [];
  const { manifest, units } = await build({
    compileCommands: 'build/compile_commands.json',
    cwd: root,
    out: 'out',
    targets: ['x86_64'],
    emit: ['object'],
    manifestOnly: true,
    onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    ...options,
  });
  const { flags, unit_flags = [] } = manifest.provenance;
  const flagsOf = ({ source, variant }: { source: string | null; variant?: number | undefined }) =>
    unit_flags.find((u) => u.source === source && u.variant === variant)?.flags ?? flags;
  const paths = manifest.entries.map((entry) => entry.path.replace(/^objects\/[^/]+\//, ''));
  return {
    units,
    paths,
    warnings,
    manifest,
    flags: Object.fromEntries(manifest.entries.map((entry, i) => [paths[i] as string, flagsOf(entry)])),
  };
}

/** The flags that remain of a single command. */
const flagsOf = async (entry: Entry, options: Partial<BuildOptions> = {}) =>
  (await plan(database([entry]), options)).manifest.provenance.flags;

test('a command string is split as a shell does, and arguments are taken as they are', async () => {
  const expected = ['-DX="a b"', "-DY='q'", '-DZ=\\"', '-Wall'];
  expect(await flagsOf({ command: String.raw`cc -DX=\"a\ b\" "-DY='q'" '-DZ=\"' -Wall -c -o a.o ../src/a.c` })).toEqual(
    expected,
  );
  expect(await flagsOf({ arguments: ['cc', ...expected, '-c', '-o', 'a.o', '../src/a.c'] })).toEqual(expected);
});

test.each([
  'cc',
  '/usr/bin/x86_64-linux-gnu-gcc-13',
  'ccache clang-18',
  '/opt/ccache/ccache /usr/bin/cc',
  'distcc ccache gcc',
  'env CCACHE_DIR=/x ccache cc',
  'cmake -E env A=b ccache cc',
  'our-own-wrapper cc',
  'zig cc',
])("compiler '%s' is no flag", async (compiler) => {
  expect(await flagsOf({ command: `${compiler} -DA ../src/a.c` })).toEqual(['-DA']);
  expect(await flagsOf({ command: `${compiler} ../src/a.c -DA` })).toEqual(['-DA']);
});

test.each([
  '-c -o a.o',
  '-oa.o --output=a.o',
  '-MD -MT a.o -MF a.o.d',
  '-MMD -MP -MQ x -MFa.d -MJ x.json',
  '-pipe -fdiagnostics-color=always -fcolor-diagnostics -fno-color-diagnostics -fdiagnostics-color',
  '-save-temps=obj -fintegrated-as',
  '-lm -L/opt/lib -l m -L lib -Wl,-z,now -Xlinker -x libx.a x.o',
  '--serialize-diagnostics a.dia --',
  '-shared -pie -no-pie -static-libgcc -fuse-ld=lld -z now -Wl,-x -Tlink.ld -u f -rtlib=compiler-rt',
  '-aux-info a.X -dumpbase a -Wa,-adhln=a.lst',
])('%s are left out in silence', async (words) => {
  const root = database([{ command: `cc -g ${words} ../src/a.c` }]);
  expect(await plan(root)).toMatchObject({ flags: { 'src/a.c.o': ['-g'] }, warnings: [] });
});

test.each([
  ['-march=native', 'name a CPU'],
  ['-mcpu=native', 'name a CPU'],
  ['-mtune=native', 'name a CPU'],
  ['-target aarch64-linux-gnu', "art's option --target"],
  ['--target=x86_64-linux-gnu', "art's option --target"],
  ['-m64', "art's option --target"],
  ['--sysroot=/opt/x', "art's --sysroot"],
  ['-isysroot /opt/x', "art's --sysroot"],
  ['-gsplit-dwarf', 'debug info goes into the object'],
  ['-ffile-prefix-map=/a=/b', 'relative to the project'],
  ['-flto', 'the artifact has the bitcode'],
  ['-flto=auto', 'the artifact has the bitcode'],
  ['-flto=thin', 'the artifact has the bitcode'],
  ['-ffat-lto-objects', 'the artifact has the bitcode'],
  ['--coverage', 'coverage is not measured'],
  ['-fprofile-arcs', 'coverage is not measured'],
  ['-ftest-coverage', 'coverage is not measured'],
  ['-specs=/usr/share/dpkg/pie-compile.specs', 'write out the flags that they add'],
  ['-stdlib=libstdc++', "the sysroot's"],
])('%s is left out with a warning', async (words, why) => {
  const { flags, warnings } = await plan(database([{ command: `cc -O2 ${words} -c ../src/a.c` }]));
  expect(flags).toEqual({ 'src/a.c.o': ['-O2'] });
  expect(warnings).toEqual([
    expect.stringContaining(`'build/compile_commands.json': left out '${words}' of src/a.c: `),
  ]);
  expect(warnings[0]).toContain(why);
});

test('a warning about many units is one', async () => {
  const names = ['a', 'b', 'd', 'e', 'f'];
  const entries = names.map((name) => ({ file: `../src/${name}.c`, command: `cc -m64 -c ../src/${name}.c` }));
  const root = database(entries, Object.fromEntries(names.map((name) => [`src/${name}.c`, ''])));
  expect((await plan(root)).warnings).toEqual([
    expect.stringMatching(/left out '-m64' of src\/a\.c, src\/b\.c, src\/d\.c and 2 more: /),
  ]);
});

test('every flag that cannot be honoured is named, with its units, at once', async () => {
  const root = database(
    [
      { command: 'cc -m16 -m32 -fplan9-extensions ../src/a.c' },
      { file: '../src/b.c', command: 'cc -m32 ../src/b.c other.c ../readme' },
      { file: '../src/c.cpp', command: 'clang-cl /nologo ../src/c.cpp' },
      { file: '../src/d.c', command: 'cc -iprefix /x -Xclang -plugin-arg-x -fplugin=x.so -D' },
    ],
    { 'src/d.c': '' },
  );
  const message = await plan(root).catch((error) => `${error.code}: ${error.message}`);
  for (const line of [
    "UNSUPPORTED_FLAG: 'build/compile_commands.json' has flags that cannot be used here:",
    "'-m32' of src/a.c, src/b.c: the target is chosen with art's option --target",
    "'-m16' of src/a.c: the target is chosen with art's option --target",
    "'-fplan9-extensions' of src/a.c: it changes what the source means",
    "'other.c' of src/b.c: it is another source",
    "'../readme' of src/b.c: it is neither a flag nor the source",
    "'clang-cl' of src/c.cpp: its flags are those of Microsoft's compiler",
    "'-iprefix /x' of src/d.c: the compiler in art cannot see",
    "'-fplugin=x.so' of src/d.c: the compiler in art cannot see",
    "'-D' of src/d.c: it needs a value",
  ])
    expect(message).toContain(line);
});

test('values that are words of their own are not taken for sources', async () => {
  expect(await flagsOf({ command: 'cc -D A -I . -x c -include ../src/b.c -Xclang -foo ../src/a.c' })).toEqual([
    '-D',
    'A',
    '-Ibuild',
    '-x',
    'c',
    '-include',
    'src/b.c',
    '-Xclang',
    '-foo',
  ]);
});

test('a C++ compiler compiles .c as C++', async () => {
  expect(await flagsOf({ command: 'g++ -O1 ../src/a.c' })).toEqual(['-x', 'c++', '-O1']);
  expect(await flagsOf({ command: 'clang++-18 -xc ../src/a.c' })).toEqual(['-xc']);
  expect(await flagsOf({ file: '../src/c.cpp', command: 'g++ -O1 ../src/c.cpp' })).toEqual(['-O1']);
});

test('relative paths start at the directory of the command, which starts at that of the database', async () => {
  const root = database(
    [
      { directory: 'deep', file: '../../src/a.c', command: 'cc -I../inc -I../../include ../../src/a.c' },
      { directory: '.', file: '../src/b.c', command: 'cc -I../include ../src/b.c' },
    ],
    { 'include/h.h': '' },
  );
  expect((await plan(root)).flags).toEqual({
    'src/a.c.o': ['-Ibuild/inc', '-Iinclude'],
    'src/b.c.o': ['-Iinclude'],
  });
});

test('directories outside the project are numbered over the whole build', async () => {
  const outside = [project({}), project({}), project({})];
  const root = database([
    { file: '../src/b.c', command: `cc -I${outside[1]} -isystem ${outside[2]} ../src/b.c` },
    { file: '../src/a.c', command: `cc -I ${outside[0]} -I${outside[1]} ../src/a.c` },
  ]);
  expect((await plan(root, { flags: [`-I${outside[2]}`] })).flags).toEqual({
    'src/a.c.o': ['-I/include/0', '-I/include/1', '-I/include/2'],
    'src/b.c.o': ['-I/include/1', '-isystem/include/2', '-I/include/2'],
  });
});

test('flags of the caller come last', async () => {
  expect(await flagsOf({ command: 'cc -O2 -DA ../src/a.c' }, { flags: ['-O3'] })).toEqual(['-O2', '-DA', '-O3']);
});

test('the same file with other flags is a variant, with the same flags it counts once', async () => {
  const root = database([
    { command: 'cc -DONE -c ../src/a.c -o 1.o' },
    { file: '../src/b.c', command: 'cc -DONE ../src/b.c' },
    { command: 'cc -DTWO -c ../src/a.c -o 2.o' },
    { arguments: ['ccache', 'cc', '-D', 'ONE', '../src/a.c'] },
    { command: 'cc -DONE -c ../src/a.c -o 3.o -MD' },
  ]);
  const { units, paths, manifest } = await plan(root);
  expect(units).toBe(4);
  expect(paths).toEqual(['src/a.c.2.o', 'src/a.c.3.o', 'src/a.c.o', 'src/b.c.o']);
  expect(manifest.entries.map(({ source, variant }) => [source, variant])).toEqual([
    ['src/a.c', 2],
    ['src/a.c', 3],
    ['src/a.c', undefined],
    ['src/b.c', undefined],
  ]);
  expect(manifest.provenance).toMatchObject({
    flags: ['-DONE'],
    unit_flags: [
      { source: 'src/a.c', variant: 2, flags: ['-DTWO'] },
      { source: 'src/a.c', variant: 3, flags: ['-D', 'ONE'] },
    ],
  });
});

test('units that all have the same flags are recorded once', async () => {
  const root = database([
    { command: 'cc -O2 ../src/a.c' },
    { file: '../src/b.c', command: 'cc -O2 -c -o b.o ../src/b.c' },
  ]);
  const { provenance } = (await plan(root)).manifest;
  expect(provenance.flags).toEqual(['-O2']);
  expect(provenance).not.toHaveProperty('unit_flags');
});

test('sources that art does not compile are skipped and named', async () => {
  const root = database([
    { command: 'cc ../src/a.c' },
    { file: 'x.cu', command: 'nvcc -flto x.cu' },
    { file: '../y.m', command: 'clang ../y.m' },
    { file: '../y.m', command: 'clang -DA ../y.m' },
  ]);
  const { paths, warnings } = await plan(root);
  expect(paths).toEqual(['src/a.c.o']);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^'build\/compile_commands\.json': skipped build\/x\.cu, y\.m: expected one of the endings \.c /,
    ),
  ]);
});

test('inputs choose among the units, and the flags of the others do not matter', async () => {
  const root = database([{ command: 'cc -DA ../src/a.c' }, { file: '../src/b.c', command: 'cc -m32 ../src/b.c' }]);
  expect((await plan(root, { inputs: ['src/a.c'] })).paths).toEqual(['src/a.c.o']);
  expect((await plan(root, { inputs: ['src/a*'] })).flags).toEqual({ 'src/a.c.o': ['-DA'] });
  await expect(plan(root, { inputs: ['src/c.cpp'] })).rejects.toMatchObject({
    code: 'NO_SOURCES',
    message: "no sources in 'build/compile_commands.json': none of its sources is among the inputs",
  });
});

test('sources that are not there are named', async () => {
  const root = database([{ command: 'cc ../src/a.c' }, { file: 'gen/x.c', command: 'cc gen/x.c' }]);
  await expect(plan(root)).rejects.toMatchObject({
    code: 'INPUT_NOT_FOUND',
    message: expect.stringMatching(
      /that 'build\/compile_commands\.json' names do not exist: build\/gen\/x\.c: run the/,
    ),
  });
});

test.each([
  ['[', /is not JSON: line 1, column 2: expected a value or '\]', found the end$/],
  ['{}', /^'c\.json' is no compile database:\n {2}must be an array, not an object$/],
  [
    '[{"directory":"/","file":"","command":"cc"}, 7]',
    /\[0\]\.file: must be a non-empty string\n {2}\[1\]: must be an object, not 7$/,
  ],
  ['[{"directory":"/","file":"a.c"}]', /\[0\]: has neither 'command' nor 'arguments'$/],
  [
    '[{"file":"a.c","command":"cc","arguments":[1]}]',
    /\[0\]\.directory: is missing.*\n.*\[0\]\.arguments\[0\]: must be a string, not 1$/,
  ],
  [
    '[{"directory":"/","file":"a.c","command":"cc \\"a.c"}]',
    /\[0\]\.command \(of 'a\.c'\) does not end like a command/,
  ],
  ['[{"directory":"/","file":"a.c","arguments":[]}]', /\[0\]\.arguments \(of 'a\.c'\) is empty$/],
])('%s is no compile database', async (text, message) => {
  const cwd = project({ 'c.json': text });
  await expect(build({ compileCommands: 'c.json', cwd })).rejects.toMatchObject({
    code: 'COMPILE_COMMANDS_INVALID',
    message: expect.stringMatching(message),
  });
});

test('a database that is not there or empty is an error that names it', async () => {
  const cwd = project({ 'empty.json': '[]', 'folder/x': '' });
  const code = async (compileCommands: string) =>
    build({ compileCommands, cwd }).catch((error) => `${error.code}: ${error.message}`);
  expect(await code('no.json')).toMatch(/^INPUT_NOT_FOUND: no such file: 'no\.json'/);
  expect(await code('folder')).toMatch(/^INPUT_NOT_FOUND: 'folder' is not a file/);
  expect(await code('empty.json')).toMatch(/^NO_SOURCES: no sources in 'empty\.json': it is empty/);
});

test('response files are read where the compiler reads them', async () => {
  const files = { 'build/flags.rsp': '-DA="x y" @sub/more.rsp\n', 'build/sub/more.rsp': "-DB '-DC=1'" };
  const entry = { command: 'cc @flags.rsp -DD ../src/a.c' };
  expect((await plan(database([entry], files))).manifest.provenance.flags).toEqual(['-DA=x y', '-DB', '-DC=1', '-DD']);
  await expect(plan(database([{ command: 'cc @gone.rsp ../src/a.c' }]))).rejects.toMatchObject({
    code: 'INPUT_NOT_FOUND',
    message: expect.stringMatching(
      /the response file '@gone\.rsp' of src\/a\.c does not exist .*run the build that makes it/,
    ),
  });
  const circular = { 'build/loop.rsp': '@loop.rsp' };
  await expect(plan(database([{ command: 'cc @loop.rsp ../src/a.c' }], circular))).rejects.toMatchObject({
    code: 'COMPILE_COMMANDS_INVALID',
  });
});

test('what ninja writes of all its commands: those that run no compiler are skipped', async () => {
  const root = database([
    { command: 'g++ -DA -c ../src/a.c -o a.o' },
    { file: '../src/b.c', command: 're2c -b -i -o ../src/a.c ../src/b.c' },
    { file: '../src/b.c', command: 'cd /x && /usr/bin/python3 gen.py ../src/b.c' },
    { file: 'a.o', command: 'rm -f liba.a && ar crs liba.a a.o' },
    { file: 'manual.html', command: '' },
    { file: 'note.txt', command: "echo it's > note" },
    { file: '../src/c.cpp', command: '' },
  ]);
  const { flags, warnings } = await plan(root);
  expect(flags).toEqual({ 'src/a.c.o': ['-x', 'c++', '-DA'] });
  expect(warnings).toEqual([
    expect.stringMatching(/: skipped build\/a\.o: expected one of the endings/),
    "'build/compile_commands.json': skipped commands of src/b.c: no compiler is run ('re2c', 'cd')",
  ]);
});

test('a header that a flag includes is found where the compiler finds it', async () => {
  const files = { 'inc/config.h': '', 'inc/a.h': '', 'build/a.h': '' };
  const command = 'cc -include config.h -I../inc -include a.h -include stdint.h ../src/a.c';
  expect(await flagsOf({ command: command }, {})).toContain('stdint.h');
  expect((await plan(database([{ command }], files))).manifest.provenance.flags).toEqual([
    ...['-include', 'inc/config.h', '-Iinc', '-include', 'build/a.h'],
    ...['-Xclang', '-include', '-Xclang', 'stdint.h'],
  ]);
});

test("CMake's files of module places are no response files, there or not", async () => {
  const command = 'clang++ -std=gnu++20 @CMakeFiles/m.dir/c.cpp.o.modmap -c ../src/c.cpp';
  const file = '../src/c.cpp';
  const there = { 'build/CMakeFiles/m.dir/c.cpp.o.modmap': '-fmodule-file=m=m.pcm' };
  expect(await flagsOf({ file, command })).toEqual(['-std=gnu++20']);
  expect((await plan(database([{ file, command }], there))).manifest.provenance.flags).toEqual(['-std=gnu++20']);
});
