// `art build --watch`, as somebody has it who edits.

import { spawn } from 'node:child_process';
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

test('it builds when what it read, or looked up in vain, changes, and then only', { timeout: 600_000 }, async () => {
  const root = project(FILES);
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
  const rounds = () => printed.split('\n').slice(0, -1);
  let known = 0;
  /** The next round, after something was done. */
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
  // As editors do that write anew, and git.
  const replace = () => {
    write('new', '#define H 2\n');
    renameSync(join(root, 'new'), join(root, 'inc2/h.h'));
  };
  expect(await next(replace)).toMatchObject({ cache: { hits: 1, misses: 0 } });
  expect(digests(join(root, 'artifact'))).toEqual(first);
  // Names that were free.
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
  // A source that is new, and a config that says otherwise.
  expect(await next(() => write('b.c', 'int b;\n'))).toMatchObject({ units: 2 });
  expect(await next(() => write('art.config.json', FILES['art.config.json'].replace('"."', '"a.c"')))).toMatchObject({
    units: 1,
  });
  // Nothing that it makes itself, and nothing that it has no part in.
  write('b.c', 'int b = 1;\n');
  await setTimeout(3000);
  expect(rounds().length).toBe(known);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGINT');
  expect(await ended).toBe(130);
});
