// Publishes artifacts over each other, kills processes that do so, and checks what readers find.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { check, openArtifact } from '../../src/index.js';
import { art, digests, project, REPOSITORY, sha256 } from './project.js';

const CHILDREN = join(REPOSITORY, 'test/support');
/** What is tested: the package, as it was built. */
const STAGING = join(REPOSITORY, 'dist/platform/node/staging.js');
const LIBRARY = join(REPOSITORY, 'dist/index.js');

export const FILES = ['artifact.json', 'artifact.sigstore.json', 'artifact.tar.gz'];

export interface Sample {
  /** Its folder. */
  path: string;
  signed: boolean;
  /** sha256 of its artifact.json. */
  digest: string;
  /** What it was built from: a.s. */
  source: string;
}

export interface Samples {
  cwd: string;
  /** The public key. */
  key: string;
  /** By their names: s0, s1… are signed, p0, p1… are not. */
  all: Readonly<Record<string, Sample>>;
}

/** Builds artifacts that differ: `signed` with signatures, as many without. */
export function makeSamples(signed: number): Samples {
  const cwd = project({ 'package.json': '{"name":"p","version":"1.0.0"}' });
  // Ed25519, so that the same content gives the same signature.
  expect(art(['keygen', '--out', 'k', '--no-passphrase', '--type', 'ed25519'], { cwd }).status).toBe(0);
  const all: Record<string, Sample> = {};
  for (const kind of ['s', 'p'])
    for (let i = 0; i < signed; i++) {
      const name = `${kind}${i}`;
      // Every second one is larger than what is read into memory at once, also compressed.
      const large = i % 2 === 1 ? `.quad ${numbers(200_000 + i)}\n` : '';
      const source = `.globl ${name}\n${name}: ret\n.fill ${i * 100}, 1, ${i}\n${large}`;
      writeFileSync(join(cwd, 'a.s'), source);
      const sign = kind === 's' ? ['--sign', 'k.key'] : [];
      const made = art(['build', 'a.s', '--out', name, '--target', 'x86_64', '--emit', 'object', ...sign], { cwd });
      expect(made.stderr).not.toContain('error');
      all[name] = { path: join(cwd, name), signed: kind === 's', digest: digests(join(cwd, name)).manifest, source };
    }
  return { cwd, key: join(cwd, 'k.pub'), all };
}

/** Numbers that do not get smaller when they are packed. */
function numbers(count: number): string {
  let x = 1n;
  return Array.from({ length: count }, () => {
    x = BigInt.asUintN(64, x * 6364136223846793005n + 1442695040888963407n);
    return `0x${x.toString(16)}`;
  }).join(',');
}

/** The command line of a process that publishes samples, for some seconds or once. */
export const publishing = (out: string, seconds: number, samples: readonly Sample[]): string[] => [
  join(CHILDREN, 'publish-child.mjs'),
  STAGING,
  out,
  String(seconds),
  ...samples.map(({ path }) => path),
];

export interface Killed {
  /** Whether it came to its end. */
  survived: boolean;
  /** How many operations on files it did, if it came to its end. */
  operations: number;
}

/** Runs node, and kills it right before its n-th operation on the files of an output directory. */
export function killedAt(n: number, args: readonly string[], cwd: string): Killed {
  const count = join(cwd, 'count');
  const { status, signal, stderr } = spawnSync(process.execPath, ['--import', join(CHILDREN, 'kill-at.mjs'), ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, KILL_AT: String(n), COUNT: count },
  });
  if (signal === 'SIGKILL') return { survived: false, operations: 0 };
  expect([status, stderr.includes('rror')]).toEqual([0, false]);
  return { survived: true, operations: Number(readFileSync(count, 'utf8')) };
}

/** How many operations it does if it is not killed. */
export const operationsOf = (args: readonly string[], cwd: string): number => killedAt(0, args, cwd).operations;

/**
 * Reads the artifact in a directory as art's readers do.
 * @returns the sample that is there, complete and with its own signature
 */
export async function findWhole(out: string, { all, key }: Samples): Promise<Sample> {
  for (const source of [out, join(out, 'artifact.json')]) {
    const { manifestDigest } = await openArtifact(source);
    const sample = Object.values(all).find(({ digest }) => digest === manifestDigest);
    const found = await check(source, { keys: [key], requireSignature: sample?.signed === true });
    expect(found).toEqual({ failures: [], signature: sample?.signed ? 'trusted' : 'none' });
    if (source !== out) return sample as Sample;
  }
  throw new Error('unreachable');
}

/** Checks that the files in a directory are those of a sample, and that there are no others. */
export function expectPlaced(out: string, sample: Sample, others: readonly string[] = []): void {
  expect(readdirSync(out).sort()).toEqual([...readdirSync(sample.path), ...others].sort());
  for (const name of readdirSync(sample.path))
    expect(sha256(readFileSync(join(out, name)))).toBe(sha256(readFileSync(join(sample.path, name))));
}

/**
 * Kills processes that publish, at each of their operations on files in turn, and checks each time that the old or the
 * new artifact is there, complete.
 * @param kind of what they publish; every fourth time it replaces one of the other kind
 */
export async function killing(kind: 'signed' | 'plain', kills: number): Promise<void> {
  const samples = makeSamples(2);
  const [one, two] = kind === 'signed' ? ['s', 'p'] : ['p', 's'];
  const [first, second, other] = [`${one}0`, `${one}1`, `${two}0`].map((name) => samples.all[name] as Sample);
  const out = outputDirectory(samples.cwd, 'out');
  const total = operationsOf(publishing(out, 0, [first as Sample]), samples.cwd);
  let before = first;
  const found = new Set<boolean>();
  for (let i = 0; i < kills; i++) {
    if (i % 4 === 3) {
      await running(publishing(out, 0, [other as Sample]));
      expectPlaced(out, other as Sample, ['readme.txt']);
      before = other;
    }
    const next = (before === first ? second : first) as Sample;
    const at = 1 + ((i * 7) % total);
    expect(killedAt(at, publishing(out, 0, [next]), samples.cwd).survived).toBe(false);
    const now = await findWhole(out, samples);
    expect([before, next]).toContain(now);
    found.add(now === next);
    before = now;
  }
  expect([...found].sort()).toEqual([false, true]);
  await running(publishing(out, 0, [first as Sample]));
  expectPlaced(out, first as Sample, ['readme.txt']);
}

/** Runs node. @returns what it printed */
export async function running(args: readonly string[], cwd?: string): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd && { cwd }) });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect([status, err]).toEqual([0, '']);
  return out;
}

/** Reads a directory for some seconds. */
export async function reading(out: string, seconds: number, { all, key }: Samples) {
  const expected = Object.fromEntries(
    Object.values(all).map(({ digest, signed }) => [digest, signed ? 'trusted' : 'none']),
  );
  const text = await running([
    join(CHILDREN, 'read-child.mjs'),
    LIBRARY,
    out,
    String(seconds),
    key,
    JSON.stringify(expected),
  ]);
  return JSON.parse(text) as { looks: number; wrong: string[] };
}

/** An output directory that holds other files too. */
export function outputDirectory(cwd: string, name: string): string {
  const out = join(cwd, name);
  if (!existsSync(out)) mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'readme.txt'), 'mine');
  return out;
}
