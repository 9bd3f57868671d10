// Keys, signatures, and what cosign says of them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, openArtifact, sign, verify } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { available, scratch } from '../support/native.js';
import { art, REPOSITORY } from '../support/project.js';

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

// A terminal of its own for the command: answers each question that ends in ': ', and gives all that was shown.
const TERMINAL = `
import os, pty, sys
answers = sys.argv[1].split(',')
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
shown, asked = b'', 0
while True:
    try:
        piece = os.read(fd, 1024)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    while shown.count(b': ') > asked and asked < len(answers):
        os.write(fd, answers[asked].encode().decode('unicode_escape').encode())
        asked += 1
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

test.runIf(available('python3'))('a passphrase is asked for on a terminal, and not shown', () => {
  const { ART_KEY_PASSPHRASE: _, ...env } = process.env;
  const asked = (answers: string, ...args: string[]) =>
    spawnSync('python3', ['-c', TERMINAL, answers, process.execPath, join(REPOSITORY, 'dist/cli/main.js'), ...args], {
      encoding: 'utf8',
      env,
    });
  const made = asked('horse\\n,horse\\n', 'keygen', '--out', key('asked'));
  expect([made.status, made.stdout]).toEqual([0, expect.stringContaining('New passphrase: ')]);
  expect(made.stdout).not.toContain('horse');
  expect(readFileSync(key('asked.key'), 'utf8')).toContain('ENCRYPTED');
  expect(asked('horse\\n', 'sign', artifact, '--key', key('asked.key')).status).toBe(0);
  expect(asked('cow\\n', 'sign', artifact, '--key', key('asked.key')).stdout).toContain('is not its passphrase');
  // Two answers that differ, and Ctrl-D and Ctrl-C in place of one.
  expect(asked('horse\\n,cow\\n', 'keygen', '--out', key('never'))).toMatchObject({ status: 2 });
  for (const control of ['\\x04', '\\x03']) {
    const left = asked(control, 'keygen', '--out', key('never'));
    expect([left.status, left.stdout]).toEqual([1, expect.stringContaining('art: error: no passphrase was given')]);
  }
  expect(existsSync(key('never.key'))).toBe(false);
});

test('a pair of keys is made whole, or not at all', () => {
  writeFileSync(key('half.pub'), '');
  expect(art(['keygen', '--out', key('half'), '--no-passphrase']).status).toBe(1);
  expect(existsSync(key('half.key'))).toBe(false);
});

test('art build --sign signs what it has built, with a key that is there before it builds', async () => {
  const out = join(folder, 'built');
  const source = join(folder, 'main.c');
  const wrong = art(['build', source, '--out', out, '--sign', key('none.key'), '--target', 'x86_64']);
  expect(wrong).toMatchObject({ status: 1, stdout: '' });
  expect(existsSync(out)).toBe(false);
  expect(art(['build', source, '--sign', key('ed25519.key'), '--manifest-only']).status).toBe(2);
  const env = { ART_KEY_PASSPHRASE: 'staple' };
  expect(art(['keygen', '--out', key('staple')], { env }).status).toBe(0);
  const args = ['build', source, '--out', out, '--sign', key('staple.key'), '--target', 'x86_64', '--json'];
  const { status, stdout } = art(args, { env });
  expect([status, JSON.parse(stdout).signature]).toEqual([0, join(out, 'artifact.sigstore.json')]);
  expect(await verify(out, { keys: [key('staple.pub')] })).toEqual([]);
});

test('art verify --trusted takes every .pub of a folder', async () => {
  await sign(artifact, { key: key('ed25519.key') });
  const trusted = key('trusted');
  mkdirSync(trusted);
  writeFileSync(join(trusted, 'other.pub'), readFileSync(key('ecdsa-p256.pub')));
  writeFileSync(join(trusted, 'notes.txt'), 'no key');
  expect(art(['verify', artifact, '--trusted', trusted]).stderr).toContain('not made with a key that is trusted here');
  writeFileSync(join(trusted, 'ours.pub'), readFileSync(key('ed25519.pub')));
  expect(art(['verify', artifact, '--trusted', trusted])).toMatchObject({ status: 0, stderr: '' });
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

  describe('signs with its own key what we accept', () => {
    const pub = key('cosign.pub');
    const cosign = (...args: string[]) => {
      const done = spawnSync('cosign', args, {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, COSIGN_PASSWORD: '' },
      });
      expect([done.status, done.stderr]).toEqual([0, expect.anything()]);
    };
    const signing = [
      '--key',
      key('cosign.key'),
      '--new-bundle-format',
      '--tlog-upload=false',
      '--yes',
      '--bundle',
      bundle,
    ];
    beforeAll(async () => {
      cosign('generate-key-pair', '--output-key-prefix', 'cosign');
      await sign(artifact, { key: key('ed25519.key') });
      const { payload } = JSON.parse(readFileSync(bundle, 'utf8')).dsseEnvelope;
      writeFileSync(key('predicate'), JSON.stringify(JSON.parse(Buffer.from(payload, 'base64').toString()).predicate));
    });
    const others = () => verify(artifact, { keys: [key('ecdsa-p256.pub')] });
    const untrusted = ['its signature was not made with a key that is trusted here'];

    test('attest-blob, with our provenance', async () => {
      const attest = ['attest-blob', ...signing, '--type', 'slsaprovenance1', '--predicate', key('predicate')];
      cosign(...attest, join(artifact, 'artifact.json'));
      expect(await verify(artifact, { keys: [pub] })).toEqual([]);
      expect(await others()).toEqual(untrusted);
      // The archive alone says nothing of the manifest.
      cosign(...attest, join(artifact, 'artifact.tar.gz'));
      expect(await verify(artifact, { keys: [pub] })).toEqual(["'artifact.json' is not among what was signed"]);
      cosign(...attest, join(folder, 'main.c'));
      expect(await verify(artifact, { keys: [pub] })).toContain("'main.c' was signed and is not in the artifact");
    });

    test('sign-blob, of the manifest', async () => {
      cosign('sign-blob', ...signing, join(artifact, 'artifact.json'));
      expect(await verify(artifact, { keys: [pub] })).toEqual([]);
      expect(await others()).toEqual(untrusted);
      cosign('sign-blob', ...signing, join(artifact, 'artifact.tar.gz'));
      expect(await verify(artifact, { keys: [pub] })).toEqual(untrusted);
    });
  });
});
