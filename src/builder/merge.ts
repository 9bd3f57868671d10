// `art merge`: combines the parts of an artifact, each built on a machine of its own, to the artifact that one build
// would have made.
import type { Entry, EntrySink } from '../artifact/archive-reader.js';
import { MAX_ENTRIES, MAX_SOURCES } from '../artifact/bounds.js';
import type { ReadManifest } from '../artifact/manifest.js';
import { MANIFEST_NAME, PART_NAME, PUBLISHED_NAMES } from '../artifact/names.js';
import { openPart, planDigest } from '../artifact/part.js';
import type { BuildEvent } from '../config/events.js';
import { isMemory } from '../config/options.js';
import type { BuildSettings } from '../config/settings.js';
import { ArtError } from '../errors.js';
import { diffManifests } from '../inspect/diff-manifests.js';
import type { Folder, Platform, Signer } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { MatchCounter } from '../profile/matches.js';
import { compareBytes } from '../text/byte-order.js';
import { joined } from '../text/bytes.js';
import {
  type Check,
  checkAll,
  isBoolean,
  isCountOrNone,
  isFunction,
  isSeconds,
  isSignal,
  isSigner,
  isText,
  isTexts,
} from '../text/checks.js';
import { printable } from '../text/printable.js';
import { firstLines, shownValue } from '../text/schema-issues.js';
import { VERSION } from '../version.js';
import { type BuildResult, makeManifest, present, publication } from './build.js';
import { BuildFailedError } from './failures.js';
import { linkPrograms } from './link-programs.js';
import { manifestEntry, Payload } from './payload.js';
import type { BuildPlan, PlannedEntry } from './plan.js';
import { reportMatches } from './profile.js';
import { numbersIn, otherAssets, type Places, placesOf, planRebuild, settingsOf } from './rebuild-plan.js';
import type { Sources } from './sources.js';

/** Options of `merge`. What was built, and how, is recorded in the parts. */
export interface MergePartsOptions {
  /** Directory for `artifact.json` and `artifact.tar.gz`; created if it does not exist. Default: `artifact`. */
  out?: string;
  /**
   * Signs the artifact with this key, which `openKey` returns. The signature is published together with the artifact.
   */
  sign?: Signer;
  /**
   * The project's directory, in which libraries are found that the flags of a build with `link` name. Default: the
   * working directory.
   */
  sources?: string;
  /** The directories outside the project that the build was given, in the same order, for libraries in them. */
  include?: readonly string[];
  /** The sysroot, if the build used one other than art's own and a program is linked. */
  sysroot?: string;
  /** The largest total size of the entries of one part, in bytes. Default: 16 GiB. */
  maxSize?: number;
  /** Time limit of the link, in seconds. Default: 600. */
  timeout?: number;
  /** Limit in bytes on the linker's memory plus its outputs. Default: 2 GiB. */
  maxMemory?: number;
  /** Whether the linker's messages have colours (ANSI escape codes). Default: false. */
  color?: boolean;
  /** Called with each event as it happens. */
  onEvent?: (event: BuildEvent) => void;
  /** Cancels the merge: it rejects with the code CANCELLED. */
  signal?: WebAbortSignal;
}

const CHECKS: { readonly [K in keyof Required<MergePartsOptions>]: Check } = {
  out: isText,
  sign: isSigner,
  sources: isText,
  include: isTexts,
  sysroot: isText,
  maxSize: isCountOrNone,
  timeout: isSeconds,
  maxMemory: isMemory,
  color: isBoolean,
  onEvent: isFunction,
  signal: isSignal,
};

type OpenedPart = Awaited<ReturnType<typeof openPart>> & {
  /** The path that the caller wrote. */
  shown: string;
  provenance: NonNullable<ReadManifest['provenance']>;
};

