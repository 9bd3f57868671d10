// Every command has --json, --quiet and --help.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { art, project, REPOSITORY } from '../support/project.js';

const COMMANDS = [
  ...[
    'build',
    'link',
    'verify',
    'extract',
    'inspect',
    'diff',
    'rebuild',
    'merge',
    'convert',
    'keygen',
    'sign',
    'plan',
    'init',
    'run',
    'addon',
  ],
  ...['toolchain', 'sysroot', 'browser', 'completion', 'profile merge', 'profile convert', 'profile show'],
  ...['cache stats', 'cache clear', 'cache verify'],
  ...['daemon status', 'daemon stop'],
];

test.each(COMMANDS)('art %s --help', (name) => {
  const { status, stdout, stderr } = art([...name.split(' '), '--help']);
  expect([status, stderr]).toEqual([0, '']);
  for (const option of ['--json', '--quiet', '--help']) expect(stdout).toMatch(new RegExp(`^ +(-h, )?${option} `, 'm'));
});

test('they are all that there are', () => {
  const { stdout } = art(['--help']);
  const listed = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual([...new Set(COMMANDS.map((name) => name.split(' ')[0]))].sort());
});

describe('commands that make something', () => {
  const cwd = scratch();
  const json = (...args: string[]) => {
    const { status, stdout, stderr } = art([...args, '--json'], { cwd });
    expect([args[0], status, stderr]).toEqual([args[0], 0, '']);
    return JSON.parse(stdout);
  };
  const quiet = (...args: string[]) =>
    expect([args[0], art([...args, '--quiet'], { cwd })]).toEqual([args[0], { status: 0, stdout: '', stderr: '' }]);

  beforeAll(() => {
    writeFileSync(join(cwd, 'package.json'), '{"name":"p","version":"1.0.0"}');
    writeFileSync(
      join(cwd, 'a.ll'),
      'target triple = "x86_64-unknown-linux-musl"\ndefine i32 @a() {\n  ret i32 0\n}\n',
    );
    quiet('build', 'a.ll', '--target', 'x86_64');
  });

  test('--json says what was made', () => {
    expect(json('keygen', '--out', 'k', '--no-passphrase')).toEqual({ ok: true, files: ['k.key', 'k.pub'] });
    expect(json('sign', 'artifact', '--key', 'k.key')).toEqual({
      ok: true,
      signature: 'artifact/artifact.sigstore.json',
    });
    expect(json('init')).toMatchObject({ ok: true, written: 'art.config.json', package: 'p-1.0.0', config: {} });
    expect(existsSync(join(cwd, 'art.config.json'))).toBe(true);
    const profile = join(REPOSITORY, 'fixtures/profile/profile.json');
    const made = json('toolchain', 'env', '--wrappers', 'w', '--target', 'x86_64');
    expect(made).toMatchObject({
      ok: true,
      system: 'env',
      target: 'x86_64-unknown-linux-musl',
      file: expect.stringContaining('CC='),
    });
    expect(json('sysroot', '--out', 'sysroots')).toEqual({ ok: true, out: join(cwd, 'sysroots') });
    expect(json('plan', '--with-profile', profile, '--out', 'plan.json')).toMatchObject({ ok: true, out: 'plan.json' });
    expect(json('plan', '--with-profile', profile)).toEqual(JSON.parse(readFileSync(join(cwd, 'plan.json'), 'utf8')));
    expect(json('profile', 'merge', profile, '-o', 'merged.json')).toMatchObject({
      ok: true,
      output: 'merged.json',
      format: 'json',
    });
    expect(json('profile', 'show', profile)).toMatchObject({ ok: true, entries: expect.any(Array) });
  });

  test('a path with .. after a link leads where the kernel takes it, for whatever is written', () => {
    mkdirSync(join(cwd, 'real/sub'), { recursive: true });
    symlinkSync('real/sub', join(cwd, 'link'));
    const to = (name: string) => `link/../${name}`;
    quiet('build', 'a.ll', '--target', 'x86_64', '--out', to('artifact'));
    quiet('keygen', '--out', to('k'), '--no-passphrase');
    quiet('sign', to('artifact'), '--key', to('k.key'));
    quiet('verify', to('artifact'), '--key', to('k.pub'));
    quiet('extract', to('artifact'), '--out', to('extracted'));
    quiet('convert', to('artifact'), '--to', 'json', '--out', to('whole.json'));
    quiet('link', to('artifact'), '--relocatable', '-o', to('linked.o'));
    quiet('plan', '--with-profile', join(REPOSITORY, 'fixtures/profile/profile.json'), '--out', to('plan.json'));
    quiet('toolchain', 'env', '--wrappers', to('wrappers'), '--target', 'x86_64');
    quiet('sysroot', '--out', to('sysroots'));
    quiet('browser', '--out', to('page'));
    expect(readdirSync(join(cwd, 'real')).sort()).toEqual(
      ['artifact', 'extracted', 'k.key', 'k.pub', 'linked.o', 'page', 'plan.json', 'sub', 'whole.json']
        .concat('sysroots', 'wrappers')
        .sort(),
    );
    expect(readdirSync(join(cwd, 'real/artifact')).sort()).toEqual([
      'artifact.json',
      'artifact.sigstore.json',
      'artifact.tar.gz',
    ]);
  });

  test('--quiet says nothing', () => {
    quiet('keygen', '--out', 'q', '--no-passphrase');
    quiet('sign', 'artifact', '--key', 'q.key');
    quiet('inspect', 'artifact');
    quiet('toolchain', 'env', '--wrappers', 'q', '--target', 'x86_64');
    quiet('sysroot', '--out', 'sysroots');
    quiet('plan', '--with-profile', join(REPOSITORY, 'fixtures/profile/profile.json'));
    quiet('profile', 'show', join(REPOSITORY, 'fixtures/profile/profile.json'));
  });

  test('a private key that others may read is used, and warned of once', () => {
    chmodSync(join(cwd, 'q.key'), 0o644);
    const warning =
      "art: warning: others may read the private key 'q.key' (its permissions are 644): forbid that with chmod 600\n";
    expect(art(['sign', 'artifact', '--key', 'q.key', '--quiet'], { cwd })).toEqual({
      status: 0,
      stdout: '',
      stderr: warning,
    });
    const built = art(['build', 'a.ll', '--target', 'x86_64', '--sign', 'q.key', '--quiet'], { cwd });
    expect(built).toEqual({ status: 0, stdout: '', stderr: warning });
  });
});

