// The public API for Node, second half: what is done with artifacts that are there.
import { basename, dirname, join } from 'pathe';
import {
  type Artifact as ArtifactContents,
  type EntryFilter,
  openArtifactFiles,
  type ReadLimits,
} from './artifact/artifact.js';
import { checkConversion, writeLayout } from './artifact/layouts/convert.js';
import { LAYOUTS, type Layout } from './artifact/layouts/folder.js';
import { openLayout } from './artifact/layouts/open.js';
import { BUNDLE_NAME } from './artifact/names.js';
import { type ArtifactBytes, filesInMemory, folderByURL } from './artifact/sources.js';
import { type Rebuild, type RebuildOptions, rebuildOn } from './build/rebuild.js';
import { ArtError } from './errors.js';
import { type Difference, diffArtifacts } from './inspect/diff.js';
import { type Inspection, type InspectOptions, inspectArtifact, inspectFile, isCode } from './inspect/inspect.js';
import { extractTo } from './platform/node/extract.js';
import { nodePlatform } from './platform/node/index.js';
import { openSigner, openVerifier } from './platform/node/keys.js';
import { folderOnDisk, pathOf, stageLayout } from './platform/node/layouts.js';
import { requireSignature, type Signer, signArtifact } from './trust/signature.js';
import { type Verification, verifyArtifact } from './trust/verify.js';

/** An artifact that was opened; its entries can be written to disk. */
export interface Artifact extends ArtifactContents {
  /**
   * Writes entries below a directory, each at its path, after the whole archive has been checked.
   * @returns the paths of the entries
   * @throws ArtError ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
   */
  extract(directory: string, filter?: EntryFilter): Promise<string[]>;
}

/** What an artifact from elsewhere must be. */
export interface OpenOptions extends ReadLimits {
  /** Paths of the public keys that are trusted, in PEM: one of them must have signed it. Default: none need have. */
  keys?: readonly string[];
}

/**
 * Opens an artifact in any layout: by the path of its folder, of its artifact.json or of the one JSON file that it is,
 * by the URL of one of these (a folder's ends in '/'), or from memory.
 * Its manifest is read and checked, its archive when entries are asked for.
 * @throws ArtError INPUT_NOT_FOUND; MANIFEST_INVALID; with `keys` KEY_INVALID, and SIGNATURE_INVALID where none of them
 *   signed it
 */
export async function openArtifact(
  source: string | URL | ArtifactBytes,
  { keys = [], ...limits }: OpenOptions = {},
): Promise<Artifact> {
  const verifiers = keys.map(openVerifier);
  const artifact = await openArtifactFiles(await filesOf(source), nodePlatform.sha256, limits);
  if (verifiers.length > 0) await requireSignature(artifact, verifiers);
  return { ...artifact, extract: (directory, filter = {}) => extractTo(artifact, directory, filter) };
}

async function filesOf(source: string | URL | ArtifactBytes) {
  if (typeof source !== 'string' && !(source instanceof URL)) return filesInMemory(source);
  const path = pathOf(source);
  const { folder, named } = path === undefined ? folderByURL(new URL(source)) : await folderOnDisk(path);
  return openLayout(folder, named, nodePlatform.sha256);
}

/** How an artifact is converted. */
export interface ConvertOptions extends OpenOptions {
  to: Layout;
  /** A file for 'json'; for the others a folder that is new or empty. */
  out: string;
}

/**
 * Writes an artifact in another layout, from which all of its bytes come back: manifest, archive and signature.
 * It is checked as `verify` does, and what was written is read back before it appears.
 * @throws ArtError INVALID_OPTION; of openArtifact; ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
 */
export async function convert(
  source: string | URL | ArtifactBytes,
  { to, out, ...limits }: ConvertOptions,
): Promise<void> {
  if (!LAYOUTS.includes(to))
    throw new ArtError('INVALID_OPTION', `unknown layout '${to}': expected ${LAYOUTS.join(', ')}`);
  // Only a name that ends so is taken for a file when it is opened.
  if (to === 'json' && !out.endsWith('.json'))
    throw new ArtError('INVALID_OPTION', `'${out}' does not end in '.json', which the layout 'json' must`);
  const artifact = await openArtifact(source, limits);
  const staged = await stageLayout(out, to === 'json');
  try {
    await writeLayout(artifact, to, staged, basename(out), nodePlatform.sha256);
    await staged.complete();
    await checkConversion(artifact, await openArtifact(staged.path, limits), to);
    await staged.publish();
  } finally {
    await staged.discard();
  }
}

/** How an artifact is signed. */
export interface SignOptions {
  /** Path of the private key, in PEM; or the key, as `openKey` gives it. */
  key: string | Signer;
  /** Asked for where the key is protected. */
  passphrase?: () => Promise<string | undefined>;
  /** sha256, in hex, that artifact.json must have: nothing else is signed, whatever lies there by then. */
  sha256?: string;
}

/**
 * Reads a private key, for several signatures or before a long build.
 * @param passphrase asked for where the key is protected
 * @throws ArtError KEY_INVALID
 */
export function openKey(path: string, passphrase: () => Promise<string | undefined>): Promise<Signer> {
  return openSigner(path, passphrase);
}