/**
 * Puts the parts of an artifact together, links and signs, and publishes it.
 * @param named folders of parts, or folders that hold such folders
 * @throws ArtError UNKNOWN_OPTION; INVALID_OPTION; NO_INPUT; INPUT_NOT_FOUND; PART_INVALID, with a line for everything that is wrong with the parts;
 *   SOURCE_CHANGED if they were built from different files; PROFILE_UNMATCHED; OUTPUT_NOT_WRITABLE; CANCELLED;
 *   BuildFailedError if the program does not link
 */
export async function mergeOn(
  platform: Platform,
  named: readonly string[],
  options: MergePartsOptions,
  cwd: string,
): Promise<BuildResult> {
  checkAll(options, CHECKS);
  const out = options.out ?? 'artifact';
  const directory = platform.files.resolve(cwd, out);
  await platform.checkOutput?.(directory);
  const parts = await openParts(platform, named, options, cwd);
  const places = placesOf(options, cwd, platform.files);
  const { settings, plan, manifest } = await wholePlan(parts, places, options, platform);
  options.onEvent?.({
    type: 'planned',
    package: plan.package,
    units: plan.units.length,
    targets: settings.targets.map(({ triple }) => triple),
  });

  const toolchain = platform.openToolchain(await present(plan.mounts, platform), settings.targets);
  const staging = await platform.stage(directory);
  try {
    const payload = new Payload(plan.entries, staging, platform, settings.sourceDateEpoch);
    await takeEntries(parts, plan, payload, options);
    const counter = new MatchCounter();
    for (const { profile } of parts) if (profile) counter.addRecord(profile as Parameters<typeof counter.addRecord>[0]);
    const { profile } = manifest.provenance;
    const totals = parts[0]?.profile?.totals;
    const matches = totals && reportMatches(counter, { totals }, settings);
    const sources: Sources = new Map(manifest.provenance.sources.map(({ path, sha256 }) => [path, sha256]));
    const failures =
      settings.link === undefined ? [] : await linkPrograms(plan, settings, payload, toolchain, sources, undefined);
    if (failures.length > 0) throw new BuildFailedError(failures);
    const archive = await payload.finish();
    const used = profile && { hash: manifest.profile_hash as string, kind: profile.kind, files: profile.files };
    const whole = makeManifest(plan, settings, payload.entries, archive, sources, used, matches);
    await toolchain.verify();
    options.signal?.throwIfAborted();
    await staging.publish(await publication(whole, settings, staging, platform));
    return { manifest: whole, out, units: plan.units.length };
  } catch (error) {
    if (options.signal?.aborted)
      throw new ArtError('CANCELLED', 'the merge was cancelled; nothing was published', { cause: error });
    throw error;
  } finally {
    await toolchain.close();
    await staging.discard();
  }
}

const invalid = (lines: readonly string[]) => new ArtError('PART_INVALID', firstLines(lines).map(printable).join('\n'));

/** Opens all parts, in order, and checks that they belong to one artifact and that each part is there once. */
async function openParts(
  platform: Platform,
  named: readonly string[],
  { maxSize }: MergePartsOptions,
  cwd: string,
): Promise<OpenedPart[]> {
  if (named.length === 0)
    throw new ArtError('NO_INPUT', 'nothing to merge: name the folders that art build --shard wrote');
  const folders = (await Promise.all(named.map((shown) => partsIn(platform, shown, cwd)))).flat();
  const problems: string[] = [];
  const parts: OpenedPart[] = [];
  for (const { shown, folder } of folders) {
    try {
      const part = await openPart(folder, platform.sha256, maxSize === undefined ? {} : { maxSize });
      const { provenance, entries } = part.artifact.manifest;
      if (!provenance) problems.push(`'${shown}': the manifest in ${PART_NAME} has no provenance`);
      else if (entries.some(({ type }) => type.startsWith('executable/')))
        problems.push(`'${shown}' has a linked program, which no part has`);
      else parts.push({ ...part, shown, provenance });
    } catch (error) {
      if (!(error instanceof ArtError) || error.code !== 'MANIFEST_INVALID') throw error;
      problems.push(...error.message.split('\n').map((line) => `'${shown}': ${line}`));
    }
  }
  if (problems.length > 0) throw invalid(problems);
  const set = setProblems(parts);
  if (set.length > 0) throw invalid(set);
  return parts.sort((a, b) => a.part - b.part);
}

