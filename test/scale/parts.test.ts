// A build in parts, each as on its own machine, which are then merged: the bytes of a single build.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ArtError, type BuildOptions, build, type MergePartsOptions, merge, openKey, verify } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { art, digests, project } from '../support/project.js';

const folder = scratch();
const COUNT = 3;

/** Modules that import each other, C, assembly, IR, flags for single files, and a library of the project. */
const SOURCES = {
  'package.json': '{"name":"mixed","version":"1.0.0"}',
  'art.config.json': JSON.stringify({
    sources: ['src'],
    targets: ['x86_64', 'aarch64'],
    flags: ['-O1', '-Llib', '-lown'],
    fileFlags: { 'src/*.cpp*': ['-std=c++20'], 'src/one.c': ['-DONE=1'] },
  }),
  'src/main.cpp':
    'import shapes;\nextern "C" int one(void), hot(int);\nint main() { return area(3) + one() + hot(2); }\n',
  'src/shapes.cppm':
    'export module shapes;\nexport import numbers;\nexport int area(int side) { return twice(side); }\n',
  'src/numbers.cppm': 'export module numbers;\nexport inline int twice(int x) { return 2 * x; }\n',
  'src/one.c': '#include "own.h"\nint one(void) { return ONE + own(); }\n',
  'src/own.h': 'int own(void);\n',
  'src/hot.c': 'int hot(int x) { for (int i = 0; i < 10; i++) x += i * x; return x; }\n',
  'src/word.S': '.data\n.globl word\nword: .long 4\n',
  'src/ir.ll': 'define i32 @ir() {\n  ret i32 4\n}\n',
  'profile.json': '{"version":1,"functions":{"hot":1000,"one":1}}',
};

let root: string;
const NAMES = ['artifact.json', 'artifact.tar.gz', 'artifact.sigstore.json'];
const filesOf = (artifact: string) =>
  NAMES.map((name) => (existsSync(join(artifact, name)) ? readFileSync(join(artifact, name)) : null));

/** Builds every part, each with another number of jobs, the last part first. */
async function parts(name: string, options: BuildOptions, count = COUNT): Promise<string> {
  const out = join(folder, name);
  for (let index = count; index > 0; index--)
    await build({ cwd: root, jobs: index, ...options, shard: { index, count }, out: join(out, `${index}`) });
  return out;
}

async function mergeInto(name: string, from: string, options: MergePartsOptions = {}): Promise<string> {
  const out = join(folder, name);
  await merge([from], { out, sources: root, ...options });
  return out;
}

