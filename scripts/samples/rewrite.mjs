// Writes changed samples in which only the intended error is wrong.
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pack, sha256, split, unpack, withContents } from './tar.mjs';

/** The annotation of OCI for a file's name. */
export const TITLE = 'org.opencontainers.image.title';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

export function rewriteJson(at, change) {
  const parsed = readJson(at);
  change(parsed);
  writeJson(at, parsed);
}

export function rewrite(at, { tar, entry, archive, manifest, text, files }) {
  const manifestFile = join(at, 'artifact.json');
  const archiveFile = join(at, 'artifact.tar.gz');
  if (tar || entry || archive) {
    let bytes = readFileSync(archiveFile);
    const parsed = readJson(manifestFile);
    if (tar || entry) {
      const changed = tar ? tar(unpack(bytes)) : replaceEntry(unpack(bytes), entry.find(parsed), entry.change);
      parsed.archive.tar_sha256 = sha256(changed);
      bytes = pack(changed);
    }
    if (archive) bytes = archive(bytes);
    Object.assign(parsed.archive, { sha256: sha256(bytes), size: bytes.length });
    writeFileSync(archiveFile, bytes);
    writeJson(manifestFile, parsed);
  }
  if (manifest) rewriteJson(manifestFile, manifest);
  if (text) writeFileSync(manifestFile, text(readFileSync(manifestFile, 'utf8')));
  files?.(at);
}

/** Replaces the bytes of an entry, in the tar and in the manifest. */
function replaceEntry(tar, entry, change) {
  const members = [];
  for (let rest = tar; rest[0] !== 0; ) {
    const [member, after] = split(rest);
    rest = after;
    const isIt = member.toString('latin1', 0, entry.path.length + 1) === `${entry.path}\0`;
    const bytes = isIt ? change(member.subarray(512, 512 + entry.size)) : undefined;
    members.push(bytes ? withContents(member, bytes) : member);
    if (bytes) Object.assign(entry, { size: bytes.length, sha256: sha256(bytes) });
  }
  return Buffer.concat([...members, Buffer.alloc(1024)]);
}

/** Changes the statement in a signature, and signs it with the key that signed the sample. */
export function signAgain(at, change) {
  const path = join(at, 'artifact.sigstore.json');
  const bundle = readJson(path);
  const envelope = bundle.dsseEnvelope;
  const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString());
  change(statement);
  const payload = Buffer.from(JSON.stringify(statement));
  const head = `DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `;
  const key = createPrivateKey(readFileSync(join(at, '../../keys/test.key')));
  const signature = sign(null, Buffer.concat([Buffer.from(head), payload]), key);
  Object.assign(envelope, {
    payload: payload.toString('base64'),
    signatures: [{ sig: signature.toString('base64') }],
  });
  writeJson(path, bundle);
}

/** Changes the image manifest of an OCI layout, and its digest in the index. */
export function rewriteImage(at, change) {
  const index = readJson(join(at, 'index.json'));
  const [descriptor] = index.manifests;
  const path = (digest) => join(at, 'blobs', ...digest.split(':'));
  const image = readJson(path(descriptor.digest));
  change(image);
  const bytes = Buffer.from(JSON.stringify(image));
  Object.assign(descriptor, { digest: `sha256:${sha256(bytes)}`, size: bytes.length });
  writeFileSync(path(descriptor.digest), bytes);
  writeFileSync(join(at, 'index.json'), JSON.stringify(index));
}
