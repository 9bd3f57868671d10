import { openArtifactFiles } from '../artifact/artifact.js';
import { type Manifest, SCHEMA_VERSION, serialiseManifest } from '../artifact/manifest.js';
import { BUNDLE_NAME, MANIFEST_NAME, PART_ARCHIVE_NAME, PART_NAME, PUBLISHED_NAMES } from '../artifact/names.js';
import { planDigest, serialisePart } from '../artifact/part.js';
import { type AssetName, PINNED } from '../assets/pinned.js';
import { findArchive, keepArchive } from '../cache/archives.js';
import { type CacheUse, openResultCache, type ResultCache } from '../cache/cache.js';
import type { BuildOptions, Shard } from '../config/options.js';
import { type BuildSettings, resolveSettings } from '../config/settings.js';
import { ArtError } from '../errors.js';
import type { Mount, Platform, Publication, Staging, Toolchain } from '../platform/types.js';
import type { ProfileMatches } from '../profile/matches.js';
import { archivesOf } from '../targets/targets.js';
import { compareBytes } from '../text/byte-order.js';
import type { Answer, Question } from '../toolchain/host-view.js';
import { signArtifact } from '../trust/signature.js';
import { VERSION } from '../version.js';
import { compileUnits } from './compile-units.js';
import { digestOf } from './digest.js';
import { BuildFailedError, type UnitFailure } from './failures.js';
import { linkPrograms } from './link-programs.js';
import { type ArchiveMemory, manifestEntry, Payload } from './payload.js';
import { type BuildPlan, planBuild } from './plan.js';
import { type BuildProfile, loadProfile, reportMatches, warnOfProfile } from './profile.js';
import { cutPlan } from './shard.js';
import type { Sources } from './sources.js';

/** The result of `build`. */
export interface BuildResult {
  /** The manifest that was written. */
  manifest: Manifest;
  /** The output directory, as the options named it. */
  out: string;
  /** Number of translation units of the whole artifact; each is compiled for every target. */
  units: number;
  /** If a cache was used: how many results were found in it, and how many were not. */
  cache?: CacheUse;
  /** With `shard`: the part that was built; `manifest` then describes only this part. */
  shard?: Shard;
}

/** Is told everything that the result of a build depends on. */
export interface BuildWatcher {
  saw(out: string, mounts: readonly Mount[], seen: ReadonlyMap<Question, Answer>): void;
}

/**
 * Builds an artifact: plans it, compiles every unit for every target, writes the archive as units finish, reads it
 * back, and publishes it in one step.
 * @throws ArtError; BuildFailedError, after all units were tried, if some do not compile
 */
export async function buildOn(
  platform: Platform,
  options: BuildOptions,
  cwd: string,
  watcher?: BuildWatcher,
): Promise<BuildResult> {
  const settings = await resolveSettings(options, cwd, platform.files);
  const out = platform.files.resolve(settings.cwd, settings.out);
  await platform.checkOutput?.(out);
  const plan = await planBuild(settings, platform.files);
  const { manifest, cache } = await carryOut(
    plan,
    settings,
    platform,
    () => platform.stage(out),
    watcher && { watcher, out },
  );
  const { shard } = settings;
  return { manifest, out: settings.out, units: plan.units.length, ...(cache && { cache }), ...(shard && { shard }) };
}

/**
 * Does the jobs of a plan, and publishes the result in the staging area that `stage` opens.
 * @throws ArtError CANCELLED, SOURCE_CHANGED, ARCHIVE_INVALID, PROGRAM_CORRUPT; BuildFailedError
 */