beforeAll(async () => {
  root = join(folder, 'project');
  for (const [name, content] of Object.entries(SOURCES)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  mkdirSync(join(root, 'lib'));
  writeFileSync(join(root, 'own.c'), 'int own(void) { return 7; }\n');
  // The library is for one target only, and so is the program.
  expect(art(['cc', '-c', 'own.c'], { cwd: root }).status).toBe(0);
  expect(art(['ar', 'rcs', 'lib/libown.a', 'own.o'], { cwd: root }).status).toBe(0);
  rmSync(join(root, 'own.c'));
});

test('parts of a project of many kinds come to the bytes of one build, linked, steered and signed', async () => {
  expect(art(['keygen', '--type', 'ed25519', '--no-passphrase', '--out', join(folder, 'k')]).status).toBe(0);
  const key = await openKey(join(folder, 'k.key'), async () => undefined);
  const options: BuildOptions = { targets: ['x86_64'], link: 'mixed', withProfile: ['profile.json'] };
  const one = join(folder, 'one');
  await build({ cwd: root, ...options, sign: key, out: one });
  const from = await parts('parts', options);
  const together = await mergeInto('together', from, { sign: key });
  expect(filesOf(together)).toEqual(filesOf(one));
  expect(await verify(together, { keys: [join(folder, 'k.pub')] })).toEqual([]);
  // Every part has some of the entries.
  const sizes = [1, 2, 3].map((part) => JSON.parse(readFileSync(join(from, `${part}`, 'part.json'), 'utf8')).manifest);
  for (const { entries } of sizes) expect(entries.length).toBeGreaterThan(0);
});

test('more parts than there is to do; one that is built again', async () => {
  const cwd = project({ 'a.c': 'int a;\n', 'b.c': 'int b;\n' });
  const options: BuildOptions = { cwd, inputs: ['.'], emit: ['object'], flags: ['-g'], package: 'few' };
  const one = join(folder, 'one-of-few');
  await build({ ...options, out: one });
  const from = await parts('few', options, 5);
  await build({ ...options, shard: { index: 4, count: 5 }, out: join(from, '4') });
  const entriesOf = (part: number) =>
    JSON.parse(readFileSync(join(from, `${part}/part.json`), 'utf8')).manifest.entries;
  expect([1, 2, 3, 4, 5].map((part) => entriesOf(part).length)).toEqual([1, 1, 1, 1, 0]);
  expect(filesOf(await mergeInto('together-of-few', from))).toEqual(filesOf(one));
});

test('as commands: where parts go, what is printed, and that a whole artifact takes the place of a part', () => {
  const cwd = project({ 'a.c': 'int a;\n', 'b.c': 'int b;\n' });
  const command = (...args: string[]) => art(args, { cwd });
  for (const part of ['2/2', '1/2']) expect(command('build', '.', '--shard', part, '--package', 'two').status).toBe(0);
  expect(readdirSync(join(cwd, 'artifact-parts')).sort()).toEqual(['1-of-2', '2-of-2']);
  const again = command('build', '.', '--shard', '2/2', '--package', 'two');
  expect(again.stderr).toMatch(/^two: part 2 of 2, 2 of 4 compilations of 2 units for /);
  expect(again.stdout).toContain('artifact-parts/2-of-2/part.json  (part 2 of 2: art merge puts them together)\n');
  const merged = command('merge', 'artifact-parts');
  expect(merged.stdout).toMatch(/^artifact\/artifact\.json\n8 entries in /m);
  const { manifest } = JSON.parse(command('merge', 'artifact-parts/1-of-2', 'artifact-parts/2-of-2', '--json').stdout);
  expect(manifest.package).toBe('two');
  const one = command('build', '.', '--package', 'two', '--out', 'artifact-parts/1-of-2', '--quiet');
  expect(one).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(join(cwd, 'artifact-parts/1-of-2')).sort()).toEqual(['artifact.json', 'artifact.tar.gz']);
  expect(digests(join(cwd, 'artifact-parts/1-of-2'))).toEqual(digests(join(cwd, 'artifact')));
  // A part also replaces an artifact.
  expect(command('build', '.', '--shard', '1/2', '--out', 'artifact', '--quiet').status).toBe(0);
  expect(readdirSync(join(cwd, 'artifact')).sort()).toEqual(['part.json', 'part.tar.gz']);
});

test('a unit that does not compile fails its part, and the merge says which is missing', () => {
  const cwd = project({ 'a.c': 'int a;\n', 'b.c': `int b = ${'0 + '.repeat(99)}nothing;\n` });
  const build = (part: string) => art(['build', '.', '--target', 'x86_64', '--shard', part, '--quiet'], { cwd });
  const bad = build('1/2');
  expect(bad.status).toBe(1);
  expect(bad.stderr).toMatch(/^b\.c:1:\d+: error: use of undeclared identifier 'nothing'/);
  expect(bad.stderr).toMatch(/art: error: 1 unit did not compile: b\.c\n$/);
  expect(build('2/2').status).toBe(0);
  expect(art(['merge', 'artifact-parts'], { cwd })).toEqual({
    status: 1,
    stdout: '',
    stderr: 'art: error: part 1 of 2 is missing: its build failed or has not ended; build it with --shard 1/2\n',
  });
  expect(existsSync(join(cwd, 'artifact'))).toBe(false);
});

test('a program that does not link fails the merge, as it would the build', () => {
  const cwd = project({ 'a.c': 'int b(void);\nint main(void) { return b(); }\n' });
  const args = ['--target', 'x86_64', '--link', 'a', '--quiet'];
  const one = art(['build', '.', ...args], { cwd });
  expect(art(['build', '.', ...args, '--shard', '1/1'], { cwd }).status).toBe(0);
  const merged = art(['merge', 'artifact-parts', '--quiet'], { cwd });
  expect(merged).toEqual(one);
  expect(merged.status).toBe(1);
  expect(merged.stderr).toMatch(/undefined symbol: b/);
});

