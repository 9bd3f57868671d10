// Rules about the source that no compiler checks.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VERSION } from '../src/version.js';
import { REPOSITORY } from './support/project.js';

const sources = readdirSync(join(REPOSITORY, 'src'), { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(REPOSITORY, 'src', name), 'utf8') }));

/** Names of the sources that match, comments left out. */
const matching = (pattern: RegExp) =>
  sources.filter(({ text }) => pattern.test(text.replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, ''))).map(({ name }) => name);

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(20);
});

test("only platform/node and the command line use Node's own modules", () => {
  const users = matching(/(from|import\(?|require\() *'node:/);
  expect(users.filter((name) => !/^(platform\/node|cli)\//.test(name))).toEqual([]);
});

test('only the command line prints or ends the process', () => {
  const talkers = matching(/\bconsole\.|process\.(stdout|stderr|exit\b|exitCode|abort)/);
  expect(talkers.filter((name) => !name.startsWith('cli/'))).toEqual([]);
});

test('dependencies point one way', () => {
  const importing = (from: RegExp, to: RegExp) =>
    sources
      .filter(({ name }) => from.test(name))
      // Types carry no code with them.
      .filter(({ text }) =>
        [...text.matchAll(/^(?:import|export) (?!type\b)[^;]*?'([^']+)';/gm)].some((m) => to.test(m[1] as string)),
      )
      .map(({ name }) => name);
  expect(importing(/^(?!cli\/)/, /\/cli\//)).toEqual([]);
  expect(importing(/^(config|toolchain|artifact)\//, /\/build\//)).toEqual([]);
  expect(importing(/^(artifact|toolchain)\//, /\/config\//)).toEqual([]);
  expect(importing(/^(?!(platform\/node\/|index\.ts|artifacts\.ts))/, /platform\/node\//)).toEqual([]);
  expect(importing(/^(?!(platform\/browser\/|browser\.ts))/, /platform\/browser\//)).toEqual([]);
});

test('files stay small', () => {
  const large = sources.filter(({ text }) => text.split('\n').length > 300).map(({ name }) => name);
  expect(large).toEqual([]);
});

test('src/version.ts is the version of the package', () => {
  expect(JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')).version).toBe(VERSION);
});
