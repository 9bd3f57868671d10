import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'art-aot';
import { expect, test } from 'vitest';
import { project } from '../support/project.js';

const SOURCES = {
  'src/a.c': '',
  'src/simd/fast.c': '',
  'src/simd/slow.c': '',
  'src/old/b.c': '',
  'tools/t.cpp': '',
  'tools/.gen/g.c': '',
  'main.c': '',
  'notes.txt': '',
};

/** A project with an art.config.json. */
const configured = (config: unknown, files: Record<string, string> = {}) =>
  project({ ...SOURCES, 'art.config.json': typeof config === 'string' ? config : JSON.stringify(config), ...files });

async function plan(cwd: string, options: Partial<BuildOptions> = {}) {
  const warnings: string[] = [];
  const { manifest, out } = await build({
    cwd,
    manifestOnly: true,
    onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    ...options,
  });
  const { flags, unit_flags = [] } = manifest.provenance;
  const sources = [...new Set(manifest.entries.map((entry) => entry.source))];
  return {
    sources,
    out,
    warnings,
    manifest,
    flags: Object.fromEntries(sources.map((s) => [s, unit_flags.find((u) => u.source === s)?.flags ?? flags])),
  };
}

const rejection = (cwd: string, options: Partial<BuildOptions> = {}) =>
  plan(cwd, options).then(
    () => undefined,
    (error) => `${error.code}: ${error.message}`,
  );

test('every key says what the option of the same name says', async () => {
  const root = configured({
    $schema: './x.json',
    package: 'configured-1',
    sources: ['src'],
    exclude: ['src/old'],
    targets: ['aarch64'],
    emit: ['asm'],
    flags: ['-O2'],
    fileFlags: { 'src/simd/**': ['-ffast-math'] },
    out: 'made/here',
  });
  const { manifest, out, sources } = await plan(root);
  expect(out).toBe('made/here');
  expect(sources).toEqual(['src/a.c', 'src/simd/fast.c', 'src/simd/slow.c']);
  expect(manifest).toMatchObject({
    package: 'configured-1',
    targets: ['aarch64-unknown-linux-musl'],
    provenance: { emit: ['asm'] },
  });
});

test('the command line wins, and its flags come last', async () => {
  const config = { package: 'c', sources: ['src'], targets: ['aarch64'], emit: ['asm'], flags: ['-O2'], out: 'o1' };
  const root = configured({ ...config, fileFlags: { 'main.c': ['-DMAIN'] } });
  const { manifest, out, flags } = await plan(root, {
    config: 'art.config.json',
    inputs: ['main.c', 'tools'],
    package: 'mine',
    targets: ['x86_64'],
    emit: ['object'],
    flags: ['-O3'],
    out: 'o2',
  });
  expect(out).toBe('o2');
  expect(flags).toEqual({ 'main.c': ['-O2', '-DMAIN', '-O3'], 'tools/t.cpp': ['-O2', '-O3'] });
  expect(manifest).toMatchObject({
    package: 'mine',
    targets: ['x86_64-unknown-linux-musl'],
    provenance: { emit: ['object'] },
  });
});

test('sources are files, directories and globs', async () => {
  const of = async (...sources: string[]) => (await plan(configured({ sources }))).sources;
  expect(await of('main.c', 'tools')).toEqual(['main.c', 'tools/t.cpp']);
  expect(await of('src/**/{a,fast}.c')).toEqual(['src/a.c', 'src/simd/fast.c']);
  expect(await of('src/*')).toEqual(['src/a.c', 'src/old/b.c', 'src/simd/fast.c', 'src/simd/slow.c']);
  expect(await of('./src/*.c', '*.c')).toEqual(['main.c', 'src/a.c']);
  expect(await of('tools/.gen/*.c')).toEqual(['tools/.gen/g.c']);
});