/** The parts at a path: the folder itself, or the folders in it. */
async function partsIn(
  { files, openFolder }: Platform,
  named: string,
  cwd: string,
): Promise<{ shown: string; folder: Folder }[]> {
  const open = async (shown: string) => {
    const { folder } = await openFolder(files.resolve(cwd, shown));
    // A part may be built again at the same time.
    return { shown, folder: (await folder.atOneMoment?.(PUBLISHED_NAMES)) ?? folder };
  };
  const path = files.resolve(cwd, named);
  const kind = await files.kind(path);
  if (kind !== 'directory')
    throw new ArtError(
      'INPUT_NOT_FOUND',
      kind === undefined
        ? `no such part: '${named}' (looked in '${cwd}')`
        : `'${named}' is no part: name the folder that art build --shard wrote`,
    );
  const itself = await open(named);
  const has = async ({ folder }: { folder: Folder }, name: string) => {
    const file = await folder.open(name);
    for await (const _ of file ?? []) break; // which closes it
    return file !== undefined;
  };
  if (await has(itself, PART_NAME)) return [itself];
  if (await has(itself, MANIFEST_NAME))
    throw new ArtError('INPUT_NOT_FOUND', `'${named}' is an artifact already, and no part: there is nothing to merge`);
  const inside: { shown: string; folder: Folder }[] = [];
  const names = (await files.list(path)).filter(({ kind }) => kind === 'directory').map(({ name }) => name);
  for (const name of names.filter((name) => !name.startsWith('.')).sort(compareBytes)) {
    const part = await open(`${named.replace(/\/$/, '')}/${name}`);
    if (await has(part, PART_NAME)) inside.push(part);
  }
  if (inside.length > 0) return inside;
  throw new ArtError(
    'INPUT_NOT_FOUND',
    `'${named}' is no part: it has no ${PART_NAME}, and no folder in it does; name what art build --shard wrote`,
  );
}

/** Why parts do not belong to one artifact, one line each. */
function setProblems(parts: readonly OpenedPart[]): string[] {
  const [first] = parts as [OpenedPart];
  const problems: string[] = [];
  for (const part of parts) {
    const { shown, provenance, artifact } = part;
    if (provenance.art !== VERSION) {
      problems.push(`'${shown}' was built by art ${provenance.art}, and this is ${VERSION}: use one version for all`);
    } else if (part.parts !== first.parts)
      problems.push(`'${shown}' is one of ${part.parts} parts, '${first.shown}' one of ${first.parts}`);
    else if (part.plan !== first.plan) problems.push(otherPlan(first, { shown, artifact }));
    else if (JSON.stringify(part.profile?.totals) !== JSON.stringify(provenance.profile && first.profile?.totals))
      problems.push(`'${shown}' contains a profile record that no build writes`);
  }
  if (problems.length > 0) return problems;
  const byNumber = new Map<number, string[]>();
  for (const { part, shown } of parts) byNumber.set(part, [...(byNumber.get(part) ?? []), shown]);
  for (const [part, folders] of byNumber)
    if (folders.length > 1)
      problems.push(
        `part ${part} is there ${folders.length} times: ${folders.map((f) => `'${f}'`).join(', ')}; name it once`,
      );
  const { parts: count } = first;
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((part) => !byNumber.has(part));
  if (missing.length > 0) {
    const [one] = missing;
    const numbers = missing.length > 20 ? `${missing.slice(0, 20).join(', ')} …` : missing.join(', ');
    problems.push(
      `${missing.length === 1 ? `part ${one} of ${count} is` : `${missing.length} of ${count} parts are`} missing${missing.length === 1 ? '' : ` (${numbers})`}: its build failed or has not ended; build it with --shard ${one}/${count}`,
    );
  }
  return problems;
}