test('a profile may fit in another part; one that fits nowhere is an error of the merge', async () => {
  const cwd = project({
    'hot.c': 'int hot(void) { return 1; }\n',
    'cold.c': 'int cold(void) { return 1; }\n',
    'hot.json': '{"version":1,"functions":{"hot":1000}}',
    'other.json': '{"version":1,"functions":{"elsewhere":1}}',
  });
  const options: BuildOptions = { cwd, inputs: ['.'], emit: ['object'], targets: ['x86_64'] };
  const from = await parts('fitting', { ...options, withProfile: ['hot.json'] }, 2);
  const { manifest } = await merge([from], { out: join(folder, 'fitted') });
  expect(manifest.provenance.profile?.matches?.functions).toEqual({ total: 1, matched: 1, mismatched: 0 });
  const other = await parts('unfitting', { ...options, withProfile: ['other.json'] }, 1);
  await expect(merge([other], { out: join(folder, 'never') })).rejects.toMatchObject({
    code: 'PROFILE_UNMATCHED',
    message: expect.stringContaining('none of the 2 functions here has a name in it'),
  });
});

describe('parts that do not belong together', () => {
  const FILES = {
    'a.c': 'int a;\n',
    'b.c': '#include "b.h"\nint b = B;\n',
    'c.c': '#include "b.h"\nint c = B + 1;\n',
    'b.h': '#define B 1\n',
  };
  let sound: string;
  let where: string;

  const build = (part: string, out: string, ...more: string[]) => {
    const args = ['build', '.', '--target', 'x86_64', '--emit', 'object', '--package', 'p', '--shard', part, '--out'];
    const { status, stderr } = art([...args, join(where, out), '--quiet', ...more], { cwd: join(where, 'src') });
    expect([status, stderr]).toEqual([0, '']);
  };

  beforeAll(() => {
    where = join(folder, 'apart');
    for (const [name, content] of Object.entries(FILES)) {
      mkdirSync(join(where, 'src'), { recursive: true });
      writeFileSync(join(where, 'src', name), content);
    }
    for (const part of [1, 2, 3]) build(`${part}/3`, `sound/${part}`);
    sound = join(where, 'sound');
  });

  /** The error of merging parts after a change to them. */
  async function mergeChanged(change: (at: string) => void): Promise<ArtError> {
    const at = join(project({}), 'parts');
    cpSync(sound, at, { recursive: true });
    change(at);
    const out = join(at, '../out');
    const error = await merge([at], { out }).then(
      () => 'it was merged',
      (error) => error,
    );
    expect(error).toBeInstanceOf(ArtError);
    expect(existsSync(out)).toBe(false);
    return Object.assign(error, { message: error.message.replaceAll(at, 'parts') });
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests change it in ways that its type forbids
  const edit = (at: string, part: number, change: (json: any) => void) => {
    const file = join(at, `${part}/part.json`);
    const json = JSON.parse(readFileSync(file, 'utf8'));
    change(json);
    writeFileSync(file, JSON.stringify(json));
  };

  test('they merge where nothing was done to them', () => {
    expect(art(['merge', sound, '--out', join(where, 'out'), '--quiet'])).toMatchObject({ status: 0, stderr: '' });
  });

  test.each<[string, (at: string) => void, RegExp]>([
    ['one is missing', (at) => rmSync(join(at, '2'), { recursive: true }), /^part 2 of 3 is missing: /],
    [
      'two are missing',
      (at) => [1, 3].map((part) => rmSync(join(at, `${part}`), { recursive: true })),
      /^2 of 3 parts are missing \(1, 3\): .* --shard 1\/3$/,
    ],
    [
      'one is there twice',
      (at) => cpSync(join(at, '1'), join(at, 'again'), { recursive: true }),
      /^part 1 is there 2 times: 'parts\/1', 'parts\/again'; name it once$/,
    ],
    [
      'of another number of parts',
      (at) => edit(at, 2, (json) => (json.parts = 4)),
      /^'parts\/2' is one of 4 parts, 'parts\/1' one of 3$/,
    ],
    [
      'of another plan, and what differs is named',
      (at) => {
        build('3/3', 'other/3', '-DX=1');
        cpSync(join(where, 'other/3'), join(at, '3'), { recursive: true });
      },
      /'parts\/1' and 'parts\/3' are not of one build: provenance\.flags is "\[\]" in 'parts\/1' and "\[.*-DX=1.*\]" in/,
    ],
    [
      'of another version',
      (at) => edit(at, 1, (json) => (json.manifest.provenance.art = '9.9.9')),
      /^'parts\/1' was built by art 9\.9\.9, and this is [\d.]+: use one version for all$/,
    ],
    [
      'by another program, all of them',
      (at) => {
        for (const part of [1, 2, 3])
          edit(at, part, (json) => (json.manifest.provenance.programs[0].sha256 = '0'.repeat(64)));
      },
      /the parts were built by another art than this: it was made with llvm [\d.]+ \(sha256 0{64}\)/,
    ],
    [
      'from another header',
      (at) => {
        writeFileSync(join(where, 'src/b.h'), '#define B 2\n');
        build('1/3', 'other/1');
        writeFileSync(join(where, 'src/b.h'), FILES['b.h']);
        rmSync(join(at, '1'), { recursive: true });
        renameSync(join(where, 'other/1'), join(at, '1'));
      },
      /^'b\.h' is another file in 'parts\/2' than in 'parts\/1': build every part from the same files$/,
    ],
    [
      'cut differently, so that one entry is there twice',
      (at) => {
        const entries = JSON.parse(readFileSync(join(at, '1/part.json'), 'utf8')).manifest.entries;
        edit(at, 2, (json) => json.manifest.entries.push(...entries));
      },
      /' is in 'parts\/1' and in 'parts\/2': they were cut differently$/,
    ],
    [
      'an entry is left out',
      (at) => edit(at, 2, (json) => (json.manifest.entries = [])),
      /together the parts are not what was planned|no part has /,
    ],
    [
      'an entry nobody planned',
      (at) => edit(at, 2, (json) => (json.manifest.entries[0].path = 'objects/x86_64-unknown-linux-musl/evil.c.o')),
      /no part has 'objects\/.*\n'objects\/x86_64-unknown-linux-musl\/evil\.c\.o' is none of what was planned$/,
    ],
    [
      'an entry of another type',
      (at) => edit(at, 2, (json) => (json.manifest.entries[0].type = 'asm/x86_64')),
      /is not what a build makes of its source/,
    ],
    [
      'a linked program',
      (at) => edit(at, 2, (json) => (json.manifest.entries[0].type = 'executable/x86_64')),
      /^'parts\/2' has a linked program, which no part has$/,
    ],
    [
      'an entry that leads out of the artifact',
      (at) => edit(at, 2, (json) => (json.manifest.entries[0].path = '../evil')),
      /^'parts\/2': the manifest in part\.json: entries\[0\]\.path: /,
    ],
    [
      'an entry of other bytes',
      (at) => edit(at, 2, (json) => (json.manifest.entries[0].sha256 = '0'.repeat(64))),
      /^part 2, 'parts\/2': the archive does not match its manifest: 'objects\/.*' has another sha256; build it again$/,
    ],
    [
      'flags that no build records',
      (at) => {
        for (const part of [1, 2, 3])
          edit(at, part, (json) => (json.manifest.provenance.flags = ['-fplugin=/evil.so']));
      },
      /^the parts contain something that no build writes: /,
    ],
    [
      'an archive that ends early',
      (at) => writeFileSync(join(at, '1/part.tar.gz'), readFileSync(join(at, '1/part.tar.gz')).subarray(0, 99)),
      /^part 1, 'parts\/1': the archive does not match its manifest: /,
    ],
    ['no archive', (at) => rmSync(join(at, '1/part.tar.gz')), /part 1, 'parts\/1': .*has no 'part\.tar\.gz'/],
    [
      'an archive elsewhere',
      (at) => edit(at, 1, (json) => (json.manifest.archive.path = '/etc/passwd')),
      /^'parts\/1': part\.json: manifest\.archive\.path: must be 'part\.tar\.gz'$/,
    ],
    [
      'a part.json that is none',
      (at) => writeFileSync(join(at, '1/part.json'), '{"part_version":"2.0","part":1}'),
      /^'parts\/1': part\.json has part_version '2\.0', and this version of art reads '1\.0': use one version for all parts$/,
    ],
    [
      'a part.json without end',
      (at) => writeFileSync(join(at, '1/part.json'), '['.repeat(1 << 20)),
      /^'parts\/1': part\.json /,
    ],
    [
      'a part.json that is a picture',
      (at) => writeFileSync(join(at, '1/part.json'), gunzipSync(readFileSync(join(at, '1/part.tar.gz')))),
      /^'parts\/1': part\.json /,
    ],
    ['nothing', (at) => rmSync(at, { recursive: true }), /^no such part: 'parts' \(looked in /],
    [
      'folders of other things',
      (at) => [1, 2, 3].map((part) => rmSync(join(at, `${part}/part.json`))),
      /^'parts' is no part: it has no part\.json, and no folder in it does; /,
    ],
  ])('%s', async (_, change, expected) => {
    const { message, isUsage } = await mergeChanged(change);
    expect(message).toMatch(expected);
    expect(isUsage).toBe(false);
  });

  test.each([
    ['verify'],
    ['extract', '--out', 'x'],
    ['inspect'],
    ['rebuild'],
    ['sign', '--key', 'KEY'],
    ['link', '-o', 'x'],
    ['convert', '--to', 'dir', '--out', 'x'],
  ])('art %s says what a part is', (command, ...more) => {
    if (more.includes('KEY')) art(['keygen', '--no-passphrase', '--out', join(where, 'own')]);
    const words = more.map((word) => (word === 'KEY' ? join(where, 'own.key') : word));
    for (const name of [join(sound, '1'), join(sound, '1/part.json')]) {
      const { status, stderr } = art([command, name, ...words], { cwd: project({}) });
      expect(stderr).toContain(
        'this is part 1 of 3 of an artifact, and no artifact by itself: art merge puts the parts together\n',
      );
      expect(status).toBe(1);
    }
  });

  test.each([
    [{ target: 'x86_64' }, 'UNKNOWN_OPTION', "unknown option 'target': expected out, sign, sources"],
    [{ out: 1 }, 'INVALID_OPTION', "option 'out' must be a non-empty string"],
    [{ sign: 'own.key' }, 'INVALID_OPTION', "option 'sign' must be a key, as openKey gives it"],
    [{ include: 'lib' }, 'INVALID_OPTION', "option 'include' must be an array of strings"],
    [{ maxSize: '2G' }, 'INVALID_OPTION', "option 'maxSize' must be a whole number"],
    [{ timeout: 0 }, 'INVALID_OPTION', "option 'timeout' must be seconds"],
  ])('wrong usage: merge with %j', async (options, code, message) => {
    const merging = merge([sound], { out: join(where, 'never'), ...(options as object) });
    await expect(merging).rejects.toMatchObject({ code, isUsage: true, message: expect.stringContaining(message) });
  });

  test.each([
    [['build', '.', '--shard', '0/3'], /option 'shard' must be a part and how many there are, such as 2\/8/],
    [['build', '.', '--shard', '4/3'], /option 'shard' must be a part/],
    [['build', '.', '--shard', '1/9999'], /option 'shard' must be a part.* to 4096\/4096/],
    [['build', '.', '--shard', 'two'], /option '--shard <i\/n>' argument 'two' is invalid\. Expected which part/],
    [['build', '.', '--shard', '1/2', '--manifest-only'], /--shard and --manifest-only: a manifest is made as a whole/],
    [['merge'], /missing required argument 'parts'/],
  ])('wrong usage: art %j', (args, expected) => {
    const { status, stderr } = art(args, { cwd: join(where, 'src') });
    expect(stderr).toMatch(expected);
    expect(status).toBe(2);
  });
});