export async function carryOut(
  plan: BuildPlan,
  settings: BuildSettings,
  platform: Platform,
  stage: () => Promise<Staging>,
  watching?: { watcher: BuildWatcher; out: string },
): Promise<Pick<BuildResult, 'manifest' | 'cache'>> {
  const mounts = await present(plan.mounts, platform);
  const own = settings.shard ? cutPlan(plan, settings.shard) : plan;
  const toolchain = platform.openToolchain(mounts, settings.targets);
  const cache = settings.manifestOnly
    ? undefined
    : await openBuildCache(settings, platform, mounts, toolchain, watching !== undefined);
  const profile = settings.profile && (await loadProfile(settings.profile, platform, toolchain));
  warnOfProfile(profile, settings);
  const targets = settings.targets.map((t) => t.triple);
  settings.onEvent({
    type: 'planned',
    package: plan.package,
    units: plan.units.length,
    targets,
    ...(settings.shard && { shard: { ...settings.shard, compilations: own.jobs.length } }),
  });

  const staging = await stage();
  try {
    const { manifest, ...made } = settings.manifestOnly
      ? { manifest: await describe(plan, settings, platform, profile) }
      : await compileAll(
          plan,
          own,
          settings,
          platform,
          new Payload(own.entries, staging, platform, settings.sourceDateEpoch, cache && archiveMemory(cache)),
          toolchain,
          profile,
          cache,
        );
    await toolchain.verify();
    await staging.publish(await publication(manifest, settings, staging, platform, made));
    return { manifest, ...(cache && { cache: cache.use }) };
  } catch (error) {
    if (settings.signal?.aborted)
      throw new ArtError('CANCELLED', 'the build was cancelled; nothing was published', { cause: error });
    // Errors in sources count only if they come from the pinned compiler.
    if (error instanceof BuildFailedError) await toolchain.verify();
    throw error;
  } finally {
    await staging.discard();
    await cache?.close();
    watching?.watcher.saw(watching.out, mounts, cache?.seen ?? new Map());
  }
}

/**
 * Prepares the files to publish: manifest, archive and signature. They are read back first, and nothing is published
 * that differs from what was written.
 * @param made the text of part.json, for a part of an artifact; and whether the archive was examined already
 * @throws ArtError MANIFEST_INVALID, ARCHIVE_INVALID
 */
export async function publication(
  manifest: Manifest,
  { sign }: Pick<BuildSettings, 'sign'>,
  staging: Staging,
  { sha256 }: Pick<Platform, 'sha256'>,
  { part, isExamined = false }: { part?: string; isExamined?: boolean } = {},
): Promise<Publication> {
  const encoder = new TextEncoder();
  const bytes = encoder.encode(serialiseManifest(manifest));
  const files = new Map<string, Uint8Array>();
  if (manifest.archive) {
    const staged = await openArtifactFiles(
      {
        layout: 'archive',
        name: 'the artifact',
        manifest: async () => bytes,
        bundle: async () => undefined,
        async *archive() {
          yield* await staging.readBack();
        },
      },
      sha256,
    );
    if (!isExamined) await staged.readInto({ open: () => undefined });
    else if ((await digestOf(await staging.readBack(), sha256())) !== manifest.archive.sha256)
      throw new ArtError('ARCHIVE_INVALID', 'the archive does not read back as it was written');
    if (sign) files.set(BUNDLE_NAME, encoder.encode(signArtifact(staged, sign)));
  }
  if (part === undefined) files.set(MANIFEST_NAME, bytes);
  else files.set(PART_NAME, encoder.encode(part));
  const archive = manifest.archive?.path;
  return { archive, files, removed: PUBLISHED_NAMES.filter((name) => name !== archive && !files.has(name)) };
}

/** Makes the manifest of a build without compiling anything, for `manifestOnly`. */
async function describe(
  plan: BuildPlan,
  settings: BuildSettings,
  platform: Platform,
  profile: BuildProfile | undefined,
): Promise<Manifest> {
  const sources: Sources = new Map();
  for (const unit of plan.units) {
    const hash = platform.sha256();
    hash.update(await platform.files.read(unit.host));
    sources.set(unit.path, hash.digest());
  }
  return planned(plan, settings, sources, profile);
}

/** Makes a manifest for which there is no archive. */
function planned(
  plan: BuildPlan,
  settings: BuildSettings,
  sources: Sources,
  profile: BuildProfile | undefined,
): Manifest {
  const entries = plan.entries.map((entry) => manifestEntry(entry, null, null));
  return makeManifest(plan, settings, entries, null, sources, profile, undefined);
}

/**
 * Compiles the units, links, and finishes the archive.
 * @param own the part of the plan to build: all of it, or that of one shard
 */
