// npm run samples: every sample is as the index describes it, and has the same bytes each time.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { verify } from 'art-aot';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/program.js';
import { run, scratch } from '../support/native.js';
import { art, type CliResult, REPOSITORY, sha256 } from '../support/project.js';

interface Sample {
  path: string;
  arguments: string[];
  status: number;
  error?: string;
}

const folder = join(scratch(), 'samples');
const work = join(folder, '../work');
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
      ...(sample.arguments.includes('--package') && { package: value('--package')[0] as string }),
      ...(sample.arguments.includes('--not-before') && {
        notBefore: Date.parse(String(value('--not-before')[0])) / 1000,
      }),
    });
    expect([sample.path, failures.length > 0 ? 1 : 0]).toEqual([sample.path, sample.status]);
    // Each sample is broken in one way, which the first line names.
    if (sample.error) expect([sample.path, failures[0]]).toEqual([sample.path, expect.stringContaining(sample.error)]);
  }
});

// Each broken sample is made from 'minimal' or 'signed', in some layout; its arguments are for art verify.
describe('no command takes what art verify refuses:', () => {
  /** Runs a command in this process, since there would be hundreds of processes otherwise. */
  async function inProcess(args: string[]): Promise<CliResult> {
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      vi.spyOn(process[name], 'write').mockImplementation((text) => {
        said[name] += text;
        return true;
      });
    try {
      return {
        status: await main(args.map((word) => (/^(broken|keys|sources)\//.test(word) ? join(folder, word) : word))),
        ...said,
      };
    } finally {
      vi.restoreAllMocks();
    }
  }

  const COMMANDS: Readonly<Record<string, (path: string, out: string) => string[]>> = {
    extract: (path, out) => ['extract', path, '--out', out],
    convert: (path, out) => ['convert', path, '--to', 'oci', '--out', out],
    inspect: (path) => ['inspect', path],
    'inspect --sections': (path) => ['inspect', path, '--sections'],
    diff: (path) => ['diff', path, path],
    rebuild: (path) => ['rebuild', path, '--sources', 'sources/hello', '--quiet'],
    link: (path, out) => ['link', path, '--relocatable', '--target', 'x86_64', '-o', `${out}.o`],
    sign: (path) => ['sign', path, '--key', 'keys/other.key'],
  };

  test.each(Object.keys(COMMANDS))('art %s', { timeout: 600_000 }, async (name) => {
    const broken = samples.filter(({ path }) => path.startsWith('broken/'));
    for (const { path, arguments: given } of broken) {
      // art sign replaces a wrong signature, and neither diff nor sign checks packages and times.
      const isWanted = given.some((word) => ['--package', '--not-before'].includes(word));
      if (name === 'sign' && (path.startsWith('broken/signature-') || isWanted)) continue;
      if (name === 'diff' && isWanted) continue;
      // In other commands than art verify, a key by itself requires a signature.
      const words = given.filter((word) => word !== '--require-signature');
      const copy = join(work, 'copy', path);
      if (name === 'sign') cpSync(join(folder, path), copy, { recursive: true });
      const out = join(work, 'out', name, path);
      const command = COMMANDS[name] as (path: string, out: string) => string[];
      const { status, stdout, stderr } = await inProcess([...command(name === 'sign' ? copy : path, out), ...words]);
      // Two layouts cannot contain a signature, so signing them is wrong usage.
      expect([path, status === 2 ? name : status, stdout]).toEqual([path, status === 2 ? 'sign' : 1, '']);
      expect(stderr).toMatch(/^art: error: [^\p{C}]+\n([^\p{C}]*\n)*$/u);
      expect([path, existsSync(out), existsSync(`${out}.o`)]).toEqual([path, false, false]);
    }
  });

  test('and each takes what is sound', () => {
    for (const [name, command] of Object.entries(COMMANDS))
      for (const path of ['signed', 'layout-dir', 'layout-json.json', 'layout-oci']) {
        if (name === 'sign' && /json|oci/.test(path)) continue;
        const out = join(work, 'out', name, path);
        mkdirSync(dirname(out), { recursive: true });
        const key = name === 'sign' ? [] : ['--key', 'keys/test.pub', '--max-size', '1M'];
        const { status, stderr } = art([...command(path, out), ...key], { cwd: folder });
        expect([name, path, status, stderr]).toEqual([name, path, 0, '']);
      }
    for (const path of ['signed', 'layout-dir'])
      expect(art(['sign', path, '--key', 'keys/test.key', '--quiet'], { cwd: folder }).status).toBe(0);
  });
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