test.each([
  [['verify', 'nowhere'], 1, 'INPUT_NOT_FOUND'],
  [['sign', 'nowhere', '--key', 'nowhere.key'], 1, 'KEY_INVALID'],
  [['link', 'nowhere.o', '-o', 'x'], 1, 'INPUT_NOT_FOUND'],
  [['link', '-o', 'x'], 2, 'NO_INPUT'],
  [['profile', 'show', 'nowhere'], 1, 'INPUT_NOT_FOUND'],
  [['toolchain', 'make'], 2, 'INVALID_OPTION'],
  [['convert', 'nowhere', '--to', 'json', '--out', 'x'], 2, 'INVALID_OPTION'],
])('art %j --json says what is wrong in one object', (args, status, code) => {
  const result = art([...args, '--json'], { cwd: project({}) });
  expect(result.status).toBe(status);
  expect(JSON.parse(result.stdout)).toMatchObject({ ok: false, code, message: expect.any(String) });
});

test('on a full disk art sign advises nothing that it has not', () => {
  const help = art(['sign', '--help']).stdout;
  const { stderr } = art([
    'plan',
    '--with-profile',
    join(REPOSITORY, 'fixtures/profile/profile.json'),
    '--out',
    '/nowhere/x',
  ]);
  expect(help).not.toContain('-o');
  expect(stderr).toMatch(
    /^art: error: cannot write '\/nowhere\/x' \(.*\): make room or make it writable, or name another place\n$/,
  );
});
