// `art inspect`: what is in an artifact, or in a single object or module.
import { basename } from 'pathe';
import { keepEntries } from '../artifact/archive-reader.js';
import type { Artifact } from '../artifact/artifact.js';
import type { ReadManifest } from '../artifact/manifest.js';
import { type ArtifactSource, type OpenOptions, openCheckedOn, openOn, openOptions } from '../consume/open.js';
import { ArtError, messageOf } from '../errors.js';
import { bitcodeTriple } from '../formats/bitcode.js';
import { objectKind } from '../formats/object.js';
import type { Platform } from '../platform/types.js';
import { printable } from '../text/printable.js';
import type { Contents } from './contents.js';
import { type ContentsReader, openContentsReader } from './reader.js';

/** What of the files is wanted; nothing of these: only what the manifest says. */
export interface InspectOptions {
  /** Path of the one entry that is meant. Default: all. */
  entry?: string;
  /** Only entries for this triple or architecture. */
  target?: string;
  /** Read the symbols. */
  symbols?: boolean;
  /** Read the sections. */
  sections?: boolean;
  /** Disassemble the code. */
  disassemble?: boolean;
}

/** A file that was looked at: an entry, or the file that was named. */
export interface InspectedFile {
  /** Its path in the archive, or as it was named. */
  path: string;
  /** As a manifest calls it, such as `object/x86_64`; null for a file by itself. */
  type: string | null;
  /** In bytes; null where nothing was built, as is the digest. */
  size: number | null;
  /** Of its bytes. */
  sha256: string | null;
  /** Its target triple; null where the manifest names none. */
  target: string | null;
  /** Where it was asked for and the file is an object, a program or a module. */
  contents?: Contents;
  /** Why there are no contents, though they were asked for. */
  problem?: string;
}

/** What `inspect` found. */
export interface Inspection {
  /** Of an artifact; null for a file by itself. */
  artifact:
    | (Pick<ReadManifest, 'schema_version' | 'package' | 'profile_hash' | 'targets' | 'archive'> & {
        /** sha256 of artifact.json. */
        manifest_sha256: string;
        /** There is an artifact.sigstore.json beside it; whether it holds, `verify` says. */
        signed: boolean;
      })
    | null;
  files: InspectedFile[];
}

/** Entries that are text. */
const isText = (type: string) => type.startsWith('asm/');
const wantsContents = ({ symbols, sections, disassemble }: InspectOptions) => symbols || sections || disassemble;

/** Whether bytes are an object or a module by themselves, and no manifest or archive. */
const isCode = (name: string, bytes: Uint8Array) =>
  /\.(o|obj|bc|ll)$/.test(name) || objectKind(bytes) !== undefined || bitcodeTriple(bytes) !== undefined;

/**
 * An artifact that was opened, as its manifest describes it, and where asked for what is in its entries.
 * @throws ArtError NO_SUCH_ENTRY; ARCHIVE_INVALID
 */
async function inspectArtifact(artifact: Artifact, options: InspectOptions, platform: Platform): Promise<Inspection> {
  const { manifest } = artifact;
  const filter = options.target === undefined ? {} : { target: options.target };
  const chosen = artifact.entries(filter).filter(({ path }) => path === (options.entry ?? path));
  if (chosen.length === 0)
    throw new ArtError(
      'NO_SUCH_ENTRY',
      `no entry ${options.entry === undefined ? '' : `'${options.entry}' `}${options.target === undefined ? '' : `for ${options.target} `}in this artifact: it has targets ${printable(manifest.targets.join(', '))}, and 'art inspect' without options lists its entries`,
    );
  const files = chosen.map(
    ({ path, type, size, sha256, target }): InspectedFile => ({ path, type, size, sha256, target }),
  );
  if (wantsContents(options)) await addContents(artifact, files, options, platform);
  return {
    artifact: {
      schema_version: manifest.schema_version,
      package: manifest.package,
      manifest_sha256: artifact.manifestDigest,
      profile_hash: manifest.profile_hash,
      targets: manifest.targets,
      archive: manifest.archive,
      signed: (await artifact.signature()) !== undefined,
    },
    files,
  };
}