/** How the plan of a part differs from that of the first part. */
function otherPlan(first: OpenedPart, { shown, artifact }: Pick<OpenedPart, 'shown' | 'artifact'>): string {
  const common = ({ manifest }: Pick<OpenedPart, 'artifact'>['artifact']): ReadManifest => {
    const { provenance } = manifest;
    return {
      ...manifest,
      provenance: provenance && { ...provenance, unit_flags: [], sources: [] },
    };
  };
  const [difference] = diffManifests(common(first.artifact), common(artifact));
  const what = difference
    ? `${difference.key} is ${short(difference.a)} in '${first.shown}' and ${short(difference.b)} in '${shown}'`
    : 'their units, or flags of units, are not the same';
  return `'${first.shown}' and '${shown}' are not of one build: ${what}; build every part from the same files with the same options`;
}

const short = (value: unknown) => shownValue(typeof value === 'object' ? JSON.stringify(value) : value);

/** The plan of the whole artifact, made from all parts. */
async function wholePlan(parts: readonly OpenedPart[], places: Places, options: MergePartsOptions, platform: Platform) {
  const [first] = parts as [OpenedPart];
  const entries: Entry[] = [];
  const madeBy = new Map<string, OpenedPart>();
  const problems: string[] = [];
  const sources: Sources = new Map();
  const readBy = new Map<string, OpenedPart>();
  for (const part of parts) {
    for (const entry of part.artifact.manifest.entries) {
      const other = madeBy.get(entry.path);
      if (other)
        problems.push(`'${entry.path}' is in '${other.shown}' and in '${part.shown}': they were cut differently`);
      madeBy.set(entry.path, part);
      entries.push(entry);
    }
    for (const { path, sha256 } of part.provenance.sources) {
      const known = sources.get(path);
      if (known !== undefined && known !== sha256)
        throw new ArtError(
          'SOURCE_CHANGED',
          `'${printable(path)}' is another file in '${printable(part.shown)}' than in '${printable((readBy.get(path) as OpenedPart).shown)}': build every part from the same files`,
        );
      sources.set(path, sha256);
      readBy.set(path, part);
    }
  }
  if (entries.length > MAX_ENTRIES)
    problems.push(`together they have ${entries.length} entries, more than ${MAX_ENTRIES}`);
  if (sources.size > MAX_SOURCES) problems.push(`together they have ${sources.size} sources, more than ${MAX_SOURCES}`);
  if (problems.length > 0) throw invalid(problems);
  const unitFlags = parts.flatMap(({ provenance }) => provenance.unit_flags ?? []);
  const provenance = {
    ...first.provenance,
    ...(unitFlags.length > 0 && { unit_flags: unitFlags }),
    sources: [...sources].map(([path, sha256]) => ({ path, sha256 })),
  };
  const manifest = { ...first.artifact.manifest, entries, provenance };
  const settings = await mergeSettings(manifest, provenance, places, options);
  // Sizes only matter for splitting a plan, which has been done.
  const plan = await recorded(() => planRebuild(manifest, provenance, places, settings, async () => 0));
  checkPlan(first, plan, settings, manifest, platform);
  return { settings, plan, manifest };
}

/**
 * The settings of the build that made the parts.
 * @throws ArtError PART_INVALID if no build writes such parts; INVALID_OPTION if the link needs a directory that was
 *   not named
 */