async function compileAll(
  plan: BuildPlan,
  own: BuildPlan,
  settings: BuildSettings,
  platform: Platform,
  payload: Payload,
  toolchain: Toolchain,
  profile: BuildProfile | undefined,
  cache: ResultCache | undefined,
): Promise<{ manifest: Manifest; part?: string; isExamined?: boolean }> {
  const { shard } = settings;
  const { failures, sources, counter } = await compileUnits(
    own,
    settings,
    platform,
    toolchain,
    profile,
    payload,
    cache,
  );
  const matches = failures.length === 0 && profile && !shard ? reportMatches(counter, profile, settings) : undefined;
  if (failures.length === 0 && settings.link !== undefined && !shard)
    failures.push(...(await linkPrograms(plan, settings, payload, toolchain, sources, cache)));
  if (failures.length > 0) {
    const order = (f: UnitFailure) => `${f.unit} ${f.target}`;
    throw new BuildFailedError(failures.sort((a, b) => compareBytes(order(a), order(b))));
  }
  const archive = await payload.finish();
  const { entries, isExamined } = payload;
  if (!shard)
    return { manifest: makeManifest(plan, settings, entries, archive, sources, profile, matches), isExamined };
  const ofPart = { ...archive, path: PART_ARCHIVE_NAME };
  const manifest = makeManifest(own, settings, entries, ofPart, sources, profile, undefined);
  const part = {
    part: shard.index,
    parts: shard.count,
    plan: planDigest(planned(plan, settings, new Map(), profile), platform.sha256),
    ...(profile && { profile: { totals: profile.totals, ...counter.record } }),
  };
  return { manifest, part: serialisePart(part, manifest), isExamined };
}

/** Opens the cache; undefined if the settings name none, or if it cannot be used. */
async function openBuildCache(
  { cache, onEvent, signal }: BuildSettings,
  platform: Platform,
  mounts: readonly Mount[],
  toolchain: Toolchain,
  isWatched: boolean,
): Promise<ResultCache | undefined> {
  if (!cache && !isWatched) return undefined;
  const warn = (message: string) => onEvent({ type: 'warning', message });
  const own = cache ? platform : { ...platform, openCache: () => undefined };
  return openResultCache(own, mounts, { ...cache, warn, signal, isWatched }, () => toolchain.verify());
}

const archiveMemory = (cache: ResultCache): ArchiveMemory => ({
  find: (entries) => findArchive(cache, entries),
  keep: (entries, bytes, digest) => keepArchive(cache, entries, bytes, digest),
});

/** Removes directories of -I that do not exist, which clang ignores too. */
export async function present(mounts: readonly Mount[], { files }: Platform): Promise<Mount[]> {
  const kinds = await Promise.all(mounts.map((mount) => files.kind(mount.host).catch(() => undefined)));
  return mounts.filter((_, i) => kinds[i] === 'directory');
}

/** The units whose flags differ from the usual ones; left out if there are none. */
function unitFlags(plan: BuildPlan): Pick<Manifest['provenance'], 'unit_flags'> {
  const usual = JSON.stringify(plan.flags);
  const others = plan.units
    .filter(({ flags }) => JSON.stringify(flags) !== usual)
    .map(({ path, variant, flags }) => ({ source: path, ...(variant > 1 && { variant }), flags: [...flags] }))
    .sort((a, b) => compareBytes(a.source, b.source) || (a.variant ?? 1) - (b.variant ?? 1));
  return others.length > 0 ? { unit_flags: others } : {};
}

export function makeManifest(
  plan: BuildPlan,
  settings: BuildSettings,
  entries: Manifest['entries'],
  archive: Manifest['archive'],
  sources: ReadonlyMap<string, string>,
  profile: Pick<BuildProfile, 'hash' | 'kind' | 'files'> | undefined,
  matches: ProfileMatches | undefined,
): Manifest {
  const assets = (names: readonly AssetName[]) =>
    names.map((name) => ({ name, version: PINNED[name].version, sha256: PINNED[name].sha256 }));
  return {
    schema_version: SCHEMA_VERSION,
    package: plan.package,
    profile_hash: profile?.hash ?? null,
    targets: settings.targets.map((t) => t.triple),
    entries,
    archive,
    provenance: {
      art: VERSION,
      programs: assets(['llvm']),
      sysroots: assets(archivesOf(settings.targets).sort()),
      flags: [...plan.flags],
      ...unitFlags(plan),
      emit: settings.emit,
      link: settings.link === undefined ? null : { name: settings.link, flags: plan.linkFlags },
      ...(settings.sysroot !== undefined && { user_sysroot: true as const }),
      ...(profile && { profile: { kind: profile.kind, files: profile.files, matches: matches ?? null } }),
      ...(settings.instrument && { instrument: settings.instrument }),
      sources: [...sources].map(([path, sha256]) => ({ path, sha256 })).sort((a, b) => compareBytes(a.path, b.path)),
      source_date_epoch: settings.sourceDateEpoch,
    },
  };
}
