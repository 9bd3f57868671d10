// Files that art reads as a whole are refused if they are too large or contain too many values, before they are used.
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, plan } from 'art-aot';
import { expect, test } from 'vitest';
import { art, project } from '../support/project.js';

const EMPTY = { 'package.json': '{"name":"p"}', 'a.c': 'int a;\n' };
const many = (item: string, count: number) => `[${Array(count).fill(item).join(',')}]`;
const message = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => `${error.code}: ${error.message}`,
  );

test.each([
  [
    'config',
    'x.json',
    `{"sources":${many('{}', 150_000)}}`,
    /^CONFIG_INVALID: 'x\.json' is not read: it has more than 200000 /,
  ],
  [
    'config',
    'x.json',
    '['.repeat(100),
    /^CONFIG_INVALID: 'x\.json' is not read: objects and arrays lie more than 64 deep/,
  ],
  [
    'compileCommands',
    'x.json',
    many('{}', 500_000),
    /^COMPILE_COMMANDS_INVALID: 'x\.json' is not read: it has more than 800000 /,
  ],
  [
    'plan',
    'x.json',
    `{"functions":${many('{}', 1_200_000)}}`,
    /^PROFILE_INVALID: 'x\.json' is not read: it has more than 2000000 /,
  ],
  [
    'withProfile',
    'x.json',
    `{"edges":${many('{}', 200_000)}}`,
    /^PROFILE_INVALID: 'x\.json' is not read: it has more than 250000 /,
  ],
])('%s: a file that is too full', async (option, name, text, expected) => {
  const cwd = project({ ...EMPTY, [name]: text });
  const inputs = option === 'config' || option === 'compileCommands' ? {} : { inputs: ['a.c'] };
  const named = option === 'withProfile' ? [name] : name;
  expect(await message(build({ cwd, ...inputs, [option]: named, manifestOnly: true }))).toMatch(expected);
});

test.each([
  ['config', 5 << 20, /^INPUT_UNREADABLE: 'x\.json' is not read: it is larger than 4 MiB$/],
  ['compileCommands', 2 ** 40, /^INPUT_UNREADABLE: 'x\.json' is not read: it is larger than 48 MiB$/],
])('%s: a file that is too large', async (option, size, expected) => {
  const cwd = project({ ...EMPTY, 'x.json': '' });
  truncateSync(join(cwd, 'x.json'), size);
  expect(await message(build({ cwd, [option]: 'x.json' }))).toMatch(expected);
});

test('a profile and a package.json that are too large', async () => {
  const cwd = project({ ...EMPTY, 'p.profraw': '' });
  truncateSync(join(cwd, 'p.profraw'), 2 ** 40);
  expect(await message(plan({ cwd, withProfile: ['p.profraw'] }))).toMatch(
    /'p\.profraw' is not read: it is larger than 512 MiB$/,
  );
  truncateSync(join(cwd, 'package.json'), 2 ** 33);
  expect(await message(build({ cwd, inputs: ['a.c'] }))).toMatch(/^INVALID_OPTION: .*larger than 4 MiB/);
});

test('a device that never ends is no key', () => {
  const cwd = project({ 'x/artifact.json': '{}' });
  for (const args of [
    ['verify', 'x', '--key', '/dev/zero'],
    ['sign', 'x', '--key', '/dev/zero'],
  ]) {
    const { status, stderr } = art(args, { cwd });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^art: error: '\/dev\/zero' is no key: it is larger than 64 KiB$/m);
  }
});

test('response files that name themselves, or each other many times, come to an end', async () => {
  const cwd = project({ ...EMPTY, 'self.rsp': '@self.rsp @self.rsp -DA', 'a.rsp': '@b.rsp '.repeat(9) });
  for (let i = 0; i < 14; i++)
    writeFileSync(join(cwd, `${'bcdefghijklmnop'[i]}.rsp`), `@${'bcdefghijklmnop'[i + 1]}.rsp `.repeat(9));
  writeFileSync(join(cwd, 'p.rsp'), '-DA '.repeat(9));
  const run = (file: string) => art(['cc', '-c', 'a.c', `@${file}`], { cwd, env: { ART_NO_DAEMON: '1' } });
  expect(run('self.rsp').status).toBe(1);
  expect(run('a.rsp')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'art: error: the response files of this command come to more than 200000 words: name fewer\n',
  });
  const database = JSON.stringify([{ directory: cwd, file: 'a.c', arguments: ['cc', '-c', 'a.c', '@a.rsp'] }]);
  writeFileSync(join(cwd, 'x.json'), database);
  expect(await message(build({ cwd, compileCommands: 'x.json' }))).toMatch(
    /^COMPILE_COMMANDS_INVALID: .* comes to more than 200000 words$/,
  );
});
