/** art, for Node: C, C++ and LLVM IR to an ahead-of-time artifact. */
import { dirname, join } from 'pathe';
import {
  type Artifact as ArtifactContents,
  type EntryFilter,
  openArtifactFiles,
  type ReadLimits,
} from './artifact/artifact.js';
import { BUNDLE_NAME } from './artifact/manifest.js';
import { type ArtifactBytes, filesByURL, filesInMemory } from './artifact/sources.js';
import { type BuildResult, buildOn } from './build/build.js';
import { type CommandPool, openCommandPool } from './build/command.js';
import { type LinkResult, linkOn } from './build/link.js';
import { type ConfigSuggestion, suggestConfig as suggestConfigOn } from './config/init.js';
import type { LinkOptions } from './config/link-options.js';
import type { BuildOptions } from './config/options.js';
import { ArtError } from './errors.js';
import { extractTo, filesOnDisk } from './platform/node/artifact.js';
import { nodePlatform } from './platform/node/index.js';
import { openSigner, openVerifier } from './platform/node/keys.js';
import { signArtifact, signatureProblems } from './trust/signature.js';

export type { EntryFilter, ReadLimits } from './artifact/artifact.js';
export {
  type ArchiveDigest,
  type Manifest,
  type ManifestEntry,
  parseManifest,
  type ReadManifest,
} from './artifact/manifest.js';
export type { ArtifactBytes } from './artifact/sources.js';
export { BuildFailedError, type BuildResult, type UnitFailure } from './build/build.js';
export type { CommandOutcome, CommandPool } from './build/command.js';
export type { BuildEvent } from './build/events.js';
export { LinkFailedError, type LinkResult } from './build/link.js';
export { CONFIG_NAME, type Config } from './config/config-file.js';
export type { ConfigSuggestion } from './config/init.js';
export type { LinkKind, LinkOptions } from './config/link-options.js';
export type { BuildOptions, EmitKind } from './config/options.js';
export { ArtError, type ArtErrorCode } from './errors.js';
export { generateKeys, type KeyType } from './platform/node/keys.js';
export type { CommandRequest, WrittenFile } from './toolchain/command.js';
export type { CompileFailure } from './toolchain/compile.js';
export { VERSION } from './version.js';

/**
 * Builds an artifact: `artifact.json` and `artifact.tar.gz` in `options.out`.
 * @returns the manifest, where it was written, and the number of units
 * @throws ArtError with a stable `code`; BuildFailedError, with one failure a unit
 *   and target, where units do not compile. Nothing is published then.
 */
export function build(options: BuildOptions): Promise<BuildResult> {
  return buildOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * An art.config.json for a directory: its sources and headers as far as names tell.
 * @throws ArtError NO_SOURCES where there is nothing to build; INVALID_OPTION where its package.json is not JSON;
 *   INPUT_UNREADABLE
 */
export function suggestConfig(directory: string): Promise<ConfigSuggestion> {
  return suggestConfigOn(directory.replaceAll('\\', '/'), nodePlatform.files);
}

/**
 * Links objects, archives or an artifact to `options.output`.
 * @returns what was written
 * @throws ArtError with a stable `code`; LinkFailedError, with the linker's words, where it does not link
 */
export function link(options: LinkOptions): Promise<LinkResult> {
  return linkOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * Compiler commands on the host's files, as `art cc` runs them. Close it when done.
 * @param workers commands at once; each is a thread of its own
 */
export function openCommands(workers: number): CommandPool {
  return openCommandPool(nodePlatform, workers);
}

/** An artifact that was opened; its entries can be written to disk. */
export interface Artifact extends ArtifactContents {
  /**
   * Writes entries below a directory, each at its path, after the whole archive has been checked.
   * @returns the paths of the entries
   * @throws ArtError ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
   */
  extract(directory: string, filter?: EntryFilter): Promise<string[]>;
}

/**
 * Opens an artifact: by the path of its folder or its artifact.json, by the URL of artifact.json, or from memory.
 * Its manifest is read and checked, its archive when entries are asked for.
 * @throws ArtError INPUT_NOT_FOUND; MANIFEST_INVALID
 */
export async function openArtifact(source: string | URL | ArtifactBytes, limits: ReadLimits = {}): Promise<Artifact> {
  const files =
    typeof source === 'string' && !/^https?:/.test(source)
      ? filesOnDisk(source)
      : typeof source === 'string' || source instanceof URL
        ? filesByURL(new URL(source))
        : filesInMemory(source);
  const artifact = await openArtifactFiles(files, nodePlatform.sha256, limits);
  return { ...artifact, extract: (directory, filter = {}) => extractTo(artifact, directory, filter) };
}

/** How an artifact is signed. */
export interface SignOptions {
  /** Path of the private key, in PEM. */
  key: string;
  /** Asked for where the key is protected. */
  passphrase?: () => Promise<string | undefined>;
}

/**
 * Signs an artifact on disk: checks it, and writes artifact.sigstore.json beside it.
 * @returns the path of what was written
 * @throws ArtError KEY_INVALID; INPUT_NOT_FOUND, MANIFEST_INVALID, ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
 */
export async function sign(
  artifact: string,
  { key, passphrase = async () => undefined }: SignOptions,
): Promise<string> {
  const signer = await openSigner(key, passphrase);
  const opened = await openArtifact(artifact);
  const [problem] = await opened.examine();
  if (problem) throw new ArtError('ARCHIVE_INVALID', `'${artifact}' is not sound, and is not signed: ${problem}`);
  const folder = (await nodePlatform.files.kind(artifact)) === 'directory' ? artifact : dirname(artifact);
  const path = join(folder, BUNDLE_NAME);
  await nodePlatform.write(path, new TextEncoder().encode(signArtifact(opened, signer)), false);
  return path;
}

/** What a verification asks for. */
export interface VerifyOptions extends ReadLimits {
  /** Paths of the public keys that are trusted, in PEM. */
  keys?: readonly string[];
  /** An artifact without a signature is not accepted. Default: true where `keys` names any. */
  requireSignature?: boolean;
}

/**
 * Checks an artifact, and the signature beside it, from end to end.
 * @returns everything that is wrong, a line each; empty where nothing is
 * @throws ArtError INPUT_NOT_FOUND; KEY_INVALID
 */
export async function verify(
  source: string | URL | ArtifactBytes,
  { keys = [], requireSignature = keys.length > 0, ...limits }: VerifyOptions = {},
): Promise<string[]> {
  const verifiers = keys.map(openVerifier);
  let artifact: Artifact;
  try {
    artifact = await openArtifact(source, limits);
  } catch (error) {
    if (error instanceof ArtError && error.code === 'MANIFEST_INVALID') return [error.message];
    throw error;
  }
  return [...(await artifact.examine()), ...(await signatureProblems(artifact, verifiers, requireSignature))];
}