test('a glob is an input too, unless a file has its name', async () => {
  const root = project({ 'package.json': '{}', 'src/[ab].c': '', 'src/a.c': '', 'src/b.c': '' });
  expect((await plan(root, { inputs: ['src/[ab].c'] })).sources).toEqual(['src/[ab].c']);
  expect((await plan(root, { inputs: ['src/[a].c'] })).sources).toEqual(['src/a.c']);
  expect((await plan(join(root, 'src'), { inputs: ['../*/b.c'] })).sources).toEqual(['src/b.c']);
  expect((await plan(root, { inputs: [`${root}/src/?.c`] })).sources).toEqual(['src/a.c', 'src/b.c']);
  expect(await rejection(root, { inputs: ['src/*.cpp'] })).toMatch(
    /^NO_SOURCES: no sources match 'src\/\*\.cpp': expected/,
  );
  expect(await rejection(root, { inputs: ['nowhere/*.c'] })).toMatch(/^INPUT_NOT_FOUND: .*'nowhere\/\*\.c'/);
});

test('exclude leaves out of directories and globs, not what is named by itself', async () => {
  const of = async (exclude: string[], ...sources: string[]) => (await plan(configured({ sources, exclude }))).sources;
  expect(await of(['src/old', '**/slow.c'], 'src')).toEqual(['src/a.c', 'src/simd/fast.c']);
  expect(await of(['./src/simd/', 'src/old/*.c'], 'src/**/*.c')).toEqual(['src/a.c']);
  expect(await of(['src'], 'src/a.c', 'main.c')).toEqual(['main.c', 'src/a.c']);
  expect(await rejection(configured({ sources: ['src'], exclude: ['src/**'] }))).toMatch(
    /^NO_SOURCES: no sources in 'src': .*outside hidden folders, node_modules and 'exclude'/,
  );
});

test('flags of files come in the order of the config, for files, directories and globs', async () => {
  const root = configured({
    sources: ['src'],
    flags: ['-O1'],
    fileFlags: { 'src/**/*.c': ['-DALL'], 'src/simd': ['-DSIMD'], 'src/simd/fast.c': ['-O3'] },
  });
  const { flags, manifest } = await plan(root);
  expect(flags).toEqual({
    'src/a.c': ['-O1', '-DALL'],
    'src/old/b.c': ['-O1', '-DALL'],
    'src/simd/fast.c': ['-O1', '-DALL', '-DSIMD', '-O3'],
    'src/simd/slow.c': ['-O1', '-DALL', '-DSIMD'],
  });
  // Lists only units whose flags differ from those of most units.
  expect(manifest.provenance.unit_flags?.map((u) => u.source)).toEqual(['src/simd/fast.c', 'src/simd/slow.c']);
});

test('flags for files that are not there are warned of', async () => {
  const root = configured({ sources: ['src'], fileFlags: { 'src/sse/*.c': ['-msse4'] } });
  expect((await plan(root)).warnings).toEqual([
    "'src/sse/*.c' in 'fileFlags' of 'art.config.json' names no source of this build",
  ]);
  // No warning if only some of the sources are built.
  expect((await plan(root, { config: 'art.config.json', inputs: ['src/a.c'] })).warnings).toEqual([]);
});

test('relative paths in a config start at its directory, those of the caller at his', async () => {
  const root = project({
    'p/package.json': '{}',
    'p/build/art.json': JSON.stringify({
      sources: ['../src'],
      flags: ['-I../include'],
      fileFlags: { '../src/a.c': ['-DA'] },
      out: 'out',
    }),
    'p/src/a.c': '',
    'p/include/h.h': '',
    'q/h.h': '',
  });
  const { out, flags } = await plan(join(root, 'q'), { config: '../p/build/art.json', flags: ['-I.'] });
  expect(out).toBe('../p/build/out');
  expect(flags).toEqual({ 'src/a.c': ['-Iinclude', '-DA', '-I/include/0'] });
});

test('a directory with an art.config.json is a project', async () => {
  const root = project({
    'package.json': '{"name":"outer"}',
    'sub/art.config.json': '{"sources":["src"]}',
    'sub/src/a.c': '',
  });
  const { manifest, sources } = await plan(join(root, 'sub'));
  expect([manifest.package, sources]).toEqual(['sub', ['src/a.c']]);
  expect((await plan(root, { inputs: ['sub/src/a.c'] })).sources).toEqual(['src/a.c']);
});