async function mergeSettings(
  manifest: ReadManifest,
  provenance: OpenedPart['provenance'],
  places: Places,
  options: MergePartsOptions,
): Promise<BuildSettings> {
  const settings = await recorded(() => settingsOf(manifest, provenance, places, options));
  const others = otherAssets(provenance, settings.targets);
  if (others.length > 0) throw invalid(others.map((line) => `the parts were built by another art than this: ${line}`));
  const { link, user_sysroot: hasSysroot } = provenance;
  if (!hasSysroot && places.sysroot !== undefined)
    throw new ArtError('INVALID_OPTION', "the parts were built with art's own sysroot: leave --sysroot out");
  if (link && hasSysroot && places.sysroot === undefined)
    throw new ArtError(
      'INVALID_OPTION',
      `'${printable(link.name)}' is linked with a sysroot of its own: name it with --sysroot`,
    );
  const [unnamed] = [...numbersIn(link?.flags ?? [])].filter((n) => n >= places.include.length).sort((a, b) => a - b);
  if (unnamed !== undefined)
    throw new ArtError(
      'INVALID_OPTION',
      `'${printable(link?.name ?? '')}' is linked with libraries from outside of the project (${link?.flags.find((flag) => flag.includes('/include/'))}): name the build's directories with --include, once for each, in their order`,
    );
  // If nothing is linked, the sysroot is not read.
  return { ...settings, sysroot: hasSysroot ? (places.sysroot ?? places.root) : undefined, sign: options.sign };
}

/** Reports errors of the plan as errors of the parts, not of the caller's options. */
async function recorded<T>(make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof ArtError)) throw error;
    throw new ArtError('PART_INVALID', `the parts contain something that no build writes: ${error.message}`, {
      cause: error,
    });
  }
}

/**
 * Compares the entries of the parts with the plan.
 * @throws ArtError PART_INVALID
 */
function checkPlan(
  first: OpenedPart,
  plan: BuildPlan,
  settings: BuildSettings,
  manifest: ReadManifest,
  { sha256 }: Platform,
): void {
  const problems: string[] = [];
  const built = new Map(manifest.entries.map((entry) => [entry.path, entry]));
  for (const planned of plan.entries) {
    const expected = manifestEntry(planned, null, null);
    const entry = built.get(planned.path);
    built.delete(planned.path);
    if (entry && JSON.stringify({ ...entry, ...UNBUILT }) !== JSON.stringify({ ...expected, ...UNBUILT }))
      problems.push(`'${planned.path}' is not what a build makes of its source`);
    if (!entry && planned.from) problems.push(`no part has '${planned.path}', which was planned`);
  }
  for (const path of built.keys()) problems.push(`'${path}' is none of what was planned`);
  if (problems.length > 0) throw invalid(problems);
  const { provenance, profile_hash } = manifest;
  const profile = provenance?.profile && { ...provenance.profile, hash: profile_hash as string };
  const entries = plan.entries.map((entry) => manifestEntry(entry, null, null));
  const whole = makeManifest(plan, settings, entries, null, new Map(), profile, undefined);
  if (planDigest(whole, sha256) !== first.plan)
    throw invalid([
      'together the parts are not what was planned: they were cut from different files, or changed; build every part again from the same files',
    ]);
}

const UNBUILT = { sha256: null, size: null };

/**
 * Passes the entries of all parts to the payload. Each archive is checked completely; the whole artifact is checked
 * again before it is published.
 * @throws ArtError PART_INVALID
 */
async function takeEntries(
  parts: readonly OpenedPart[],
  plan: BuildPlan,
  payload: Payload,
  { onEvent, signal }: MergePartsOptions,
): Promise<void> {
  const planned = new Map(plan.entries.map((entry) => [entry.path, entry]));
  for (const [i, { artifact, part, shown }] of parts.entries()) {
    signal?.throwIfAborted();
    let open: { path: string; chunks: Uint8Array[] } | undefined;
    const close = async () => {
      if (open) await payload.addBuilt(planned.get(open.path) as PlannedEntry, joined(open.chunks));
      open = undefined;
    };
    const sink: EntrySink = {
      async open({ path }) {
        await close();
        const chunks: Uint8Array[] = [];
        open = { path, chunks };
        return (chunk) => void chunks.push(chunk.slice());
      },
    };
    try {
      await artifact.readInto(sink);
    } catch (error) {
      if (!(error instanceof ArtError) || error.code !== 'ARCHIVE_INVALID') throw error;
      throw invalid([`part ${part}, '${shown}': ${error.message}; build it again`]);
    }
    await close();
    onEvent?.({ type: 'part', part, done: i + 1, total: parts.length });
  }
}
