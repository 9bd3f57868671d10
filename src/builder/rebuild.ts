// `art rebuild`: builds an artifact again from what its manifest says, and compares the result.
import type { ReadManifest } from '../artifact/manifest.js';
import { type ArtifactSource, type OpenOptions, openOn, openOptions } from '../consume/open.js';
import { artifactIn } from '../consume/published.js';
import { ArtError } from '../errors.js';
import { type Difference, diffArtifacts } from '../inspect/diff.js';
import { MemoryStaging, type Published } from '../platform/memory-staging.js';
import type { Platform } from '../platform/types.js';
import { parseTargets } from '../targets/targets.js';
import { carryOut } from './build.js';
import {
  checkRebuildOptions,
  type Places,
  placesOf,
  planRebuild,
  profileProblems,
  type RebuildOptions,
  settingsOf,
  sourceProblems,
  toolchainProblems,
} from './rebuild-plan.js';

/** The result of `rebuild`. */
export interface Rebuild {
  /** Whether every byte of artifact.json and artifact.tar.gz is the same. */
  identical: boolean;
  /** Why nothing was built, one line each; empty if it was built. */
  problems: string[];
  /** What differs, if it was built: `a` is the artifact, `b` the rebuild. */
  difference?: Difference;
}

/** Prebuilds of add-ons: those of `art build` record what is emitted, or linked. */
const isOfAddons = ({ emit, link }: NonNullable<ReadManifest['provenance']>) => emit.length === 0 && !link;
const OF_ADDONS =
  "it has add-ons for Node, which 'art addon --prebuild' builds as binding.gyp says: run that on the same sources with another --out, and compare the two with 'art diff'";

/**
 * Builds an artifact again, in memory, from the flags, targets and sources in its provenance.
 * @param cwd the directory that relative paths in the options are resolved against
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION; of openOn; MANIFEST_INVALID if it has no provenance; BuildFailedError; CANCELLED
 */
export async function rebuildOn(
  platform: Platform,
  source: ArtifactSource,
  options: RebuildOptions & OpenOptions,
  cwd: string,
): Promise<Rebuild> {
  checkRebuildOptions(options);
  const artifact = await openOn(platform, source, openOptions(options));
  const { manifest } = artifact;
  const { provenance } = manifest;
  if (!provenance)
    throw new ArtError('MANIFEST_INVALID', 'artifact.json has no provenance, which says what a rebuild needs');
  if (isOfAddons(provenance)) return { identical: false, problems: [OF_ADDONS] };
  const places = placesOf(options, cwd, platform.files);
  const problems = [
    ...(manifest.archive ? (await artifact.examine()).map((line) => `the artifact itself is not sound: ${line}`) : []),
    ...toolchainProblems(provenance, parseTargets(manifest.targets, provenance.user_sysroot)),
    ...(await profileProblems(provenance, places, platform)),
    ...(await sourceProblems(manifest, provenance, places, platform)),
  ];
  if (problems.length > 0) return { identical: false, problems };
  const { settings, plan } = await planAgain(manifest, provenance, places, options, platform);
  const staging = new MemoryStaging();
  await carryOut(plan, settings, platform, async () => staging);
  const again = await openOn(platform, artifactIn(staging.published as Published));
  const difference = await diffArtifacts(artifact, again, platform);
  return { identical: difference.same, problems: [], difference };
}

/** Plans the build again. An error in the plan is an error of the manifest, not of the caller's options. */
async function planAgain(
  manifest: ReadManifest,
  provenance: NonNullable<ReadManifest['provenance']>,
  places: Places,
  options: RebuildOptions,
  platform: Platform,
) {
  try {
    const settings = settingsOf(manifest, provenance, places, options);
    return { settings, plan: await planRebuild(manifest, provenance, places, settings, platform.files.size) };
  } catch (error) {
    if (!(error instanceof ArtError)) throw error;
    throw new ArtError('MANIFEST_INVALID', `artifact.json contains something that no build writes: ${error.message}`, {
      cause: error,
    });
  }
}
