// Small programs, each for one guarantee of a language or its libraries: built and linked by art for both targets, run,
// and their output compared.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { available, run, scratch } from '../support/native.js';
import { art, REPOSITORY } from '../support/project.js';

const PROGRAMS = join(REPOSITORY, 'fixtures/programs');
/** The folders, and the language that each is written in. */
const STANDARDS: Readonly<Record<string, string>> = {
  c11: 'gnu11',
  'c++11': 'c++11',
  'c++14': 'c++14',
  'c++17': 'c++17',
  'c++20': 'c++20',
  'c++23': 'c++23',
};
const MINUTES = 60_000;
const STDIN = 'one\ntwo\n';
const programs = (standard: string) =>
  readdirSync(join(PROGRAMS, standard))
    .filter((name) => name.endsWith('.txt'))
    .map((name) => parse(name).name);

const folder = scratch();

// All in one build, so that the compilers are warm for all units after the first.
beforeAll(() => {
  const config = join(folder, 'art.config.json');
  const fileFlags = Object.fromEntries(
    Object.entries(STANDARDS).map(([standard, name]) => [join(PROGRAMS, standard), [`-std=${name}`]]),
  );
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror'];
  writeFileSync(config, JSON.stringify({ sources: [PROGRAMS], flags, fileFlags }));
  const built = art(['build', '--quiet', '--emit', 'object', '--out', folder, '--config', config]);
  expect(built).toEqual({ status: 0, stdout: '', stderr: '' });
  run('tar', ['-xzf', join(folder, 'artifact.tar.gz'), '-C', folder]);
}, 15 * MINUTES);

describe.each(Object.keys(STANDARDS))('%s', (standard) => {
  const objects = (architecture: string) => join(folder, `objects/${architecture}-unknown-linux-musl`, standard);

  /** The objects of a program: one, or those in a folder, in the order of their names. */
  function objectsOf(program: string, architecture: string): string[] {
    const several = join(objects(architecture), program);
    if (existsSync(several))
      return readdirSync(several)
        .sort()
        .map((name) => join(several, name));
    const extension = standard === 'c11' ? 'c' : 'cpp';
    return [`${several}.${extension}.o`];
  }

  describe.each(['x86_64', 'aarch64'])('%s', (architecture) => {
    const emulator = architecture === 'x86_64' ? [] : ['qemu-aarch64-static'];

    for (const program of programs(standard)) {
      it(program, { skip: !available(...emulator) }, () => {
        const file = join(folder, `${standard}-${program}-${architecture}`);
        const linked = art(['link', '--quiet', ...objectsOf(program, architecture), '-o', file]);
        expect(linked).toEqual({ status: 0, stdout: '', stderr: '' });
        const [command = '', ...args] = [...emulator, file];
        const { status, stdout } = spawnSync(command, args, { cwd: folder, input: STDIN, encoding: 'utf8' });
        expect({ status, stdout }).toEqual({
          status: 0,
          stdout: readFileSync(join(PROGRAMS, standard, `${program}.txt`), 'utf8'),
        });
      });
    }
  });
});
