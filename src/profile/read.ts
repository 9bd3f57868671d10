// Reads profiles, recognises their kind, and merges them.
import { ArtError } from '../errors.js';
import { readNamedFile } from '../platform/named-file.js';
import type { Platform } from '../platform/types.js';
import { LLVM_PROFILE_LIMIT } from '../text/limits.js';
import {
  type ArtifactProfile,
  completeProfile,
  mergeArtifactProfiles,
  readArtifactProfile,
  serialiseArtifactProfile,
} from './artifact-profile.js';
import { isInstrumentation, type ProfileFormat, recogniseProfile } from './format.js';
import type { ProfileBytes } from './llvm.js';

/** A profile after reading, with its format. */
export interface ReadProfile extends ProfileBytes {
  format: Exclude<ProfileFormat, 'plan'>;
}

/**
 * Reads a profile. A plan is refused.
 * @param shown the file in messages
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID
 */
export async function readProfile(path: string, shown: string, platform: Platform): Promise<ReadProfile> {
  const bytes = await readNamedFile(path, shown, platform.files, LLVM_PROFILE_LIMIT);
  const format = recogniseProfile(bytes);
  if (typeof format === 'object')
    throw new ArtError(
      'PROFILE_INVALID',
      `'${shown}' is no profile: it is ${format.not}. Expected JSON with "functions", or LLVM's .profraw, .profdata, text or sample profiles`,
    );
  if (format === 'plan') throw new ArtError('PROFILE_INVALID', `'${shown}' is a plan, no profile: give it with --plan`);
  return { shown, bytes, format };
}

/**
 * The common kind of some profiles.
 * @throws ArtError PROFILE_INVALID if they cannot be merged
 */
export function checkKinds(profiles: readonly ReadProfile[]): 'instr' | 'sample' | 'artifact' {
  const instr = profiles.find(({ format }) => isInstrumentation(format));
  const other = profiles.find(({ format }) => !isInstrumentation(format));
  if (instr && other)
    throw new ArtError(
      'PROFILE_INVALID',
      `'${instr.shown}' counts with instrumentation, '${other.shown}' ${other.format === 'artifact' ? 'is an artifact profile' : 'has samples'}: their counts do not add up, so merge one kind at a time`,
    );
  if (instr) return 'instr';
  return profiles.every(({ format }) => format === 'artifact') ? 'artifact' : 'sample';
}

/** Serialises artifact profiles in the canonical form that llvm.wasm reads, with a count for every function. */
export function canonical(profiles: readonly ReadProfile[]): Promise<ProfileBytes[]> {
  return Promise.all(
    profiles.map(async (profile) => {
      const { format, shown, bytes } = profile;
      if (format !== 'artifact') return { shown, bytes };
      return { shown, bytes: new TextEncoder().encode(serialiseArtifactProfile(await mergeJson([profile]))) };
    }),
  );
}

/** Merges artifact profiles; the result has a count for every function. */
export async function mergeJson(profiles: readonly ProfileBytes[]): Promise<ArtifactProfile> {
  const read = async ({ bytes, shown }: ProfileBytes) => completeProfile(await readArtifactProfile(bytes, shown));
  return mergeArtifactProfiles(await Promise.all(profiles.map(read)));
}
