import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { ArchiveWriter } from '../../src/artifact/archive-writer.js';
import type { ArchiveDigest } from '../../src/artifact/manifest.js';
import type { Hasher } from '../../src/platform/types.js';

export interface Archive {
  path: string;
  bytes: Uint8Array;
  executable?: boolean;
}

export function sha256Stream(): Hasher {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
}

/** Makes an archive with these entries, in memory. */
export async function writeArchive(
  entries: readonly Archive[],
  options: { sourceDateEpoch?: number; slow?: boolean; failAfter?: { bytes: number; error: Error } } = {},
): Promise<{ file: Buffer; digest: ArchiveDigest }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const writer = new ArchiveWriter(
    {
      sha256: sha256Stream,
      async append(bytes) {
        if (options.slow) await setImmediate();
        chunks.push(bytes.slice());
        size += bytes.length;
        if (options.failAfter && size > options.failAfter.bytes) throw options.failAfter.error;
      },
    },
    options.sourceDateEpoch ?? 0,
  );
  for (const { path, bytes, executable } of entries)
    await writer.add(path, bytes, executable ?? path.startsWith('executables/'));
  const digest = await writer.finish();
  return { file: Buffer.concat(chunks), digest };
}
