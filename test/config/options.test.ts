import { existsSync } from 'node:fs';
import {
  addonSteps,
  type BuildOptions,
  build,
  buildAddon,
  check,
  convert,
  diff,
  inspect,
  link,
  merge,
  mergeProfiles,
  openArtifact,
  plan,
  prebuildAddon,
  rebuild,
  run,
  sign,
  verify,
  watch,
} from 'art-aot';
import { describe, expect, test } from 'vitest';
import { project } from '../support/project.js';

/** The error for wrong options. It comes before any file is read, since the input does not exist. */
const rejection = (options: object) =>
  build({ inputs: ['never-read.c'], ...options } as BuildOptions).then(
    () => undefined,
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );

test('unknown options are rejected by name, and the known ones are listed', async () => {
  const message = await rejection({ optimize: 2 });
  expect(message).toMatch(
    /^UNKNOWN_OPTION: unknown option 'optimize': expected inputs, compileCommands, config, package, out/,
  );
  expect(await rejection({ constructor: 1 })).toMatch(/^UNKNOWN_OPTION: unknown option 'constructor'/);
  expect(await rejection({ toString: 1 })).toMatch(/^UNKNOWN_OPTION/);
});

test.each([
  ['inputs', 'a.c', 'an array of strings'],
  ['inputs', [1], 'an array of strings'],
  ['package', '', '1 to 214 characters'],
  ['package', 'a\nb', 'none of them a control character'],
  ['package', 'x'.repeat(215), '1 to 214 characters'],
  ['out', 7, 'a non-empty string'],
  ['out', '', 'a non-empty string'],
  ['targets', 'x86_64', 'an array of strings'],
  ['emit', 'object', 'an array of strings'],
  ['flags', '-O2', 'an array of strings'],
  ['manifestOnly', 'yes', 'true or false'],
  ['jobs', 0, 'a whole number from 1'],
  ['jobs', 1.5, 'a whole number from 1'],
  ['jobs', '2', 'a whole number from 1'],
  ['timeout', 0, 'seconds, more than 0'],
  ['timeout', Number.POSITIVE_INFINITY, 'seconds, more than 0'],
  ['timeout', Number.NaN, 'seconds, more than 0'],
  ['cwd', 1, 'a non-empty string'],
  ['sourceDateEpoch', -1, 'whole seconds since 1970'],
  ['sourceDateEpoch', 2 ** 31, 'whole seconds since 1970'],
  ['color', 'always', 'true or false'],
  ['onEvent', {}, 'a function'],
  ['signal', {}, 'an AbortSignal'],
])('option %s may not be %j', async (name, value, expected) => {
  expect(await rejection({ [name]: value })).toMatch(
    new RegExp(`^INVALID_OPTION: option '${name}' must be .*${expected}`),
  );
});

test('an option that is undefined counts as left out', async () => {
  expect(await rejection({ targets: undefined, emit: undefined, jobs: undefined })).toMatch(/^INPUT_NOT_FOUND/);
});

test('unknown targets and kinds are rejected with the valid ones named', async () => {
  expect(await rejection({ targets: ['x86_64', 'riscv64'] })).toMatch(
    /^UNKNOWN_TARGET: unknown target 'riscv64': expected x86_64, aarch64, wasm32, or a triple/,
  );
  for (const triple of ['x86_64-pc-windows-itanium', 'wasm64', 'x86_64-', 'x86_64-unknown-linux-musl ', ''])
    expect(await rejection({ targets: [triple] })).toMatch(`UNKNOWN_TARGET: unknown target '${triple}'`);
  expect(await rejection({ targets: [] })).toMatch(/^INVALID_OPTION: 'targets' is empty: name x86_64, aarch64/);
  expect(await rejection({ emit: ['object', 'exe'] })).toBe(
    "INVALID_OPTION: unknown emit kind 'exe': expected bitcode, object, asm, ir",
  );
  expect(await rejection({ emit: [] })).toBe("INVALID_OPTION: 'emit' is empty: name bitcode, object, asm, ir");
});

test('nothing to build is an error', async () => {
  expect(await rejection({ inputs: [] })).toMatch(/^NO_INPUT: nothing to build/);
  expect(await rejection({ inputs: undefined })).toMatch(/^NO_INPUT/);
});

test('short names, other spellings and full triples of a target meet in one triple each, sorted', async () => {
  const cwd = project({ 'a.c': '' });
  const targets = ['x86_64', 'arm64', 'aarch64', 'amd64', 'x86_64-unknown-linux-musl', 'aarch64-none-elf'];
  const { manifest } = await build({ inputs: ['a.c'], cwd, out: 'out', targets, manifestOnly: true });
  expect(manifest.targets).toEqual(['aarch64-none-elf', 'aarch64-unknown-linux-musl', 'x86_64-unknown-linux-musl']);
});

