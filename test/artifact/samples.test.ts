// npm run samples: every sample is what its index says, and all have the same bytes each time.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { verify } from 'art-aot';
import { beforeAll, expect, test } from 'vitest';
import { run, scratch } from '../support/native.js';
import { art, REPOSITORY, sha256 } from '../support/project.js';

interface Sample {
  path: string;
  arguments: string[];
  status: number;
  error?: string;
}

const folder = join(scratch(), 'samples');
let samples: Sample[];

function make(out: string, env: Record<string, string> = {}): void {
  const { status, stderr } = spawnSync(process.execPath, [join(REPOSITORY, 'scripts/samples.mjs'), out], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  expect([status, stderr]).toEqual([0, '']);
}

beforeAll(() => {
  make(folder);
  samples = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')).samples;
});

test('each is verified as the index says', async () => {
  expect(samples.length).toBeGreaterThan(60);
  for (const sample of samples) {
    const value = (name: string) => sample.arguments.filter((_, i) => sample.arguments[i - 1] === name);
    const failures = await verify(join(folder, sample.path), {
      keys: value('--key').map((key) => join(folder, key)),
      ...(sample.arguments.includes('--require-signature') && { requireSignature: true }),
    });
    expect([sample.path, failures.length > 0 ? 1 : 0]).toEqual([sample.path, sample.status]);
    // Each is broken in one way, and it is said in the first line.
    if (sample.error) expect([sample.path, failures[0]]).toEqual([sample.path, expect.stringContaining(sample.error)]);
  }
});

test('the command says the same', () => {
  for (const path of ['layout-oci', 'broken/tar-name-with-control-bytes', 'broken/signature-of-another-key']) {
    const sample = samples.find((s) => s.path === path) as Sample;
    const { status, stderr } = art(['verify', path, ...sample.arguments], { cwd: folder });
    expect([path, status]).toEqual([path, sample.status]);
    expect(stderr).toContain(sample.error ?? '');
  }
});

test('all is listed, and nothing else is there', () => {
  const top = readdirSync(folder).filter(
    (name) => !['README.md', 'index.json', 'keys', 'sources', 'broken'].includes(name),
  );
  const broken = readdirSync(join(folder, 'broken')).map((name) => `broken/${name}`);
  expect([...top, ...broken].sort()).toEqual(samples.map(({ path }) => path).sort());
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  for (const { path } of samples) expect(readme).toContain(`| \`${path}\` |`);
});

test('they have the same bytes in another place, zone and language', () => {
  const again = join(folder, '..', 'again');
  make(again, { TZ: 'Pacific/Auckland', LC_ALL: 'de_DE.UTF-8', SOURCE_DATE_EPOCH: '1700000000' });
  const contents = (at: string) =>
    readdirSync(at, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(at, name)).isFile())
      .sort()
      .map((name) => `${sha256(readFileSync(join(at, name)))}  ${name}`);
  expect(contents(again)).toEqual(contents(folder));
});

test('the program of one of them runs', () => {
  const out = join(folder, '..', 'unpacked');
  expect(art(['extract', join(folder, 'multi-target'), '--out', out, '--target', 'x86_64']).status).toBe(0);
  expect(run(join(out, 'executables/x86_64-unknown-linux-musl/hello'), [])).toBe('Hello, world!\n');
});
