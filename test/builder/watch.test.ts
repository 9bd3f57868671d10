// `art build --watch`, while a user edits files.

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { digests, project, REPOSITORY } from '../support/project.js';
import { until } from '../support/resident.js';

const FILES = {
  'package.json': '{"name":"p","version":"1.0.0"}',
  'art.config.json': '{"sources":["."],"targets":["x86_64"],"emit":["object"],"flags":["-Iinc1","-Iinc2"]}',
  'a.c': '#include <h.h>\n#if __has_include("maybe.h")\n#include "maybe.h"\n#endif\nint a = H;\n',
  'inc2/h.h': '#define H 2\n',
};

/** Starts `art build --watch` in a project, with its own cache. */
function watching(root: string) {
  const env = { ...process.env, ART_NO_CACHE: '', ART_CACHE_DIR: join(project({}), 'cache') };
  const child = spawn(process.execPath, [join(REPOSITORY, 'dist/cli/main.js'), 'build', '--watch', '--json'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout.on('data', (bytes) => {
    printed += bytes;
  });
  return { child, rounds: () => printed.split('\n').slice(0, -1) };
}

test('it builds when what it read, or looked up in vain, changes, and then only', { timeout: 600_000 }, async () => {
  const root = project(FILES);
  const { child, rounds } = watching(root);
  let known = 0;
  /** Makes a change, and returns the result of the build after it. */
  const next = async (change: () => void) => {
    change();
    await until(() => rounds().length > known, 200);
    return JSON.parse(rounds()[known++] as string);
  };
  const write = (name: string, text: string) => writeFileSync(join(root, name), text);

  expect(await next(() => {})).toMatchObject({ ok: true, cache: { hits: 0, misses: 1 } });
  const first = digests(join(root, 'artifact'));
  expect(await next(() => write('inc2/h.h', '#define H 3\n'))).toMatchObject({ cache: { misses: 1 } });
  expect(digests(join(root, 'artifact'))).not.toEqual(first);
  // Replaces a file by renaming, as some editors and git do.
  const replace = () => {
    write('new', '#define H 2\n');
    renameSync(join(root, 'new'), join(root, 'inc2/h.h'));
  };
  expect(await next(replace)).toMatchObject({ cache: { hits: 1, misses: 0 } });
  expect(digests(join(root, 'artifact'))).toEqual(first);
  // Adds a header at a path where a look-up found nothing before.
  const shadow = () => {
    mkdirSync(join(root, 'inc1'));
    write('inc1/h.h', '#define H 1\n');
  };
  expect(await next(shadow)).toMatchObject({ cache: { misses: 1 } });
  const broken = await next(() => write('maybe.h', '#error "maybe"\n'));
  expect(broken).toMatchObject({ ok: false, code: 'COMPILE_FAILED' });
  expect(JSON.stringify(broken)).toContain('maybe');
  rmSync(join(root, 'inc1'), { recursive: true });
  expect((await next(() => rmSync(join(root, 'maybe.h')))).ok).toBe(true);
  const settled = rounds().length;
  known = settled;
  // A new source, and a changed config.
  expect(await next(() => write('b.c', 'int b;\n'))).toMatchObject({ units: 2 });
  expect(await next(() => write('art.config.json', FILES['art.config.json'].replace('"."', '"a.c"')))).toMatchObject({
    units: 1,
  });
  // Its own output and unrelated files do not start a build.
  write('b.c', 'int b = 1;\n');
  await setTimeout(3000);
  expect(rounds().length).toBe(known);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGINT');
  expect(await ended).toBe(130);
});

test('git checkout of another branch, and back', { timeout: 600_000 }, async () => {
  const root = project({ ...FILES, 'art.config.json': '{"sources":["src"],"targets":["x86_64"],"emit":["object"]}' });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: root, stdio: 'pipe' });
  const write = (name: string, text: string) => {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  const commit = (message: string) => {
    git('add', '-A');
    git('commit', '-q', '-m', message);
  };
  git('init', '-q', '-b', 'main');
  write('.gitignore', 'artifact\n');
  for (const n of [0, 1, 2, 3]) write(`src/${n}.c`, `#include "h.h"\nint unit${n} = H;\n`);
  write('src/h.h', '#define H 1\n');
  commit('first');
  git('checkout', '-q', '-b', 'other');
  write('src/h.h', '#define H 2\n');
  write('src/new/4.c', 'int unit4;\n');
  write('src/new/5.c', 'int unit5;\n');
  rmSync(join(root, 'src/0.c'));
  write('src/1.c', 'int unit1;\n');
  commit('second');
  git('checkout', '-q', '-b', 'empty');
  rmSync(join(root, 'src'), { recursive: true });
  write('readme', 'nothing to build\n');
  commit('third');
  git('checkout', '-q', 'main');

  const { rounds } = watching(root);
  /**
   * The result of the last build that has this number of units; a build may have started while git was still writing.
   */
  const settled = async (units: number | undefined, from: number) => {
    const last = () => JSON.parse(rounds().at(-1) ?? '{}');
    await until(() => rounds().length > from && last().units === units, 200);
    return last();
  };
  const on = (branch: string) => {
    const from = rounds().length;
    git('checkout', '-q', branch);
    return from;
  };
  const built = () => digests(join(root, 'artifact'));
  await settled(4, 0);
  const main = built();
  await settled(5, on('other'));
  const other = built();
  expect(other).not.toEqual(main);
  const plain = join(project({}), 'plain');
  execFileSync(process.execPath, [join(REPOSITORY, 'dist/cli/main.js'), 'build', '--quiet', '--out', plain], {
    cwd: root,
  });
  expect(other).toEqual(digests(plain));
  // Results of earlier builds are found in the cache.
  expect((await settled(4, on('main'))).cache).toEqual({ hits: 4, misses: 0 });
  expect(built()).toEqual(main);
  // The watch continues on a branch without sources.
  expect(await settled(undefined, on('empty'))).toMatchObject({
    ok: false,
    code: expect.stringMatching(/^(INPUT_NOT_FOUND|NO_SOURCES)$/),
  });
  expect((await settled(5, on('other'))).cache).toEqual({ hits: 5, misses: 0 });
  expect(built()).toEqual(other);
});
