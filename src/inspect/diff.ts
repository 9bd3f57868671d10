// `art diff`: compares two artifacts.
import { type Entry, keepEntries } from '../artifact/archive-reader.js';
import type { Artifact } from '../artifact/artifact.js';
import { ArtError, messageOf } from '../errors.js';
import type { Platform } from '../platform/types.js';
import { targetOf } from '../targets/targets.js';
import { type ContentDifference, diffBytes, diffContents, diffLines, withInstructions } from './diff-contents.js';
import { diffManifests, type KeyDifference } from './diff-manifests.js';
import { type ContentsReader, openContentsReader } from './reader.js';

/** An entry that differs. */
export interface EntryDifference {
  /** Path in the archive. */
  path: string;
  /** Type in the manifest, such as `object/x86_64`. */
  type: string;
  /**
   * `missing`: only the first artifact has it; `added`: only the second has it; `changed`: both have it, with different
   * content.
   */
  how: 'missing' | 'added' | 'changed';
  /** For a changed entry: the keys that differ in the manifests, such as `sha256`. */
  keys?: string[];
  /** The first difference of the bytes, if both artifacts have an archive. */
  difference?: ContentDifference;
}

/** The differences between two artifacts. */
export interface Difference {
  /** True if both are the same, byte for byte. */
  same: boolean;
  /** Keys of artifact.json that differ, except `entries` and `archive`. */
  manifest: KeyDifference[];
  /** Entries that differ. */
  entries: EntryDifference[];
  /** Differences in bytes where all of the above agrees, such as in the formatting of artifact.json. */
  other: string[];
}

/**
 * Compares two artifacts: their manifests, then the bytes of entries that differ.
 * @throws ArtError ARCHIVE_INVALID if entries differ and an archive does not contain them; PROGRAM_CORRUPT
 */
export async function diffArtifacts(a: Artifact, b: Artifact, platform: Platform): Promise<Difference> {
  const manifest = diffManifests(a.manifest, b.manifest);
  const entries = await diffEntries(a, b, platform);
  const other: string[] = [];
  if (manifest.length === 0 && entries.length === 0) other.push(...diffRest(a, b));
  return { same: manifest.length + entries.length + other.length === 0, manifest, entries, other };
}

function diffRest(a: Artifact, b: Artifact): string[] {
  const [x, y] = [a.manifest.archive, b.manifest.archive];
  const other: string[] = [];
  if (x?.tar_sha256 !== y?.tar_sha256) other.push('archive: the tars hold the same entries and are not the same');
  else if (x?.sha256 !== y?.sha256) other.push('archive: one tar, compressed differently');
  if (other.length === 0 && a.manifestDigest !== b.manifestDigest)
    other.push('artifact.json: spelled differently, or with keys that this version of art does not know');
  return other;
}

async function diffEntries(a: Artifact, b: Artifact, platform: Platform): Promise<EntryDifference[]> {
  const mine = new Map(a.manifest.entries.map((entry) => [entry.path, entry]));
  const theirs = new Map(b.manifest.entries.map((entry) => [entry.path, entry]));
  const differences: EntryDifference[] = [];
  for (const [path, entry] of mine) {
    const other = theirs.get(path);
    if (!other) differences.push({ path, type: entry.type, how: 'missing' });
    else {
      const keys = diffKeys(entry, other);
      if (keys.length > 0) differences.push({ path, type: entry.type, how: 'changed', keys });
    }
  }
  for (const [path, { type }] of theirs) if (!mine.has(path)) differences.push({ path, type, how: 'added' });
  const changed = differences.filter(({ keys }) => keys?.includes('sha256'));
  if (changed.length > 0 && a.manifest.archive && b.manifest.archive) await addDetails(changed, a, b, platform);
  return differences;
}

function diffKeys(a: Entry, b: Entry): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)] as (keyof Entry)[])].filter((key) => a[key] !== b[key]);
}

async function addDetails(changed: EntryDifference[], a: Artifact, b: Artifact, platform: Platform): Promise<void> {
  const paths = new Set(changed.map(({ path }) => path));
  const read = async (artifact: Artifact) => {
    const sink = keepEntries((entry: Entry) => paths.has(entry.path));
    await artifact.readInto(sink);
    return sink.kept;
  };
  const [mine, theirs] = [await read(a), await read(b)];
  const reader = openContentsReader(platform);
  try {
    for (const entry of changed) {
      const [x, y] = [mine.get(entry.path), theirs.get(entry.path)] as [Uint8Array, Uint8Array];
      entry.difference = await diffFiles(entry, x, y, reader);
    }
  } finally {
    await reader.close();
  }
}

async function diffFiles(
  { path, type }: EntryDifference,
  a: Uint8Array,
  b: Uint8Array,
  reader: ContentsReader,
): Promise<ContentDifference> {
  if (type.startsWith('asm/')) {
    const { line, ...lines } = diffLines(new TextDecoder().decode(a), new TextDecoder().decode(b));
    return { sections: [], symbols: [], first: { section: `line ${line}`, ...lines } };
  }
  try {
    const read = (bytes: Uint8Array, disassemble: boolean) => reader.read(path, bytes, { compare: true, disassemble });
    const [x, y] = [await read(a, false), await read(b, false)];
    const difference = diffContents({ bytes: a, contents: x }, { bytes: b, contents: y });
    const section = x.sections?.find(({ name }) => name === difference.first.section);
    if (!section?.flags.includes('X') || targetOf(x.triple)?.disassembles === false) return difference;
    return withInstructions(difference, await read(a, true), await read(b, true));
  } catch (error) {
    if (!(error instanceof ArtError) || error.code !== 'OBJECT_INVALID') throw error;
    // Bytes can be compared even if LLVM cannot read them.
    return { sections: [], symbols: [], first: { section: messageOf(error), ...diffBytes(a, b) } };
  }
}
