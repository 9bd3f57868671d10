// Keys and signatures, and cosign's checks of them.
import { spawnSync } from 'node:child_process';
import { createPrivateKey, sign as signBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, check, openArtifact, sign, verify } from 'art-aot';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { protectKey } from '../../src/platform/node/protected-key.js';
import { preAuthEncoding } from '../../src/trust/dsse.js';
import { available, scratch } from '../support/native.js';
import { art, REPOSITORY } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';

// biome-ignore lint/suspicious/noExplicitAny: tests change it in ways that its type forbids
type AnyStatement = any;

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
    const none = art(['sign', artifact, '--key', key('safe.key')]);
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('no passphrase was given: set ART_KEY_')]);
    expect(art(['sign', artifact, '--key', key('safe.key')], { env }).status).toBe(0);
    expect(art(['verify', artifact, '--key', key('safe.pub')]).status).toBe(0);
  });
});

describe('a protected key', () => {
  test('costs whoever guesses its passphrase 600,000 rounds', () => {
    expect(art(['keygen', '--out', key('slow')], { env: { ART_KEY_PASSPHRASE: 'x' } }).status).toBe(0);
    const base64 = readFileSync(key('slow.key'), 'utf8').replace(/-----.*-----|\n/g, '');
    // INTEGER 600000.
    expect(Buffer.from(base64, 'base64').toString('hex')).toContain('02030927c0');
  });

  test.runIf(available('openssl'))('is read by OpenSSL', () => {
    expect(art(['keygen', '--out', key('open')], { env: { ART_KEY_PASSPHRASE: 'pässword' } }).status).toBe(0);
    const shown = spawnSync('openssl', ['pkey', '-in', key('open.key'), '-passin', 'env:SECRET', '-pubout'], {
      encoding: 'utf8',
      env: { ...process.env, SECRET: 'pässword' },
    });
    expect([shown.stdout, shown.stderr]).toEqual([readFileSync(key('open.pub'), 'utf8'), '']);
  });

  test('comes back, whatever it and its passphrase are', async () => {
    const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(seed, fc.string({ unit: 'grapheme', minLength: 1 }), async (bytes, passphrase) => {
        // RFC 8410: PKCS #8 of an Ed25519 key is this header and the seed.
        const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), bytes]);
        const pem = await protectKey(der, passphrase);
        const back = createPrivateKey({ key: pem, passphrase });
        expect(back.export({ type: 'pkcs8', format: 'der' }).equals(der)).toBe(true);
        expect(() => createPrivateKey({ key: pem, passphrase: `${passphrase}x` })).toThrow();
      }),
      { numRuns: propertyRuns(8) },
    );
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
    expect(names).toContain('program/llvm');
    expect(names).toContain('sysroot/musl-headers');
    expect(names).toContain('source/main.c');
  });

  test('a signature of another artifact, a changed one, and none', async () => {
    const keys = [key('ed25519.pub')];
    await sign(artifact, { key: key('ed25519.key') });
    const signature = readFileSync(bundle);
    await make('int main(void) { return 1; }\n');
    expect(existsSync(bundle)).toBe(false); // a new artifact does not keep the old signature
    expect(await verify(artifact, { keys })).toEqual(['it has no signature (artifact.sigstore.json)']);
    expect(await verify(artifact)).toEqual([]);
    expect(art(['verify', artifact, '--require-signature', '--key', keys[0] as string]).status).toBe(1);
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

  test('without a key none is required, and one that is there counts for nothing', async () => {
    await make('int main(void) { return 2; }\n');
    await sign(artifact, { key: key('ed25519.key') });
    const unchecked = art(['verify', artifact]);
    expect([unchecked.status, unchecked.stdout]).toEqual([
      0,
      `${artifact}: all is as the manifest says; its signature was not checked: name a key with --key or --trusted\n`,
    ]);
    expect(JSON.parse(art(['verify', artifact, '--json']).stdout).signature).toBe('unchecked');
    expect((await check(artifact, { keys: [key('ed25519.pub')] })).signature).toBe('trusted');
    const json = JSON.parse(readFileSync(bundle, 'utf8'));
    const { dsseEnvelope, ...rest } = json;
    for (const forged of [
      json,
      { ...rest, dsseEnvelope: { ...dsseEnvelope, signatures: [{ sig: '' }] } },
      { ...rest, messageSignature: { signature: '' } },
    ]) {
      writeFileSync(bundle, JSON.stringify(forged));
      expect(art(['verify', artifact, '--require-signature'])).toEqual({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining('no key to check it with: name one with --key, or several with --trusted'),
      });
      await expect(verify(artifact, { requireSignature: true })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
      expect(art(['verify', artifact, '--key', key('ed25519.pub')]).status).toBe(forged === json ? 0 : 1);
    }
    rmSync(bundle);
    expect((await check(artifact)).signature).toBe('none');
  });

  /** Signs a changed statement with the key. */
  function writeStatement(change: (statement: AnyStatement) => AnyStatement): void {
    const json = JSON.parse(readFileSync(bundle, 'utf8'));
    const envelope = json.dsseEnvelope;
    const changed = change(JSON.parse(Buffer.from(envelope.payload, 'base64').toString()));
    const payload = Buffer.from(typeof changed === 'string' ? changed : JSON.stringify(changed));
    const signature = signBytes(null, preAuthEncoding(payload), readFileSync(key('ed25519.key')));
    envelope.payload = payload.toString('base64');
    envelope.signatures = [{ sig: signature.toString('base64') }];
    writeFileSync(bundle, JSON.stringify(json));
  }

  test.each<[string, (statement: AnyStatement) => AnyStatement, string]>([
    [
      'a subject that comes twice, first with another digest',
      (s) => ({ ...s, subject: [{ name: 'artifact.json', digest: { sha256: '0'.repeat(64) } }, ...s.subject] }),
      "'artifact.json' is not the one that was signed",
    ],
    ['a subject without a digest', (s) => ({ ...s, subject: [{ name: 'artifact.json' }] }), 'is not the one that was'],
    ['a subject that is nothing', (s) => ({ ...s, subject: [null, ...s.subject] }), 'was signed and is not in the'],
    [
      'a key that comes twice',
      (s) => JSON.stringify(s).replace('"subject":', '"subject":[],"subject":'),
      'what was signed has the key "subject" twice in one object',
    ],
    [
      'subjects without end',
      (s) => ({ ...s, subject: [...s.subject, ...Array(1e5).fill({ name: 'x' })] }),
      'and 99980 more',
    ],
  ])('a statement with %s is refused', async (_, change, message) => {
    await sign(artifact, { key: key('ed25519.key') });
    writeStatement(change);
    expect((await verify(artifact, { keys: [key('ed25519.pub')] })).join('\n')).toContain(message);
  });

  test('a statement of art must say what the manifest says, in full', async () => {
    const keys = [key('ed25519.pub')];
    const definition = 'buildDefinition';
    for (const [change, place] of [
      [(p) => (p[definition].externalParameters.package = 'other-1.0.0'), 'externalParameters.package'],
      [(p) => (p[definition].externalParameters.flags = ['-DEVIL']), 'externalParameters.flags[0]'],
      [(p) => delete p[definition].externalParameters.source_date_epoch, 'externalParameters.source_date_epoch'],
      [(p) => (p[definition].externalParameters.more = 1), 'externalParameters.more'],
      [(p) => (p[definition].externalParameters = null), 'externalParameters'],
      [(p) => p[definition].resolvedDependencies.pop(), 'resolvedDependencies['],
      [
        (p) => (p[definition].resolvedDependencies[0].digest.sha256 = '0'.repeat(64)),
        'resolvedDependencies[0].digest.sha256',
      ],
      [(p) => (p[definition].buildType = 'https://example.org/v1'), 'buildType'],
      [(p) => (p.runDetails.builder.id = 'https://example.org'), 'builder.id'],
      [(p) => (p.runDetails.builder.version.art = '9.9.9'), 'builder.version.art'],
    ] as [(predicate: AnyStatement) => unknown, string][]) {
      await sign(artifact, { key: key('ed25519.key') });
      writeStatement((s) => {
        change(s.predicate);
        return s;
      });
      const [problem, ...more] = await verify(artifact, { keys });
      expect([more, problem]).toEqual([[], expect.stringContaining(`the signed statement has another ${place}`)]);
      await expect(openArtifact(artifact, { keys })).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    }
  });

  test('what another builder says of how it built is its own affair', async () => {
    await sign(artifact, { key: key('ed25519.key') });
    writeStatement((s) => ({
      ...s,
      subject: s.subject.slice(0, 1),
      predicate: {
        buildDefinition: { buildType: 'https://example.org/v1', externalParameters: {} },
        runDetails: { builder: { id: 'https://example.org' } },
      },
    }));
    expect(await verify(artifact, { keys: [key('ed25519.pub')] })).toEqual([]);
    writeStatement((s) => ({ ...s, predicate: {} }));
    expect(await verify(artifact, { keys: [key('ed25519.pub')] })).toEqual([]);
  });

  test('another package of the same signer, and an older artifact, are told apart where that is asked', async () => {
    await sign(artifact, { key: key('ed25519.key') });
    const keys = [key('ed25519.pub')];
    for (const name of ['signed-1.0.0', 'signed'])
      expect(await verify(artifact, { keys, package: name, notBefore: 0 })).toEqual([]);
    for (const name of ['signe', 'signed-1.0', 'signed-', 'other'])
      expect(await verify(artifact, { keys, package: name })).toEqual([
        `artifact.json is of the package "signed-1.0.0", not ${JSON.stringify(name)}`,
      ]);
    await expect(verify(artifact, { keys, package: '' })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(openArtifact(artifact, { keys, notBefore: 1 })).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      message: 'artifact.json has the source_date_epoch 0, before 1',
    });
    const asked = (...args: string[]) => art(['verify', artifact, '--key', keys[0] as string, '--quiet', ...args]);
    expect(asked('--package', 'signed', '--not-before', '1970-01-01')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(asked('--package', 'other').status).toBe(1);
    expect(asked('--not-before', '2026-01-31T12:00:00Z').stderr).toContain(
      'has the source_date_epoch 0, before 1769860800',
    );
    expect(asked('--not-before', 'yesterday')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Expected seconds'),
    });
    expect(art(['extract', artifact, '--package', 'other', '--out', key('not-there')]).status).toBe(1);
    expect(existsSync(key('not-there'))).toBe(false);
  });

  test('a signature that is not UTF-8, or is none of this artifact, is refused by all that read it', async () => {
    await sign(artifact, { key: key('ed25519.key') });
    const text = readFileSync(bundle, 'latin1').trimEnd();
    writeFileSync(bundle, Buffer.from(`${text.slice(0, -1)},"x":"\xff"}`, 'latin1'));
    const out = key('converted.json');
    expect(art(['convert', artifact, '--to', 'json', '--out', out])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'art: error: the artifact has a signature that cannot hold: artifact.sigstore.json is not UTF-8\n',
    });
    expect(existsSync(out)).toBe(false);
    expect(await verify(artifact)).toEqual(['artifact.sigstore.json is not UTF-8']);
  });

  test('digests by other algorithms are passed over', async () => {
    await sign(artifact, { key: key('ed25519.key') });
    writeStatement((s) => {
      s.subject[0].digest.sha512 = '0'.repeat(128);
      return s;
    });
    expect(await verify(artifact, { keys: [key('ed25519.pub')] })).toEqual([]);
  });

  test('a bundle with a key twice, and one whose type is a deep value', async () => {
    await sign(artifact, { key: key('ed25519.key') });
    const text = readFileSync(bundle, 'utf8');
    const keys = [key('ed25519.pub')];
    writeFileSync(bundle, text.replace('"dsseEnvelope":', '"dsseEnvelope": {}, "dsseEnvelope":'));
    expect((await verify(artifact, { keys })).join()).toContain('has the key "dsseEnvelope" twice in one object');
    writeFileSync(
      bundle,
      text.replace(/"mediaType": "[^"]*"/, `"mediaType": ${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`),
    );
    expect((await verify(artifact, { keys })).join()).toContain('it nests deeper than the 32 levels allowed');
  });

  test('nothing is unpacked, shown or converted of an artifact that no trusted key signed', async () => {
    await sign(artifact, { key: key('ed25519.key') });
    const [ours, other] = [key('ed25519.pub'), key('ecdsa-p256.pub')];
    await expect(openArtifact(artifact, { keys: [other] })).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    expect((await openArtifact(artifact, { keys: [other, ours] })).entries().length).toBeGreaterThan(0);
    const out = join(folder, 'asked');
    for (const args of [
      ['extract', artifact, '--out', out],
      ['inspect', artifact],
      ['convert', artifact, '--to', 'dir', '--out', out],
      ['diff', artifact, artifact],
      ['rebuild', artifact],
    ]) {
      const { status, stdout, stderr } = art([...args, '--key', other]);
      expect([args[0], status, stdout, stderr]).toEqual([
        args[0],
        1,
        '',
        'art: error: the artifact is not signed as asked: its signature was not made with a key that is trusted here\n',
      ]);
      expect(existsSync(out)).toBe(false);
    }
    expect(art(['extract', artifact, '--out', out, '--key', ours]).status).toBe(0);
    expect(art(['inspect', join(out, readdirSync(out)[0] as string), '--key', ours]).status).not.toBe(0);
  });

  test('keys that cannot be used are named', async () => {
    writeFileSync(key('bad.pub'), 'no key');
    expect(art(['verify', artifact, '--key', key('bad.pub')]).stderr).toContain("bad.pub' is no public key in PEM");
    expect(art(['verify', artifact, '--key', key('none.pub')]).stderr).toContain("cannot read the key '");
    expect(art(['sign', artifact, '--key', key('ed25519.pub')]).stderr).toContain('it is not a private key in PEM');
    mkdirSync(key('empty'));
    expect(art(['verify', artifact, '--trusted', key('empty')]).stderr).toContain('no .pub in the directory');
  });
});

// Runs a command on a pseudo-terminal, answers each question that ends in ': ', and prints everything that was shown.
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
  expect(asked('cow\\n', 'sign', artifact, '--key', key('asked.key')).stdout).toContain('the passphrase is wrong');
  // Two different answers, and then Ctrl-D and Ctrl-C instead of an answer.
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

test('nothing is signed but the artifact that was meant', async () => {
  rmSync(bundle, { force: true });
  const signing = sign(artifact, { key: key('ed25519.key'), sha256: '0'.repeat(64) });
  await expect(signing).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
  expect(existsSync(bundle)).toBe(false);
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
      // A signature of only the archive does not cover the manifest.
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
