// Makes artifacts by hand, valid and invalid ones, without compiling anything.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { writeArchive } from './archive.js';

export interface Member {
  path: string;
  bytes: Buffer;
}

// biome-ignore lint/suspicious/noExplicitAny: tests change it in ways that its type forbids
export type AnyManifest = any;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Assembly, since any bytes are valid for that type. */
export const MEMBERS: readonly Member[] = [
  { path: 'asm/x86_64-unknown-linux-musl/a.c.s', bytes: Buffer.from('.globl a\na: ret\n') },
  { path: 'asm/x86_64-unknown-linux-musl/b.c.s', bytes: Buffer.from('.globl b\nb: ret\n'.repeat(100)) },
  { path: 'asm/x86_64-unknown-linux-musl/empty.c.s', bytes: Buffer.alloc(0) },
];

export function manifestOf(members: readonly Member[], archive: Buffer, tarSha256: string): AnyManifest {
  return {
    schema_version: '1.0',
    package: 'made-by-hand-1.0.0',
    profile_hash: null,
    targets: ['x86_64-unknown-linux-musl'],
    entries: members.map(({ path, bytes }) => ({
      path,
      type: path.startsWith('executables/') ? 'executable/x86_64' : 'asm/x86_64',
      sha256: sha256(bytes),
      size: bytes.length,
      target: 'x86_64-unknown-linux-musl',
      source: 'a.c',
    })),
    archive: { path: 'artifact.tar.gz', sha256: sha256(archive), size: archive.length, tar_sha256: tarSha256 },
    provenance: {
      art: '0.1.0',
      programs: [],
      sysroots: [],
      flags: [],
      emit: ['asm'],
      link: null,
      sources: [],
      source_date_epoch: 0,
    },
  };
}

export const textOf = (manifest: AnyManifest) => `${JSON.stringify(manifest, null, 2)}\n`;

/** A valid artifact, packed as art packs. */
export async function soundArtifact(members = MEMBERS): Promise<{ manifest: AnyManifest; archive: Buffer }> {
  const { file, digest } = await writeArchive(members);
  return { manifest: manifestOf(members, file, digest.tar_sha256), archive: file };
}

/** A member of a tar as a hostile writer would put it. */
export interface RawMember {
  name?: string;
  prefix?: string;
  type?: string;
  link?: string;
  /** The raw size field; default: the number of bytes, in octal. */
  size?: string | Buffer;
  /** Changes its header before the checksum is taken. */
  header?: (header: Buffer) => void;
  bytes?: Buffer;
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);

/** Makes a ustar archive with valid checksums. */
export function rawTar(members: readonly RawMember[]): Buffer {
  const blocks = members.map(
    ({ name = '', prefix = '', type = '0', link = '', size, bytes = Buffer.alloc(0), header: change }) => {
      const header = Buffer.alloc(512);
      header.write(name, 0);
      header.write('0000644\x000000000\x000000000\0', 100, 'latin1');
      const field = size ?? `${bytes.length.toString(8).padStart(11, '0')}\0`;
      (typeof field === 'string' ? Buffer.from(field, 'latin1') : field).copy(header, 124);
      header.write('00000000000\0', 136);
      header.write(type, 156);
      header.write(link, 157);
      header.write('ustar\x0000', 257, 'latin1');
      header.write(prefix, 345);
      change?.(header);
      header.fill(0x20, 148, 156);
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
      return Buffer.concat([header, padded(bytes)]);
    },
  );
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A pax record (IEEE Std 1003.1): its length counts itself. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

/** A manifest for `members`, with an archive that contains something else. */
export function withTar(members: readonly Member[], tar: Buffer): { manifest: AnyManifest; archive: Buffer } {
  const archive = gzipSync(tar);
  return { manifest: manifestOf(members, archive, sha256(tar)), archive };
}
