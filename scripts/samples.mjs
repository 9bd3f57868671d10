// npm run samples: writes artifacts for the tests of other programs that read them, valid and broken ones, to samples/
// or to a named folder. The bytes are the same every time.
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, convert, sign, VERSION } from '../dist/index.js';
import { writeBroken } from './samples/broken.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = process.argv[2] ?? join(root, 'samples');
if (existsSync(out)) {
  // Removes only a folder that this script made.
  if (!existsSync(join(out, 'index.json')) && readdirSync(out).length > 0) {
    process.stderr.write(`samples: '${out}' is not empty, and has no index.json of samples: name another folder\n`);
    process.exit(2);
  }
  rmSync(out, { recursive: true });
}
mkdirSync(join(out, 'keys'), { recursive: true });

/** Writes a key that is not secret: its seed is the digest of a text. */
function writeKey(name) {
  const seed = createHash('sha256').update(`art samples, not a secret: ${name}`).digest();
  // RFC 8410: PKCS #8 of an Ed25519 key is this header and the seed.
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  writeFileSync(join(out, `keys/${name}.key`), key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(out, `keys/${name}.pub`), createPublicKey(key).export({ type: 'spki', format: 'pem' }));
}
writeKey('test');
writeKey('other');

const fixture = (name) => {
  const place = join(out, 'sources', name);
  cpSync(join(root, 'fixtures', name), place, { recursive: true });
  return place;
};
const hello = fixture('hello');
const profile = fixture('profile');
const common = { flags: ['-O2'], sourceDateEpoch: 0 };
const minimal = { ...common, cwd: hello, inputs: ['src/greeting.ll'], targets: ['x86_64'], package: 'minimal-1.0.0' };
const at = (name) => join(out, name);
await build({ ...minimal, out: at('minimal') });
await build({ ...common, cwd: hello, inputs: ['src'], out: at('multi-target'), link: 'hello' });
await build({
  ...common,
  cwd: profile,
  inputs: ['src'],
  out: at('with-profile'),
  targets: ['x86_64'],
  withProfile: [join(profile, 'profile.json')],
});
await build({ ...minimal, out: at('manifest-only'), manifestOnly: true });
cpSync(at('minimal'), at('signed'), { recursive: true });
await sign(at('signed'), { key: at('keys/test.key') });
for (const to of ['dir', 'json', 'oci'])
  await convert(at('signed'), { to, out: at(`layout-${to}${to === 'json' ? '.json' : ''}`) });

const trusted = ['--key', 'keys/test.pub'];
const sound = (path, about, more = []) => ({ path, about, arguments: more, status: 0 });
const samples = [
  sound('minimal', 'one unit of LLVM IR for x86_64: bitcode and an object'),
  sound('multi-target', 'two units, C and LLVM IR, for x86_64 and aarch64, and the program that they link to'),
  sound('with-profile', 'C that was optimised with a profile (fixtures/profile)'),
  {
    path: 'manifest-only',
    about: 'a manifest without an archive',
    arguments: [],
    status: 1,
    error: 'has no archive: it was made with --manifest-only',
  },
  sound('signed', 'minimal, signed with keys/test.key', trusted),
  sound('layout-dir', 'signed, as a directory', trusted),
  sound('layout-json.json', 'signed, as one JSON file', trusted),
  sound('layout-oci', 'signed, as an OCI image layout', trusted),
  ...writeBroken(out),
];
writeFileSync(at('index.json'), `${JSON.stringify({ art: VERSION, samples }, null, 2)}\n`);

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\\u', '\\\\u');
const command = (sample) => ['art verify', sample.path, ...sample.arguments].join(' ');
const row = (sample) =>
  `| \`${sample.path}\` | ${sample.about ?? `\`${sample.from}\`, broken`} | \`${command(sample)}\` | ${
    sample.error ? `1: … ${cell(sample.error)} …` : '0'
  } |`;
writeFileSync(
  at('README.md'),
  `# Samples of art ${VERSION}

Artifacts for the tests of programs that read them; docs/format.md says what they are. \`index.json\` is this table for
machines: for each sample the arguments of \`art verify\`, run in this folder, its exit status, and a part of the error.
The keys in \`keys/\` are no secret: trust nothing that they signed. \`npm run samples\` makes these files, with the same
bytes each time. Sources: \`sources/\`.

| sample | what it is | command | status and error |
| --- | --- | --- | --- |
${samples.map(row).join('\n')}
`,
);
process.stdout.write(`${samples.length} samples in ${out}\n`);
