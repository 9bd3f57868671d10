// Rules about the sources that neither the compiler nor the linter checks; biome.json has the rules about imports
// between folders.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VERSION } from '../src/version.js';
import { REPOSITORY } from './support/project.js';

const sources = readdirSync(join(REPOSITORY, 'src'), { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(REPOSITORY, 'src', name), 'utf8') }));

/** Names of the sources that match, without regard to comments. */
const matching = (pattern: RegExp) =>
  sources.filter(({ text }) => pattern.test(text.replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, ''))).map(({ name }) => name);

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(20);
});

test('only the command line prints or ends the process', () => {
  const talkers = matching(/\bconsole\.|process\.(stdout|stderr|exit\b|exitCode|abort)/);
  expect(talkers.filter((name) => !name.startsWith('cli/'))).toEqual([]);
});

test('src/version.ts is the version of the package', () => {
  expect(JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')).version).toBe(VERSION);
});