async function addContents(
  artifact: Artifact,
  files: InspectedFile[],
  options: InspectOptions,
  platform: Platform,
): Promise<void> {
  const readable = files.filter((file) => !isText(file.type ?? ''));
  if (options.entry !== undefined && readable.length === 0)
    throw new ArtError('NO_SUCH_ENTRY', `'${options.entry}' is assembly, which is text: unpack it with 'art extract'`);
  const wanted = new Set(readable.map(({ path }) => path));
  const sink = keepEntries(({ path }) => wanted.has(path));
  await artifact.readInto(sink);
  const reader = openContentsReader(platform);
  try {
    for (const file of readable) await addTo(file, sink.kept.get(file.path) as Uint8Array, options, reader);
  } finally {
    await reader.close();
  }
}

/** One file that cannot be read does not keep the others from being shown. */
async function addTo(file: InspectedFile, bytes: Uint8Array, options: InspectOptions, reader: ContentsReader) {
  try {
    const read = await reader.read(file.path, bytes, { disassemble: options.disassemble ?? false });
    file.contents = only(read, options);
  } catch (error) {
    if (!(error instanceof ArtError) || error.code !== 'OBJECT_INVALID') throw error;
    file.problem = messageOf(error);
  }
}

/** Sections stay where there is code, whose blocks name them by number. */
function only(contents: Contents, { symbols, sections, disassemble }: InspectOptions): Contents {
  const { sections: all, ...rest } = contents;
  return {
    ...rest,
    symbols: symbols ? contents.symbols : [],
    ...(all && (sections || symbols || disassemble) && { sections: all }),
  };
}

/**
 * A single object, program or module.
 * @throws ArtError OBJECT_INVALID
 */
async function inspectFile(
  path: string,
  bytes: Uint8Array,
  options: InspectOptions,
  platform: Platform,
): Promise<Inspection> {
  const hash = platform.sha256();
  hash.update(bytes);
  const reader = openContentsReader(platform);
  try {
    const contents = await reader.read(basename(path), bytes, { disassemble: options.disassemble ?? false });
    const file = { path, type: null, size: bytes.length, sha256: hash.digest(), target: contents.triple };
    return {
      artifact: null,
      files: [{ ...file, contents: wantsContents(options) ? only(contents, options) : contents }],
    };
  } finally {
    await reader.close();
  }
}

/**
 * What is in an artifact, or in a single object, program or module by its path.
 * @returns the manifest's view, and where asked for sections, symbols and code of every file
 * @throws ArtError of openOn; ARCHIVE_INVALID; NO_SUCH_ENTRY; for a single file OBJECT_INVALID, and INVALID_OPTION
 *   where it should be signed
 */
export async function inspectOn(
  platform: Platform,
  source: ArtifactSource,
  options: InspectOptions & OpenOptions,
): Promise<Inspection> {
  const file = typeof source === 'string' ? await readCode(source, platform) : undefined;
  if (!file) {
    // Entries are checked as they are read.
    const open = wantsContents(options) ? openOn : openCheckedOn;
    return inspectArtifact(await open(platform, source, openOptions(options)), options, platform);
  }
  if (options.keys?.length)
    throw new ArtError('INVALID_OPTION', `'${source}' is a file by itself, which has no signature: leave out the keys`);
  return inspectFile(source as string, file, options, platform);
}

/** The bytes of a file that is code by itself; undefined where an artifact is meant. */
async function readCode(path: string, { files }: Platform): Promise<Uint8Array | undefined> {
  if (/^(?:https?|file):/i.test(path) || /\.(json|gz)$/.test(path)) return undefined;
  if ((await files.kind(path)) !== 'file') return undefined;
  const bytes = await files.read(path);
  if (isCode(path, bytes)) return bytes;
  throw new ArtError(
    'OBJECT_INVALID',
    `'${path}' is neither an artifact nor an object, program or module: name an artifact's folder, its artifact.json, or a file such as main.o or main.bc`,
  );
}
