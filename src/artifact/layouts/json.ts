// The layout `json` (RFC 0005, option 2): a single JSON file, with the entries in base64. Its keys have a fixed order,
// so that it can be read as a stream; manifest and signature are strings, so that their bytes are preserved.
import { ArtError, messageOf } from '../../errors.js';
import type { FileSink, Hasher } from '../../platform/types.js';
import type { Artifact } from '../artifact.js';
import { MAX_BUNDLE, MAX_MANIFEST } from '../bounds.js';
import type { ArtifactFiles } from '../files.js';
import { Base64Writer, JsonScanner } from './json-scanner.js';
import { JSON_LAYOUT } from './media-types.js';
import { packArchive } from './pack.js';

const encoder = new TextEncoder();

/** Whether a file with these first bytes has this layout. */
export function looksLikeJsonLayout(beginning: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(beginning.subarray(0, 1 << 12));
  return /^\s*\{\s*"mediaType"\s*:\s*"application\/vnd\.art-aot\.artifact\./.test(text);
}

interface Head {
  scanner: JsonScanner;
  manifest: string;
  signature: string | undefined;
}

/** @param open opens the file at its beginning */
export function jsonLayout(
  name: string,
  open: () => Promise<AsyncIterable<Uint8Array>>,
  sha256: () => Hasher,
): ArtifactFiles {
  // Manifest and signature are at the beginning, and are asked for one after the other.
  let front: Promise<Pick<Head, 'manifest' | 'signature'>> | undefined;
  const small = () => {
    front ??= readHead(name, open).then(async ({ scanner, ...texts }) => {
      await scanner.close();
      return texts;
    });
    return front;
  };
  return {
    layout: 'json',
    name,
    manifest: async () => encoder.encode((await small()).manifest),
    async bundle() {
      const { signature } = await small();
      return signature === undefined ? undefined : encoder.encode(signature);
    },
    async *archive(manifest) {
      const { scanner } = await readHead(name, open);
      let first = true;
      try {
        yield* packArchive(
          manifest,
          sha256,
          async () => {
            if (!first) await scanner.expect(',');
            first = false;
            return scanner.base64();
          },
          async () => {
            await scanner.expect(']', '}');
            if ((await scanner.next()) !== undefined) throw new Error('there is something after its end');
          },
        );
      } finally {
        await scanner.close();
      }
    },
  };
}

/** Reads up to the first blob. */
async function readHead(name: string, open: () => Promise<AsyncIterable<Uint8Array>>): Promise<Head> {
  const scanner = new JsonScanner(await open());
  try {
    await scanner.expect('{');
    await scanner.key('mediaType');
    const mediaType = await scanner.text(200);
    if (mediaType !== JSON_LAYOUT)
      throw new Error(`its mediaType is ${JSON.stringify(mediaType)}, expected "${JSON_LAYOUT}"`);
    await scanner.expect(',');
    await scanner.key('manifest');
    const manifest = await scanner.text(2 * MAX_MANIFEST);
    await scanner.expect(',');
    await scanner.key('signature');
    const isSigned = (await scanner.next()) === '"';
    const signature = isSigned ? await scanner.text(2 * MAX_BUNDLE) : undefined;
    if (!isSigned) await scanner.expect('null');
    await scanner.expect(',');
    await scanner.key('blobs');
    await scanner.expect('[');
    return { scanner, manifest, signature };
  } catch (cause) {
    await scanner.close();
    if (cause instanceof ArtError) throw cause;
    throw new ArtError('MANIFEST_INVALID', `${name} is no artifact in one JSON file: ${messageOf(cause)}`, { cause });
  }
}

/** Writes the layout: indented, one entry per line. */
export async function writeJsonLayout(artifact: Artifact, target: FileSink, fileName: string): Promise<void> {
  const write = (text: string) => target.write(encoder.encode(text));
  const textOf = (bytes: Uint8Array) =>
    JSON.stringify(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  const signature = await artifact.signatureBytes();
  await target.file(fileName);
  await write(`{\n  "mediaType": "${JSON_LAYOUT}",\n`);
  await write(`  "manifest": ${textOf(artifact.manifestBytes)},\n`);
  await write(`  "signature": ${signature ? textOf(signature) : 'null'},\n  "blobs": [`);
  let base64: Base64Writer | undefined;
  const end = async () => {
    if (base64) await write(`${base64.end()}"`);
  };
  await artifact.readInto({
    async open() {
      await end();
      await write(base64 ? ',\n    "' : '\n    "');
      const blob = new Base64Writer();
      base64 = blob;
      return (chunk) => write(blob.push(chunk));
    },
  });
  await end();
  await write('\n  ]\n}\n');
}