/** Every function that takes options, with inputs that do not exist: a wrong option is found before they are looked for. */
const FUNCTIONS: Record<string, (options: never) => Promise<unknown>> = {
  build,
  merge: (options) => merge(['never-read'], options),
  watch: (options) => watch(options, () => {}),
  link,
  plan,
  mergeProfiles,
  openArtifact: (options) => openArtifact('never-read', options),
  convert: (options) => convert('never-read', options),
  sign: (options) => sign('never-read', options),
  verify: (options) => verify('never-read', options),
  check: (options) => check('never-read', options),
  inspect: (options) => inspect('never-read', options),
  diff: (options) => diff('never-read', 'never-read', options),
  rebuild: (options) => rebuild('never-read', options),
  run: (options) => run('never-read', options),
  buildAddon,
  prebuildAddon,
  'addonSteps.configure': addonSteps.configure,
  'addonSteps.build': addonSteps.build,
};

/** An option of each function with a wrong value. */
const WRONG: Record<string, readonly [name: string, value: unknown]> = {
  build: ['jobs', 0],
  merge: ['include', 'inc'],
  watch: ['jobs', 0],
  link: ['kind', 'dynamic'],
  plan: ['withProfile', 'app.profdata'],
  mergeProfiles: ['format', 'yaml'],
  openArtifact: ['keys', 'key.pub'],
  convert: ['to', 'zip'],
  sign: ['key', 7],
  verify: ['requireSignature', 'yes'],
  check: ['notBefore', '2026-01-01'],
  inspect: ['symbols', 1],
  diff: ['sha256', 'ab'],
  rebuild: ['timeout', '10'],
  run: ['dirs', '.'],
  buildAddon: ['download', 1],
  prebuildAddon: ['platforms', 'linux-x64'],
  'addonSteps.configure': ['variables', { napi: 8 }],
  'addonSteps.build': ['debug', 'Release'],
};

describe.each(Object.keys(FUNCTIONS))('%s', (name) => {
  const failure = (options: unknown) =>
    (FUNCTIONS[name] as (options: unknown) => Promise<unknown>)(options).then(
      () => 'nothing was wrong',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );

  test('rejects an unknown option', async () => {
    expect(await failure({ sourcse: 'x' })).toMatch(/^UNKNOWN_OPTION: unknown option 'sourcse': expected [a-z].*, /i);
  });

  test('rejects a value of the wrong type', async () => {
    const [option, value] = WRONG[name] as readonly [string, unknown];
    expect(await failure({ [option]: value })).toMatch(new RegExp(`^INVALID_OPTION: option '${option}' must be `));
  });

  test('rejects options that are no object', async () => {
    for (const options of [null, 'src', ['src']])
      expect(await failure(options)).toMatch(/^INVALID_OPTION: the options must be an object with [a-z]/i);
  });
});

test('options that are missing where they are needed are named', async () => {
  const code = (promise: Promise<unknown>) => promise.catch((error) => `${error.code}: ${error.message}`);
  expect(await code(convert('a', {} as never))).toMatch(/^INVALID_OPTION: no layout: name one with 'to'/);
  expect(await code(convert('a', { to: 'dir' } as never))).toMatch(/^INVALID_OPTION: nowhere to write.* 'out'/);
  expect(await code(sign('a', {} as never))).toMatch(/^INVALID_OPTION: no key: .*'key'/);
  expect(await code(plan({} as never))).toMatch(/^NO_INPUT/);
  expect(await code(mergeProfiles({ inputs: ['a'] } as never))).toMatch(/^INVALID_OPTION: nowhere to write/);
});

test('a misspelt option of the remote cache is not taken for its default', async () => {
  const url = 'http://127.0.0.1:9';
  expect(await rejection({ remoteCache: { url, readonly: true } })).toMatch(
    /^UNKNOWN_OPTION: unknown option 'remoteCache.readonly': expected url, headers, readOnly/,
  );
  expect(await rejection({ remoteCache: { url, timeout: '5' } })).toMatch(
    /^INVALID_OPTION: option 'remoteCache.timeout' must be seconds/,
  );
  expect(await rejection({ remoteCache: { url, headers: { Authorization: 1 } } })).toMatch(/remoteCache.headers/);
});

test('a misspelt key of a filter does not select every entry', async () => {
  const cwd = project({ 'a.c': 'int a;\n' });
  await build({ inputs: ['a.c'], cwd, out: 'out', targets: ['x86_64'] });
  const artifact = await openArtifact(`${cwd}/out`);
  expect(() => artifact.entries({ kind: 'object' } as never)).toThrow("unknown option 'kind': expected target, type");
  await expect(artifact.extract(`${cwd}/files`, { kind: 'object' } as never)).rejects.toThrow("unknown option 'kind'");
  expect(existsSync(`${cwd}/files`)).toBe(false);
  expect(artifact.entries({ type: 'object' })).toHaveLength(1);
});
