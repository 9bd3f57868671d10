// An artifact as callers see it: the manifest, and entries that are checked while they are read.
import { ArtError, messageOf } from '../errors.js';
import type { Hasher } from '../platform/types.js';
import { architectureOf } from '../targets/targets.js';
import { decodeText } from '../text/bounded-json.js';
import { type Check, checkAll, isCountOrNone, isDigest, isText } from '../text/checks.js';
import { printable } from '../text/printable.js';
import { firstLines, shownValue } from '../text/schema-issues.js';
import {
  checkArchive,
  DEFAULT_MAX_SIZE,
  type Entry,
  type EntrySink,
  examineArchive,
  keepEntries,
} from './archive-reader.js';
import { MAX_BUNDLE, MAX_MANIFEST } from './bounds.js';
import type { ArtifactFiles, Layout } from './files.js';
import { DRAFT_VERSION, parseManifest, type ReadManifest } from './manifest.js';
import { BUNDLE_NAME, MANIFEST_NAME } from './names.js';
import { foldPath } from './paths.js';

/** Selects entries. A key that is left out selects all. */
export interface EntryFilter {
  /** The target of the entries: a triple, or an architecture such as `x86_64`. */
  target?: string;
  /** The type of the entries: such as `object/x86_64`, or its part before the slash, such as `object`. */
  type?: string;
}

/** An opened artifact. Its manifest has been read; its archive has not. */
export interface Artifact {
  /** The content of artifact.json. */
  readonly manifest: ReadManifest;
  /** The layout in which it is stored. */
  readonly layout: Layout;
  /** The sha256 of artifact.json, in hex. */
  readonly manifestDigest: string;
  /** The bytes of artifact.json. */
  readonly manifestBytes: Uint8Array;
  /**
   * The text of artifact.sigstore.json, the signature beside the artifact; undefined if there is none.
   * @throws ArtError SIGNATURE_INVALID if it is not UTF-8, or too large
   */
  signature(): Promise<string | undefined>;
  /**
   * The bytes of artifact.sigstore.json; undefined if there is none.
   * @throws ArtError SIGNATURE_INVALID if it is too large
   */
  signatureBytes(): Promise<Uint8Array | undefined>;
  /**
   * The entries that a filter selects, in the order of the archive.
   * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION
   */
  entries(filter?: EntryFilter): Entry[];
  /**
   * The bytes of an entry. The whole archive is read and checked before they are returned.
   * @param entry one of `entries()`, or its path
   * @throws ArtError NO_SUCH_ENTRY; ARCHIVE_INVALID
   */
  read(entry: Entry | string): Promise<Uint8Array>;
  /**
   * Reads and checks the whole archive once, and passes entries to a sink as it does so.
   * @throws ArtError ARCHIVE_INVALID: what the sink has got must then not be used
   */
  readInto(sink: EntrySink): Promise<void>;
  /**
   * Checks the whole artifact.
   * @returns everything that is wrong with it, one line each; empty if it is sound
   */
  examine(): Promise<string[]>;
}

/** Requirements for an artifact that somebody else made. */
export interface ReadLimits {
  /** The largest total size of the entries, in bytes. Default: 16 GiB. */
  maxSize?: number;
  /** The sha256, in hex, that artifact.json must have. It identifies one artifact exactly, also without a signature. */
  sha256?: string;
  /**
   * The package that it must be: name and version as in the manifest, such as `hello-1.2.0`; or the name alone, such as
   * `hello`, which accepts every version (semver).
   */
  package?: string;
  /** The earliest `source_date_epoch` to accept, in seconds since 1970. An artifact without one is refused. */
  notBefore?: number;
}

export const READ_CHECKS: { readonly [K in keyof Required<ReadLimits>]: Check } = {
  maxSize: isCountOrNone,
  sha256: isDigest,
  package: isText,
  notBefore: isCountOrNone,
};

const FILTER_CHECKS: { readonly [K in keyof Required<EntryFilter>]: Check } = { target: isText, type: isText };

/**
 * Opens an artifact: reads and checks its manifest.
 * @throws ArtError MANIFEST_INVALID, also if it does not meet the requirements; whatever reading its files throws
 */