test('without inputs the config of the working directory is read, with inputs it is not', async () => {
  const root = configured('no JSON');
  expect(await rejection(root)).toMatch(/^CONFIG_INVALID/);
  expect((await plan(root, { inputs: ['main.c'] })).sources).toEqual(['main.c']);
  expect(await rejection(configured({ flags: ['-O2'] }))).toMatch(
    /^NO_INPUT: nothing to build: 'art.config.json' has no 'sources'/,
  );
  expect(await rejection(project({}))).toMatch(/^NO_INPUT: .*write an art\.config\.json \(art init does\)$/);
});

test('beside a compile database a config adds its flags and leaves out; the database says what is built', async () => {
  const entry = (name: string) => ({ directory: '.', file: name, command: `cc -DOWN ${name}` });
  const root = configured(
    { sources: ['tools'], exclude: ['src/old'], flags: ['-O2'], fileFlags: { 'src/a.c': ['-DA'] } },
    { 'compile_commands.json': JSON.stringify([entry('src/a.c'), entry('src/old/b.c'), entry('main.c')]) },
  );
  const { flags, warnings } = await plan(root, { compileCommands: 'compile_commands.json', flags: ['-g'] });
  expect(flags).toEqual({ 'main.c': ['-DOWN', '-O2', '-g'], 'src/a.c': ['-DOWN', '-O2', '-DA', '-g'] });
  expect(warnings).toEqual([]);
});

test('every mistake in a config is named at once, with its key', async () => {
  const root = configured({
    colour: true,
    sources: [],
    exclude: 'x',
    targets: ['x86_64', 'mips'],
    emit: ['exe', 7],
    flags: ['-O2', '-flto'],
    fileFlags: { 'a b.c': ['-c'], 'b.c': [1] },
    package: '',
    out: null,
    link: {},
  });
  const message = await rejection(root);
  expect(message?.split('\n')[0]).toBe("CONFIG_INVALID: 'art.config.json' is not valid:");
  expect(message?.split('\n').slice(1).sort()).toEqual([
    expect.stringMatching(/^ {2}colour: unknown key, expected \$schema, package, sources, exclude, targets, emit/),
    '  emit[0]: must be bitcode, object, asm, ir, not "exe"',
    '  emit[1]: must be bitcode, object, asm, ir, not 7',
    '  exclude: must be an array, not "x"',
    expect.stringMatching(/^ {2}fileFlags\["a b\.c"\]: clang flag '-c' cannot be used here: /),
    '  fileFlags["b.c"][0]: must be a string, not 1',
    expect.stringMatching(/^ {2}flags: clang flag '-flto' cannot be used here: /),
    '  link: must be a string, not an object',
    '  out: must be a string, not null',
    expect.stringMatching(/^ {2}package: must be 1 to 214 characters/),
    '  sources: must not be empty',
    expect.stringMatching(/^ {2}targets\[1\]: unknown target 'mips'/),
  ]);
});

test.each([
  ['{\n  "sources": ["src"],\n}', 'line 3, column 1: expected a key, found "}"'],
  ['', 'line 1, column 1: expected a value, found the end'],
])('a syntax error in %j is placed', async (text, where) => {
  expect(await rejection(configured(text))).toBe(`CONFIG_INVALID: 'art.config.json' is not JSON: ${where}`);
});

test('a config that is no object, not there or a directory is named', async () => {
  expect(await rejection(configured('[]'))).toBe(
    "CONFIG_INVALID: 'art.config.json' is not valid:\n  must be an object, not an array",
  );
  const root = project({});
  mkdirSync(join(root, 'folder'));
  expect(await rejection(root, { config: 'no.json' })).toBe(
    `INPUT_NOT_FOUND: no such file: 'no.json' ('${root}/no.json')`,
  );
  expect(await rejection(root, { config: 'folder' })).toMatch(/^INPUT_NOT_FOUND: 'folder' is not a file/);
});

test('what the caller says is checked before what a file says', async () => {
  const root = configured('broken');
  expect(await rejection(root, { targets: ['mips'] })).toMatch(/^UNKNOWN_TARGET/);
  expect(await rejection(root, { config: '' })).toMatch(/^INVALID_OPTION: option 'config' must be a non-empty string/);
  expect(await rejection(root, { compileCommands: '' })).toMatch(/^INVALID_OPTION: option 'compileCommands'/);
});
