import { type BuildOptions, build } from 'art-aot';
import { expect, test } from 'vitest';
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