export async function openArtifactFiles(
  files: ArtifactFiles,
  sha256: () => Hasher,
  { maxSize = DEFAULT_MAX_SIZE, sha256: expected, ...wanted }: ReadLimits = {},
): Promise<Artifact> {
  const bytes = await files.manifest();
  const digest = sha256();
  digest.update(bytes);
  const manifestDigest = digest.digest();
  if (expected !== undefined && manifestDigest !== expected)
    throw new ArtError('MANIFEST_INVALID', `${MANIFEST_NAME} has sha256 ${manifestDigest}, not ${expected}`);
  const manifest = await readManifest(bytes);
  checkWanted(manifest, wanted);
  const archive = () => {
    if (!manifest.archive)
      throw new ArtError('ARCHIVE_INVALID', `${files.name} has no archive: it was made with --manifest-only`);
    return files.archive(manifest);
  };
  const entries = (filter: EntryFilter = {}) => {
    checkAll(filter, FILTER_CHECKS);
    return manifest.entries.filter((entry) => passes(entry, filter));
  };
  const readInto = async (sink: EntrySink) => {
    const [stranger] = (await files.problems?.(manifest)) ?? [];
    if (stranger)
      throw new ArtError('ARCHIVE_INVALID', `${files.name} is not as its layout asks: ${printable(stranger)}`);
    await checkArchive(manifest, archive(), { sha256, sink, maxSize });
  };
  const signatureBytes = async () => {
    const bundle = await files.bundle();
    if (bundle && bundle.length > MAX_BUNDLE)
      throw new ArtError(
        'SIGNATURE_INVALID',
        `${BUNDLE_NAME} has ${bundle.length} bytes, more than the ${MAX_BUNDLE} allowed`,
      );
    return bundle;
  };
  return {
    manifest,
    layout: files.layout,
    manifestDigest,
    manifestBytes: bytes,
    signatureBytes,
    async signature() {
      const bundle = await signatureBytes();
      try {
        return bundle && decodeText(bundle);
      } catch (cause) {
        throw new ArtError('SIGNATURE_INVALID', `${BUNDLE_NAME} ${messageOf(cause)}`, { cause });
      }
    },
    entries,
    readInto,
    async read(wanted) {
      const path = typeof wanted === 'string' ? wanted : wanted.path;
      if (!manifest.entries.some((entry) => entry.path === path))
        throw new ArtError('NO_SUCH_ENTRY', `${files.name} has no entry '${path}': see 'art inspect'`);
      const sink = keepEntries((entry) => entry.path === path);
      await readInto(sink);
      return sink.kept.get(path) as Uint8Array;
    },
    async examine() {
      try {
        return [
          ...((await files.problems?.(manifest)) ?? []),
          ...(await examineArchive(manifest, archive(), { sha256, maxSize })),
        ];
      } catch (error) {
        return [messageOf(error)];
      }
    },
  };
}

/** A version (semver.org), which follows a package's name and '-'. */
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * Compares a manifest with the requirements of the caller.
 * @throws ArtError MANIFEST_INVALID
 */
function checkWanted(manifest: ReadManifest, { package: name, notBefore }: Pick<ReadLimits, 'package' | 'notBefore'>) {
  const fail = (what: string) => new ArtError('MANIFEST_INVALID', `${MANIFEST_NAME} ${what}`);
  const found = manifest.package;
  const isOfName = name !== undefined && found.startsWith(`${name}-`) && VERSION.test(found.slice(name.length + 1));
  if (name !== undefined && found !== name && !isOfName)
    throw fail(`is of the package ${shownValue(found)}, not ${shownValue(name)}`);
  if (notBefore === undefined) return;
  const time = manifest.provenance?.source_date_epoch;
  if (time === undefined) throw fail('has no source_date_epoch, and one not before a time was asked for');
  if (time < notBefore) throw fail(`has the source_date_epoch ${time}, before ${notBefore}`);
}

async function readManifest(bytes: Uint8Array): Promise<ReadManifest> {
  if (bytes.length > MAX_MANIFEST)
    throw new ArtError(
      'MANIFEST_INVALID',
      `${MANIFEST_NAME} has ${bytes.length} bytes, more than the ${MAX_MANIFEST} allowed`,
    );
  let text: string;
  try {
    text = decodeText(bytes);
  } catch (cause) {
    throw new ArtError('MANIFEST_INVALID', `${MANIFEST_NAME} ${messageOf(cause)}`, { cause });
  }
  const manifest = await parseManifest(text);
  const problems = contradictions(manifest);
  if (problems.length > 0)
    throw new ArtError(
      'MANIFEST_INVALID',
      firstLines(problems)
        .map((problem) => `${MANIFEST_NAME}: ${printable(problem)}`)
        .join('\n'),
    );
  return manifest;
}

/** Finds contradictions in a manifest that has the right form. */
function contradictions({ entries, targets, schema_version }: ReadManifest): string[] {
  const problems = collisions(entries.map(({ path }) => path));
  const known = new Set(targets);
  for (const { path, type, target } of schema_version === DRAFT_VERSION ? [] : entries) {
    if (target === null || !known.has(target))
      problems.push(`the entry '${path}' is for '${target}', which is not among its targets`);
    else if (contradicts(type, target)) problems.push(`the entry '${path}' is '${type}' and for '${target}'`);
  }
  return problems;
}

/** Whether a type names an architecture of art, and the triple another one. */
function contradicts(type: string, triple: string): boolean {
  const [, architecture = ''] = type.split('/');
  return architectureOf(architecture) === architecture && architectureOf(triple) !== architecture;
}

/** Finds paths that some file system treats as the same, and files that are also the folder of another. */
function collisions(paths: readonly string[]): string[] {
  // With the lowest character instead of '/', the files below a path sort directly after it.
  const sorted = paths
    .map((path) => ({ path, key: foldPath(path).replaceAll('/', '\0') }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return sorted.flatMap(({ path, key }, i) => {
    const next = sorted[i + 1];
    if (next?.key === key) return [`the entries '${path}' and '${next.path}' have one name where case is ignored`];
    return next?.key.startsWith(`${key}\0`)
      ? [`the entry '${path}' would be a file and the folder of '${next.path}'`]
      : [];
  });
}

function passes(entry: Entry, { target, type }: EntryFilter): boolean {
  if (target !== undefined && entry.target !== target && entry.target?.split('-', 1)[0] !== target) return false;
  return type === undefined || entry.type === type || entry.type.split('/', 1)[0] === type;
}