/**
 * Signs an artifact on disk: checks it, and writes artifact.sigstore.json beside it.
 * @returns the path of what was written
 * @throws ArtError KEY_INVALID; INPUT_NOT_FOUND, MANIFEST_INVALID, ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE;
 *   INVALID_OPTION for a layout that has no place beside it
 */
export async function sign(
  artifact: string,
  { key, passphrase = async () => undefined, sha256 }: SignOptions,
): Promise<string> {
  const signer = typeof key === 'string' ? await openSigner(key, passphrase) : key;
  const opened = await openArtifact(artifact, sha256 === undefined ? {} : { sha256 });
  if (opened.layout === 'json' || opened.layout === 'oci')
    throw new ArtError(
      'INVALID_OPTION',
      `'${artifact}' has the layout '${opened.layout}': sign it as 'archive' or 'dir', and convert it then`,
    );
  const [problem] = await opened.examine();
  if (problem) throw new ArtError('ARCHIVE_INVALID', `'${artifact}' is not sound, and is not signed: ${problem}`);
  const folder = (await nodePlatform.files.kind(artifact)) === 'directory' ? artifact : dirname(artifact);
  const path = join(folder, BUNDLE_NAME);
  await nodePlatform.write(path, new TextEncoder().encode(signArtifact(opened, signer)), false);
  return path;
}

/** What a verification asks for. */
export interface VerifyOptions extends OpenOptions {
  /** An artifact without a signature is not accepted, which takes `keys`. Default: true where `keys` names any. */
  requireSignature?: boolean;
}

/**
 * Checks an artifact, and the signature beside it, from end to end. Without `keys` a signature proves nothing: `check`
 * says whether one was looked at.
 * @returns everything that is wrong, a line each; empty where nothing is
 * @throws ArtError INVALID_OPTION; INPUT_NOT_FOUND; KEY_INVALID
 */
export async function verify(source: string | URL | ArtifactBytes, options: VerifyOptions = {}): Promise<string[]> {
  return (await check(source, options)).failures;
}

/**
 * The same, and what is known of the signature.
 * @throws ArtError INVALID_OPTION; INPUT_NOT_FOUND; KEY_INVALID
 */
export async function check(
  source: string | URL | ArtifactBytes,
  { keys = [], requireSignature: required, ...limits }: VerifyOptions = {},
): Promise<Verification> {
  return verifyArtifact(() => openArtifact(source, limits), keys.map(openVerifier), required);
}

/**
 * What is in an artifact, or in a single object, program or module by its path.
 * @returns the manifest's view, and where asked for sections, symbols and code of every file
 * @throws ArtError of openArtifact; ARCHIVE_INVALID; NO_SUCH_ENTRY; for a single file OBJECT_INVALID, and INVALID_OPTION
 *   where it should be signed
 */
export async function inspect(
  source: string | URL | ArtifactBytes,
  options: InspectOptions & OpenOptions = {},
): Promise<Inspection> {
  const file = typeof source === 'string' ? await readCode(source) : undefined;
  if (!file) return inspectArtifact(await openArtifact(source, openOptions(options)), options, nodePlatform);
  if (options.keys?.length)
    throw new ArtError('INVALID_OPTION', `'${source}' is a file by itself, which has no signature: leave out the keys`);
  return inspectFile(source as string, file, options, nodePlatform);
}

/** Those of some options that say how an artifact is opened. */
const openOptions = ({ keys, maxSize, sha256 }: OpenOptions): OpenOptions => ({
  ...(keys !== undefined && { keys }),
  ...(maxSize !== undefined && { maxSize }),
  ...(sha256 !== undefined && { sha256 }),
});

/** The bytes of a file that is code by itself; undefined where an artifact is meant. */
async function readCode(path: string): Promise<Uint8Array | undefined> {
  if (pathOf(path) !== path || /\.(json|gz)$/.test(path) || (await nodePlatform.files.kind(path)) !== 'file')
    return undefined;
  const bytes = await nodePlatform.files.read(path);
  if (isCode(path, bytes)) return bytes;
  throw new ArtError(
    'OBJECT_INVALID',
    `'${path}' is neither an artifact nor an object, program or module: name an artifact's folder, its artifact.json, or a file such as main.o or main.bc`,
  );
}

/**
 * What differs between two artifacts: keys of the manifests, entries, and for changed entries the first
 * section, function and instruction.
 * @throws ArtError of openArtifact; ARCHIVE_INVALID
 */
export async function diff(
  a: string | URL | ArtifactBytes,
  b: string | URL | ArtifactBytes,
  options: OpenOptions = {},
): Promise<Difference> {
  return diffArtifacts(await openArtifact(a, options), await openArtifact(b, options), nodePlatform);
}

/**
 * Builds an artifact again, in memory, from the provenance in its manifest, and compares every byte.
 * @throws ArtError of openArtifact; BuildFailedError; CANCELLED
 */
export async function rebuild(
  source: string | URL | ArtifactBytes,
  options: RebuildOptions & OpenOptions = {},
): Promise<Rebuild> {
  const artifact = await openArtifact(source, openOptions(options));
  return rebuildOn(nodePlatform, artifact, options, process.cwd().replaceAll('\\', '/'));
}
