// `art inspect`: shows what is in an artifact, or in a single object or module.
import { basename } from 'pathe';
import { keepEntries } from '../artifact/archive-reader.js';
import type { Artifact } from '../artifact/artifact.js';
import type { ReadManifest } from '../artifact/manifest.js';
import {
  type ArtifactSource,
  OPEN_CHECKS,
  type OpenOptions,
  openCheckedOn,
  openOn,
  openOptions,
} from '../consume/open.js';
import { ArtError, messageOf } from '../errors.js';
import { bitcodeTriple } from '../formats/bitcode.js';
import { objectKind } from '../formats/object.js';
import type { Platform } from '../platform/types.js';
import { type Check, checkAll, isBoolean, isText } from '../text/checks.js';
import { printable } from '../text/printable.js';
import type { Contents } from './contents.js';
import { type ContentsReader, openContentsReader } from './reader.js';

/** Options of `inspect`. Without symbols, sections and disassemble, only the manifest is shown. */
export interface InspectOptions {
  /** Path of a single entry to inspect. Default: all entries. */
  entry?: string;
  /** Inspects only entries for this triple or architecture. */
  target?: string;
  /** Reads the symbols. */
  symbols?: boolean;
  /** Reads the sections. */
  sections?: boolean;
  /** Disassembles the code. */
  disassemble?: boolean;
}

const CHECKS: { readonly [K in keyof Required<InspectOptions & OpenOptions>]: Check } = {
  ...OPEN_CHECKS,
  entry: isText,
  target: isText,
  symbols: isBoolean,
  sections: isBoolean,
  disassemble: isBoolean,
};

/** A file that was inspected: an entry of an artifact, or a single file. */
export interface InspectedFile {
  /** Path in the archive, or the path that was given. */
  path: string;
  /** Type in the manifest, such as `object/x86_64`; null for a single file. */
  type: string | null;
  /** Size in bytes; null in an artifact without an archive. */
  size: number | null;
  /** sha256 of its bytes, in hex; null in an artifact without an archive. */
  sha256: string | null;
  /** Triple; null if the manifest names none. */
  target: string | null;
  /** Symbols, sections and code, if asked for and if the file is an object, a program or a module. */
  contents?: Contents;
  /** Why `contents` is missing although it was asked for. */
  problem?: string;
}

/** The result of `inspect`. */
export interface Inspection {
  /** Facts about the artifact as a whole; null for a single file. */
  artifact:
    | (Pick<ReadManifest, 'schema_version' | 'package' | 'profile_hash' | 'targets' | 'archive'> & {
        /** sha256 of artifact.json, in hex. */
        manifest_sha256: string;
        /** Whether there is an artifact.sigstore.json. It is not checked here: `verify` does that. */
        signed: boolean;
      })
    | null;
  /** The files that were inspected. */
  files: InspectedFile[];
}

/** Whether entries of a type are text. */
const isAssembly = (type: string) => type.startsWith('asm/');
const wantsContents = ({ symbols, sections, disassemble }: InspectOptions) => symbols || sections || disassemble;

/** Whether bytes are a single object or module, and not a manifest or an archive. */
const isCode = (name: string, bytes: Uint8Array) =>
  /\.(o|obj|bc|ll)$/.test(name) || objectKind(bytes) !== undefined || bitcodeTriple(bytes) !== undefined;

/**
 * Inspects an opened artifact: its manifest, and if asked for the contents of its entries.
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
  const readable = files.filter((file) => !isAssembly(file.type ?? ''));
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

/** Adds the contents of a file. If it cannot be read, the others are still shown. */
async function addTo(file: InspectedFile, bytes: Uint8Array, options: InspectOptions, reader: ContentsReader) {
  try {
    const read = await reader.read(file.path, bytes, { disassemble: options.disassemble ?? false });
    file.contents = only(read, options);
  } catch (error) {
    if (!(error instanceof ArtError) || error.code !== 'OBJECT_INVALID') throw error;
    file.problem = messageOf(error);
  }
}

/** Keeps only what was asked for; also the sections if there is code, whose blocks refer to them by number. */
function only(contents: Contents, { symbols, sections, disassemble }: InspectOptions): Contents {
  const { sections: all, ...rest } = contents;
  return {
    ...rest,
    symbols: symbols ? contents.symbols : [],
    ...(all && (sections || symbols || disassemble) && { sections: all }),
  };
}

/**
 * Inspects a single object, program or module.
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
 * Inspects an artifact, or a single object, program or module, which is given by its path.
 * @returns what the manifest says, and if asked for the sections, symbols and code of every file
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION; of openOn; ARCHIVE_INVALID; NO_SUCH_ENTRY; for a single file OBJECT_INVALID, and INVALID_OPTION if a
 *   signature is asked for
 */
export async function inspectOn(
  platform: Platform,
  source: ArtifactSource,
  options: InspectOptions & OpenOptions,
): Promise<Inspection> {
  checkAll(options, CHECKS);
  const file = typeof source === 'string' ? await readCode(source, platform) : undefined;
  if (!file) {
    // If entries are read, they are checked at the same time.
    const open = wantsContents(options) ? openOn : openCheckedOn;
    return inspectArtifact(await open(platform, source, openOptions(options)), options, platform);
  }
  if (options.keys?.length)
    throw new ArtError('INVALID_OPTION', `'${source}' is a file by itself, which has no signature: leave out the keys`);
  return inspectFile(source as string, file, options, platform);
}

/** Reads a single object or module; undefined if the path names an artifact. */
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
