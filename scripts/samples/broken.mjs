// Makes one artifact for each kind of error, with the message that a reader must give. Each is made from a valid one:
// `tar`, `entry` and `archive` change its bytes (and the digests in the manifest accordingly), `manifest` changes the
// content of the manifest, `text` its bytes, `files` the files on the disk.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rewrite, rewriteImage, rewriteJson, signAgain, TITLE } from './rewrite.mjs';
import { named, nameOf, pack, pax, record, sizeOf, split, withHeader } from './tar.mjs';

const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
const bitcode = (manifest) => manifest.entries.find((entry) => entry.type === 'bitcode');
const object = (manifest) => manifest.entries.find((entry) => entry.type === 'object/x86_64');
const entry = (find, change) => ({ entry: { find, change } });
const header = (change) => ({ tar: (tar) => withHeader(tar, change) });

const BROKEN = {
  'tar-absolute-path': { ...header(named('/tmp/evil')), error: "'/tmp/evil' is not in the manifest" },
  'tar-path-upwards': { ...header(named('../../evil')), error: "'../../evil' is not in the manifest" },
  'tar-hard-link': { ...header((h) => h.write('1', 156)), error: 'is not a regular file' },
  'tar-symbolic-link': { ...header((h) => h.write('2/etc/passwd', 156)), error: 'is not a regular file' },
  'tar-device': { ...header((h) => h.write('3', 156)), error: 'is not a regular file' },
  'tar-directory': { ...header((h) => h.write('5', 156)), error: 'is not a regular file' },
  'tar-pipe': { ...header((h) => h.write('6', 156)), error: 'is not a regular file' },
  'tar-set-user-id': { ...header((h) => h.write('0004755', 100)), error: 'has the permissions 4755' },
  'tar-owner': { ...header((h) => h.write('0001750', 108)), error: 'has the owner 1000:0, not 0:0' },
  'tar-owner-name': { ...header((h) => h.write('root', 265)), error: 'has an owner with a name' },
  'tar-time': { ...header((h) => h.write('00000000001', 136)), error: 'has the time 1, not 0' },
  'tar-name-with-nul': { ...header(named('a\0b')), error: 'a name has bytes after its end' },
  'tar-name-with-control-bytes': {
    ...header(named('a\x1b[2J\n')),
    error: "'a\\u{1b}[2J\\u{a}' is not in the manifest",
  },
  'tar-size-8gb': { ...header((h) => h.write('77777777777', 124)), error: 'has 8589934591 bytes, not ' },
  'tar-size-base-256': { ...header((h) => h.writeUInt8(0x80, 124)), error: 'a number is not written in octal' },
  'tar-checksum': {
    tar: (tar) => Buffer.concat([Buffer.from('x'), tar.subarray(1)]),
    error: 'a header has another checksum',
  },
  'tar-duplicate-entry': {
    tar: (tar) => Buffer.concat([split(tar)[0], tar]),
    error: 'is not in the manifest',
  },
  'tar-entry-missing': { tar: (tar) => split(tar)[1], error: 'stands where' },
  'tar-entry-added': {
    tar: (tar) => Buffer.concat([tar.subarray(0, -1024), withHeader(split(tar)[0], named('zz.o')), Buffer.alloc(1024)]),
    error: "'zz.o' is not in the manifest",
  },
  'tar-entry-changed': {
    tar: (tar) => Buffer.concat([tar.subarray(0, 600), Buffer.from([tar[600] ^ 1]), tar.subarray(601)]),
    error: 'has another sha256',
  },
  'tar-pax-path': {
    tar: (tar) => Buffer.concat([pax(tar, '16 path=../evil\n'), tar]),
    error: "is called '../evil' by its pax header",
  },
  'tar-pax-path-over-another-name': {
    tar: (tar) => Buffer.concat([pax(tar, record('path', nameOf(tar))), withHeader(tar, named('../../evil'))]),
    error: "'../../evil' is called '",
  },
  'tar-pax-size': {
    tar: (tar) => Buffer.concat([pax(tar, '19 size=8589934592\n'), tar]),
    error: ' bytes, and 8589934592 by its pax header',
  },
  // A reader that ignores pax headers would read the bytes of the first entry as headers.
  'tar-pax-hides-entries': {
    tar: (tar) =>
      Buffer.concat([pax(tar, record('size', sizeOf(tar))), withHeader(tar, (h) => h.write('00000000000', 124))]),
    error: "' has 0 bytes, and ",
  },
  'tar-pax-twice': {
    tar: (tar) => Buffer.concat([pax(tar, '16 path=../evil\n'), pax(tar, '16 path=../evil\n'), tar]),
    error: 'a pax header stands where a file should',
  },
  'tar-goes-on': { tar: (tar) => Buffer.concat([tar, Buffer.alloc(512)]), error: 'there are bytes after its end' },
  'gzip-second-member': {
    archive: (gz) => Buffer.concat([gz, pack(Buffer.alloc(0))]),
    error: 'there are bytes after its end',
  },
  'gzip-trailing-bytes': {
    archive: (gz) => Buffer.concat([gz, Buffer.alloc(8)]),
    error: 'there are bytes after its end',
  },
  'gzip-truncated': { archive: (gz) => gz.subarray(0, -10), error: 'its end is missing' },
  'gzip-bomb': { tar: (tar) => Buffer.concat([tar, Buffer.alloc(1 << 24)]), error: 'there are bytes after its end' },
  'not-gzip': { archive: () => Buffer.from('#!/bin/sh\n'), error: 'cannot be read on: incorrect header check' },
  'archive-changed': {
    files: (at) => flip(join(at, 'artifact.tar.gz'), 0.5),
    error: 'has another sha256',
  },
  'archive-missing': {
    files: (at) => rmSync(join(at, 'artifact.tar.gz')),
    error: "has no 'artifact.tar.gz', which its manifest names",
  },
  'manifest-not-json': { text: (json) => json.slice(0, -3), error: 'artifact.json is not JSON' },
  'manifest-deep': { text: () => deep, error: 'artifact.json nests deeper than the 32 levels allowed' },
  'manifest-deep-value': {
    text: (json) => json.replace(/"package": "[^"]*"/, `"package": ${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
    error: 'artifact.json nests deeper than the 32 levels allowed',
  },
  'manifest-key-twice': {
    text: (json) => json.replace('"package": ', '"package": "other-1.0.0",\n  "package": '),
    error: 'has the key "package" twice in one object',
  },
  'manifest-byte-order-mark': { text: (json) => `\ufeff${json}`, error: 'artifact.json is not JSON' },
  'manifest-many-keys': {
    manifest(m) {
      for (let i = 0; i < 1000; i++) m[`x-${i}`] = i;
    },
    error: 'artifact.json has more than the 1000 different keys allowed',
  },
  'manifest-long-string': {
    manifest: (m) => m.provenance.flags.push(`-D${'x'.repeat(1 << 16)}`),
    error: 'artifact.json has a string of more than the 65536 characters allowed',
  },
  'manifest-many-targets': {
    manifest(m) {
      for (let i = 0; i < 1000; i++) m.targets.push(`x86_64-unknown-${i}`);
    },
    error: 'artifact.json has 1001 targets, more than the 1000 allowed',
  },
  'manifest-not-utf-8': { text: () => Buffer.from([0x7b, 0xff, 0x7d]), error: 'artifact.json is not UTF-8' },
  'manifest-unknown-version': { manifest: (m) => (m.schema_version = '2.0'), error: "schema_version '2.0'" },
  'manifest-path-upwards': { manifest: (m) => (m.entries[0].path = '../evil'), error: 'entries[0].path: must be' },
  'manifest-path-absolute': { manifest: (m) => (m.entries[0].path = '/evil'), error: 'entries[0].path: must be' },
  'manifest-path-of-a-drive': { manifest: (m) => (m.entries[0].path = 'C:/evil'), error: 'entries[0].path: must be' },
  'manifest-path-turns-text': {
    manifest: (m) => (m.entries[0].path = 'a\u202ec.o'),
    error: 'entries[0].path: must be',
  },
  'manifest-path-unseen': { manifest: (m) => (m.entries[0].path = 'a\u200b.o'), error: 'it holds U+200B' },
  'manifest-path-variation': { manifest: (m) => (m.entries[0].path = 'a\ufe0f.o'), error: 'it holds U+FE0F' },
  'manifest-path-device': { manifest: (m) => (m.entries[0].path = 'a/Con.o'), error: "it has 'Con' in it, a device" },
  'manifest-path-ends-in-dot': { manifest: (m) => (m.entries[0].path = 'a./b.o'), error: 'ends in a dot or a space' },
  'manifest-path-stream': { manifest: (m) => (m.entries[0].path = 'a.o:b'), error: "it holds ':'" },
  'manifest-path-git': { manifest: (m) => (m.entries[0].path = '.Git/hooks/a'), error: 'leads into a folder of git' },
  'manifest-path-names': {
    manifest: (m) => (m.entries[0].path = `${'a/'.repeat(128)}b`),
    error: 'more than the 128 names',
  },
  'manifest-file-and-folder': {
    manifest: (m) => (m.entries[1].path = `${m.entries[0].path}/b`),
    error: 'would be a file and the folder of',
  },
  'manifest-of-another-package': {
    arguments: ['--package', 'other'],
    error: 'artifact.json is of the package "minimal-1.0.0", not "other"',
  },
  'manifest-too-old': {
    arguments: ['--not-before', '2026-01-31'],
    error: 'artifact.json has the source_date_epoch 0, before 1769817600',
  },
  'manifest-path-reserved': {
    manifest: (m) => (m.entries[0].path = 'Artifact.json'),
    error: 'entries[0].path: must not begin with artifact.json',
  },
  'manifest-path-too-long': {
    manifest: (m) => (m.entries[0].path = `${'a/'.repeat(2048)}b`),
    error: 'entries[0].path: must have at most 4096 bytes',
  },
  'manifest-key-missing': { manifest: (m) => delete m.targets, error: 'targets: is missing' },
  'manifest-names-collide': {
    manifest: (m) => (m.entries[1].path = m.entries[0].path.toUpperCase()),
    error: 'have one name where case is ignored',
  },
  'manifest-entry-twice': { manifest: (m) => m.entries.push(m.entries[0]), error: 'where case is ignored' },
  'manifest-too-large': {
    manifest: (m) => (m.entries[0].size = 2 ** 33),
    error: 'entries[0].size: must be at most 8589934591',
  },
  'manifest-too-large-together': {
    from: 'multi-target',
    manifest(m) {
      for (const entry of m.entries) entry.size = 2 ** 33 - 1;
    },
    error: '(--max-size)',
  },
  'manifest-other-size': { manifest: (m) => m.archive.size++, error: 'bytes, not ' },
  'manifest-other-tar-digest': {
    manifest: (m) => (m.archive.tar_sha256 = '0'.repeat(64)),
    error: 'the tar has another sha256',
  },
  'manifest-target-unknown': { manifest: (m) => (m.targets = ['none']), error: 'not among its targets' },
  'object-said-to-be-bitcode': { manifest: (m) => (object(m).type = 'bitcode'), error: 'is no bitcode' },
  'bitcode-said-to-be-object': { manifest: (m) => (bitcode(m).type = 'object/x86_64'), error: 'is no object' },
  'object-of-another-machine': {
    manifest(m) {
      m.targets.push('aarch64-unknown-linux-musl');
      Object.assign(object(m), { type: 'object/aarch64', target: 'aarch64-unknown-linux-musl' });
    },
    error: 'is an ELF object for x86_64',
  },
  'bitcode-without-target': {
    ...entry(bitcode, () => Buffer.from('BC\xc0\xde and nothing of a module', 'latin1')),
    error: 'is no bitcode that names its target',
  },
  'object-of-another-format': {
    ...entry(object, () => Buffer.concat([Buffer.from('64860000', 'hex'), Buffer.alloc(40)])),
    error: 'is a COFF object, and those for x86_64-unknown-linux-musl are ELF',
  },
  'object-that-is-a-program': {
    ...entry(object, (bytes) => Buffer.concat([bytes.subarray(0, 16), Buffer.from([2]), bytes.subarray(17)])),
    error: 'is an ELF file of type 2, and no object',
  },
  'signature-missing': { arguments: ['--require-signature', '--key', 'keys/test.pub'], error: 'it has no signature' },
  'signature-garbage': {
    files: (at) => writeFileSync(join(at, 'artifact.sigstore.json'), '{}'),
    error: 'artifact.sigstore.json is no Sigstore bundle',
  },
  'signature-not-utf-8': {
    from: 'signed',
    files(at) {
      const path = join(at, 'artifact.sigstore.json');
      writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, -3), Buffer.from(',"x":"\xff"}', 'latin1')]));
    },
    error: 'artifact.sigstore.json is not UTF-8',
  },
  'signature-of-other-parameters': {
    from: 'signed',
    files: (at) =>
      signAgain(at, (statement) => (statement.predicate.buildDefinition.externalParameters.flags = ['-O2', '-g'])),
    arguments: ['--key', 'keys/test.pub'],
    error: 'the signed statement has another externalParameters.flags[1] than artifact.json says',
  },
  'signature-of-another-builder': {
    from: 'signed',
    files: (at) => signAgain(at, (statement) => (statement.predicate.runDetails.builder.id = 'https://example.org')),
    arguments: ['--key', 'keys/test.pub'],
    error: 'the signed statement has another builder.id than artifact.json says',
  },
  'signature-of-another-key': {
    from: 'signed',
    arguments: ['--key', 'keys/other.pub'],
    error: 'its signature was not made with a key that is trusted here',
  },
  'signature-of-another-manifest': {
    from: 'signed',
    text: (json) => json.replace('"package": "', '"package": "not-'),
    arguments: ['--key', 'keys/test.pub'],
    error: "'artifact.json' is not the one that was signed",
  },
  'signature-changed': {
    from: 'signed',
    files(at) {
      const bundle = JSON.parse(readFileSync(join(at, 'artifact.sigstore.json'), 'utf8'));
      const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64')
        .toString()
        .replace('"flags":[', '"flags":["-g",');
      bundle.dsseEnvelope.payload = Buffer.from(payload).toString('base64');
      writeFileSync(join(at, 'artifact.sigstore.json'), `${JSON.stringify(bundle, null, 2)}\n`);
    },
    arguments: ['--key', 'keys/test.pub'],
    error: 'its signature was not made with a key that is trusted here',
  },
  'signature-subject-twice': {
    from: 'signed',
    files: (at) =>
      signAgain(at, (statement) =>
        statement.subject.unshift({ name: 'artifact.json', digest: { sha256: '0'.repeat(64) } }),
      ),
    arguments: ['--key', 'keys/test.pub'],
    error: "'artifact.json' is not the one that was signed",
  },
  'signature-key-twice': {
    from: 'signed',
    files(at) {
      const bundle = readFileSync(join(at, 'artifact.sigstore.json'), 'utf8');
      writeFileSync(join(at, 'artifact.sigstore.json'), bundle.replace('{', '{ "dsseEnvelope": {},'));
    },
    arguments: ['--key', 'keys/test.pub'],
    error: 'has the key "dsseEnvelope" twice in one object',
  },
  'dir-file-added': {
    from: 'layout-dir',
    files: (at) => writeFileSync(join(at, 'objects/extra.o'), ''),
    error: "'objects/extra.o' is not in the manifest",
  },
  'dir-file-missing': { from: 'layout-dir', files: (at) => rmSync(join(at, first(at))), error: 'is missing' },
  'dir-file-changed': {
    from: 'layout-dir',
    files: (at) => flip(join(at, first(at)), 0.5),
    error: 'has another sha256',
  },
  'json-blob-missing': { from: 'layout-json.json', json: (j) => j.blobs.pop(), error: 'expected ,' },
  'json-not-base64': {
    from: 'layout-json.json',
    json: (j) => (j.blobs[0] = '????'),
    error: 'a blob is not base64',
  },
  'json-blob-changed': {
    from: 'layout-json.json',
    json: (j) => (j.blobs[0] = `${j.blobs[0].slice(0, 800)}AAAA${j.blobs[0].slice(804)}`),
    error: 'has another sha256',
  },
  'oci-blob-changed': {
    from: 'layout-oci',
    files: (at) => flip(join(at, largestBlob(at)), 0.5),
    error: 'has not the size and the digest that it should have',
  },
  'oci-index-path': {
    from: 'layout-oci',
    files(at) {
      const index = readFileSync(join(at, 'index.json'), 'utf8');
      writeFileSync(join(at, 'index.json'), index.replace(/sha256:[0-9a-f]{64}/, 'sha256:../../../../etc/passwd'));
    },
    error: 'expected descriptors with mediaType, size and a sha256 digest',
  },
  'oci-file-added': {
    from: 'layout-oci',
    files: (at) => writeFileSync(join(at, 'blobs/sha256/extra'), ''),
    error: "'blobs/sha256/extra' is not in its index",
  },
  'oci-layer-added': {
    from: 'layout-oci',
    files: (at) => rewriteImage(at, (image) => image.layers.push(image.layers[0])),
    error: 'expected layers of the types',
  },
  'oci-layer-title': {
    from: 'layout-oci',
    files: (at) => rewriteImage(at, (image) => (image.layers[0].annotations[TITLE] = '../evil.json')),
    error: 'the titles of its layers are not',
  },
};

const first = (at) => JSON.parse(readFileSync(join(at, 'manifest.json'), 'utf8')).entries[0].path;

function largestBlob(at) {
  const blobs = readdirSync(join(at, 'blobs/sha256')).map((name) => `blobs/sha256/${name}`);
  return blobs.sort((a, b) => readFileSync(join(at, b)).length - readFileSync(join(at, a)).length)[0];
}

function flip(path, where) {
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length * where)] ^= 1;
  writeFileSync(path, bytes);
}

/** Writes all of them below `out`/broken, from the valid samples in `out`. @returns their rows of the index */
export function writeBroken(out) {
  return Object.entries(BROKEN).map(([name, { from = 'minimal', json, arguments: more = [], error, ...change }]) => {
    const isFile = from.endsWith('.json');
    const path = `broken/${name}${isFile ? '.json' : ''}`;
    const at = join(out, path);
    mkdirSync(join(out, 'broken'), { recursive: true });
    cpSync(join(out, from), at, { recursive: true });
    if (json) rewriteJson(at, json);
    else if (!isFile) rewrite(at, change);
    return { path, from, arguments: more, status: 1, error };
  });
}
