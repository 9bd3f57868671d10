// Keys, signatures, and what cosign says of them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, openArtifact, sign, verify } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { art } from '../support/project.js';

const folder = scratch();
const artifact = join(folder, 'artifact');
const bundle = join(artifact, 'artifact.sigstore.json');
const key = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(join(artifact, name));

async function make(source: string): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{"name":"signed","version":"1.0.0"}');
  writeFileSync(join(folder, 'main.c'), source);
  await build({ inputs: [join(folder, 'main.c')], out: artifact, targets: ['x86_64'] });
}

beforeAll(async () => {
  await make('int main(void) { return 0; }\n');
  for (const type of ['ecdsa-p256', 'ed25519'])
    expect(art(['keygen', '--out', key(type), '--type', type, '--no-passphrase']).status).toBe(0);
});

describe('art keygen', () => {
  test('a private key is for its owner alone, and none is replaced', () => {
    expect(statSync(key('ed25519.key')).mode & 0o777).toBe(0o600);
    const { status, stderr } = art(['keygen', '--out', key('ed25519'), '--no-passphrase']);
    expect(status).toBe(1);
    expect(stderr).toContain("cannot write the key '");
  });

  test('a passphrase comes from the environment, or none is made', () => {
    const env = { ART_KEY_PASSPHRASE: 'correct horse' };
    expect(art(['keygen', '--out', key('safe')])).toMatchObject({ status: 2, stdout: '' });
    expect(existsSync(key('safe.key'))).toBe(false);
    expect(art(['keygen', '--out', key('safe')], { env }).status).toBe(0);
    expect(readFileSync(key('safe.key'), 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    const wrong = art(['sign', artifact, '--key', key('safe.key')], { env: { ART_KEY_PASSPHRASE: 'battery' } });
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain('ART_KEY_PASSPHRASE');
    expect(wrong.stderr).not.toContain('battery');
    expect(art(['sign', artifact, '--key', key('safe.key')], { env }).status).toBe(0);
    expect(art(['verify', artifact, '--key', key('safe.pub')]).status).toBe(0);
  });
});

describe('signatures', () => {
  test.each(['ecdsa-p256', 'ed25519'])('%s: made, checked, and another key refused', async (type) => {
    await sign(artifact, { key: key(`${type}.key`) });
    expect(await verify(artifact, { keys: [key(`${type}.pub`)] })).toEqual([]);
    const other = type === 'ed25519' ? 'ecdsa-p256' : 'ed25519';
    expect(await verify(artifact, { keys: [key(`${other}.pub`)] })).toEqual([
      'its signature was not made with a key that is trusted here',
    ]);
    expect(await verify(artifact, { keys: [key(`${other}.pub`), key(`${type}.pub`)] })).toEqual([]);
  });

  test('signing twice with Ed25519 gives the same bytes', async () => {
    await sign(artifact, { key: key('ed25519.key') });
    const first = readFileSync(bundle);
    await sign(artifact, { key: key('ed25519.key') });
    expect(readFileSync(bundle).equals(first)).toBe(true);
  });

  test('the statement names every file and what it was made with', async () => {
    await sign(artifact, { key: key('ed25519.key') });
    const { payload } = JSON.parse(readFileSync(bundle, 'utf8')).dsseEnvelope;
    const statement = JSON.parse(Buffer.from(payload, 'base64').toString());
    const { manifest } = await openArtifact(artifact);
    expect(statement.subject.map((s: { name: string }) => s.name)).toEqual([
      'artifact.json',
      'artifact.tar.gz',
      ...manifest.entries.map((e) => e.path),
    ]);
    const names = statement.predicate.buildDefinition.resolvedDependencies.map((d: { name: string }) => d.name);
    expect(names).toContain('program/llvm-codegen');
    expect(names).toContain('sysroot/musl-headers');
    expect(names).toContain('source/main.c');
  });

  test('a signature of another artifact, a changed one, and none', async () => {
    const keys = [key('ed25519.pub')];
    await sign(artifact, { key: key('ed25519.key') });
    const signature = readFileSync(bundle);
    await make('int main(void) { return 1; }\n');
    expect(existsSync(bundle)).toBe(false); // a new artifact does not keep an old signature
    expect(await verify(artifact, { keys })).toEqual(['it has no signature (artifact.sigstore.json)']);
    expect(await verify(artifact)).toEqual([]);
    expect(art(['verify', artifact, '--require-signature']).status).toBe(1);
    writeFileSync(bundle, signature);
    const problems = await verify(artifact, { keys });
    expect(problems).toContain("'artifact.json' is not the one that was signed");
    expect(problems).toContain("'artifact.tar.gz' is not the one that was signed");
    const json = JSON.parse(signature.toString());
    json.dsseEnvelope.payload = Buffer.from(
      Buffer.from(json.dsseEnvelope.payload, 'base64').toString().replace('main', 'niam'),
    ).toString('base64');
    writeFileSync(bundle, JSON.stringify(json));
    expect(await verify(artifact, { keys })).toEqual(['its signature was not made with a key that is trusted here']);
    for (const bad of [
      '',
      '{}',
      '[]',
      'null',
      '{"mediaType":1}',
      '\0',
      JSON.stringify({ ...json, dsseEnvelope: null }),
    ]) {
      writeFileSync(bundle, bad);
      expect((await verify(artifact, { keys })).join()).toContain('artifact.sigstore.json is no Sigstore bundle');
    }
  });

  test('keys that cannot be used are named', async () => {
    writeFileSync(key('bad.pub'), 'no key');
    expect(art(['verify', artifact, '--key', key('bad.pub')]).stderr).toContain("bad.pub' is no public key in PEM");
    expect(art(['verify', artifact, '--key', key('none.pub')]).stderr).toContain("cannot read the key '");
    expect(art(['sign', artifact, '--key', key('ed25519.pub')]).stderr).toContain('it is no private key in PEM');
    mkdirSync(key('empty'));
    expect(art(['verify', artifact, '--trusted', key('empty')]).stderr).toContain('no .pub in the directory');
  });
});

const hasCosign = spawnSync('cosign', ['version']).status === 0;
if (!hasCosign) console.log('skipped, not installed: cosign');
describe.runIf(hasCosign)('cosign', () => {
  const root = join(folder, 'trusted-root.json');
  const check = (pub: string, file: string) =>
    spawnSync(
      'cosign',
      [
        ...['verify-blob-attestation', '--new-bundle-format', '--insecure-ignore-tlog', '--type', 'slsaprovenance1'],
        ...['--trusted-root', root, '--bundle', bundle, '--key', pub, file],
      ],
      { encoding: 'utf8' },
    );

  test.each(['ecdsa-p256', 'ed25519'])('accepts what we sign with %s', async (type) => {
    writeFileSync(root, '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}');
    await sign(artifact, { key: key(`${type}.key`) });
    for (const name of ['artifact.json', 'artifact.tar.gz'])
      expect(check(key(`${type}.pub`), join(artifact, name)).stderr).toContain('Verified OK');
    expect(check(key(`${type}.pub`), join(folder, 'main.c')).status).not.toBe(0);
    expect(read('artifact.json').length).toBeGreaterThan(0);
  });
});
