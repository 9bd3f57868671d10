// `art link`: links objects, archives and artifacts into a program, a library or an archive.
import { keepEntries } from '../artifact/archive-reader.js';
import { checkLinkOptions, type LinkKind, type LinkOptions, type LinkSettings } from '../config/link-options.js';
import { openOn } from '../consume/open.js';
import { ArtError } from '../errors.js';
import { isInstrumented, type UbsanUse, ubsanUse } from '../formats/instrumented.js';
import { objectKind } from '../formats/object.js';
import { libcOf } from '../formats/shared-library.js';
import type { Platform } from '../platform/types.js';
import {
  type Architecture,
  type ObjectFormat,
  otherLibc,
  parseTargets,
  type Target,
  targetOf,
} from '../targets/targets.js';
import { printable } from '../text/printable.js';
import { INPUTS } from '../toolchain/paths.js';
import { isWithoutLibc } from '../toolchain/refusals.js';
import { openCommandPool } from './command.js';
import { type LinkInput, linkCommand, linkedName, mayCallUbsan, PROFILE_RUNTIME, ubsanFlags } from './link-command.js';

/**
 * Outputs that are complete programs or libraries. Instrumented ones need the profile runtime; the other kinds get it
 * when they are linked into one of these.
 */
const RUNS: ReadonlySet<LinkKind> = new Set(['executable', 'static-pie', 'shared']);

/** The result of `link`. */
export interface LinkResult {
  /** Path of the file, as the options named it; for Windows with '.exe' or '.dll' added if it had no ending. */
  output: string;
  /** The triple that it was linked for. */
  target: string;
  /** Size in bytes. */
  size: number;
  /** sha256 in hex. */
  sha256: string;
  /** What the linker printed: warnings, and what flags such as `-Wl,--print-gc-sections` ask for. */
  diagnostics: string;
}

/** Thrown if the linker fails. */
export class LinkFailedError extends ArtError {
  constructor(
    output: string,
    /** The triple that it was linked for. */
    readonly target: string,
    /** What the linker printed. */
    readonly diagnostics: string,
  ) {
    super('LINK_FAILED', `'${output}' could not be linked for ${target}`);
  }
}

/**
 * Links, and writes the result in one step.
 * @throws ArtError of checkLinkOptions and, for artifacts, of openOn; INPUT_NOT_FOUND, ARCHIVE_INVALID, NO_SOURCES,
 *   MIXED_TARGETS, OUTPUT_NOT_WRITABLE; LinkFailedError
 */
export async function linkOn(platform: Platform, options: LinkOptions, cwd: string): Promise<LinkResult> {
  const settings = checkLinkOptions(options, cwd);
  const artifacts = await findArtifacts(settings, platform);
  checkOpenOptions(settings, artifacts);
  const line: (LinkInput | string)[] = [];
  for (const word of settings.words)
    if ('flag' in word) line.push(...word.flag);
    else if (artifacts.has(word.input)) line.push(...(await readArtifact(word.input, settings, platform)));
    else line.push({ path: word.input });
  const inputs = line.filter((item) => typeof item !== 'string');
  const flags = line.filter((item) => typeof item === 'string');
  const { target, instrumented, uses } = await examineInputs(inputs, settings, platform);
  if (instrumented && RUNS.has(settings.kind)) line.push(PROFILE_RUNTIME);
  if (RUNS.has(settings.kind)) line.push(...ubsanFlags(uses, target, flags, settings.sysroot !== undefined));
  const pool = openCommandPool(platform, 1, [target]);
  try {
    let written: Uint8Array | undefined;
    const named = { ...settings, output: linkedName(settings.output, settings.kind, target) };
    const output = platform.files.resolve(settings.cwd, named.output);
    const command = { ...linkCommand(named, target, line), output };
    const { status, stdout, stderr } = await pool.run(command, async (file) => {
      if (file.path === output) written = file.bytes;
      await pool.write(file);
    });
    if (status !== 0 || !written) throw new LinkFailedError(settings.output, target.triple, stderr);
    const hash = platform.sha256();
    hash.update(written);
    return {
      output: named.output,
      target: target.triple,
      size: written.length,
      sha256: hash.digest(),
      diagnostics: new TextDecoder().decode(stdout) + stderr,
    };
  } finally {
    await pool.close();
  }
}

/**
 * The inputs that are artifacts in any layout: folders, files that end in '.json', and URLs. Other files are linked
 * themselves.
 */
async function findArtifacts({ words, cwd }: LinkSettings, { files }: Platform): Promise<Set<string>> {
  const found = new Set<string>();
  for (const word of words) {
    if ('flag' in word) continue;
    const { input } = word;
    const kind = isURL(input) ? 'file' : await files.kind(files.resolve(cwd, input));
    if (kind === undefined)
      throw new ArtError('INPUT_NOT_FOUND', `no such file or artifact: '${input}' (looked in '${cwd}')`);
    if (kind === 'directory' || isURL(input) || input.endsWith('.json')) found.add(input);
  }
  return found;
}

const isURL = (input: string) => /^(?:https?|file):/i.test(input);

/** Refuses requirements for artifacts if no input is an artifact. */
function checkOpenOptions({ open }: LinkSettings, artifacts: ReadonlySet<string>): void {
  if (artifacts.size === 0 && (open.keys?.length || open.sha256 || open.package || open.notBefore))
    throw new ArtError(
      'INVALID_OPTION',
      'there is no artifact among the inputs to compare with a key, digest, package or time: leave these options out',
    );
}

/** Reads the objects of an artifact, after checking all of it. */
async function readArtifact(shown: string, settings: LinkSettings, platform: Platform): Promise<LinkInput[]> {
  const place = isURL(shown) ? shown : platform.files.resolve(settings.cwd, shown);
  const artifact = await openOn(platform, place, settings.open);
  const { targets } = artifact.manifest;
  const triple = settings.target?.triple ?? onlyTarget(targets, shown);
  const objects = new Set(artifact.entries({ target: triple, type: 'object' }));
  if (objects.size === 0)
    throw new ArtError(
      'NO_SOURCES',
      `the artifact '${shown}' has no objects for ${triple}: it has targets ${printable(targets.join(', '))}; build it with --emit object`,
    );
  const sink = keepEntries((entry) => objects.has(entry));
  await artifact.readInto(sink);
  // Messages show the path below INPUTS, and it must not contain '..'.
  const named = shown.split('/').includes('..') ? place : shown;
  return [...sink.kept].map(([name, bytes]) => ({ path: `${INPUTS}/${named}/${name}`, bytes, triple }));
}

function onlyTarget(targets: readonly string[], shown: string): string {
  if (targets.length === 1) return targets[0] as string;
  throw new ArtError(
    'INVALID_OPTION',
    `the artifact '${shown}' has targets ${printable(targets.join(', '))}: choose one with --target`,
  );
}

/**
 * Finds the target: the named one, or else that of the first object; every object must be for it. Also finds out
 * whether an object is instrumented, and how each uses UBSan's library.
 */
async function examineInputs(
  inputs: readonly LinkInput[],
  settings: LinkSettings,
  { files }: Platform,
): Promise<{ target: Target; instrumented: boolean; uses: UbsanUse[] }> {
  let { target } = settings;
  const uses: UbsanUse[] = [];
  let instrumented = false;
  let first: string | undefined;
  const ownSysroot = settings.sysroot !== undefined;
  const bringsLibc = ownSysroot || settings.words.some((word) => 'flag' in word && word.flag.some(isWithoutLibc));
  for (const { path, bytes, triple } of inputs) {
    const shown = path.replace(`${INPUTS}/`, '');
    const content = bytes ?? (await files.read(files.resolve(settings.cwd, path)));
    instrumented ||= isInstrumented(content);
    const { architecture: machine, format } = objectKind(content) ?? {};
    const known = triple === undefined ? undefined : targetOf(triple);
    // A triple for which art has no libraries, such as that of plain C for a Linux without one, is linked as the
    // default triple of its architecture.
    const named = triple && (ownSysroot || known?.libraries) ? triple : machine && nameOf(machine, format, settings);
    target ??= named === undefined ? undefined : parseTargets([named], ownSysroot)[0];
    // An archive may come before the object that tells the target.
    if (!target || mayCallUbsan(target)) uses.push(ubsanUse(content));
    if (machine === undefined || !target) continue;
    if (machine !== target.architecture)
      throw new ArtError(
        'MIXED_TARGETS',
        `'${shown}' is for ${machine}, ${first ? `'${first}'` : 'the target'} for ${target.architecture}: link one target at a time, and name it with --target`,
      );
    if (format !== target.format)
      throw new ArtError(
        'MIXED_TARGETS',
        `'${shown}' is ${format}, and what is linked for ${target.triple} is ${target.format}: compile it for that target`,
      );
    if (known?.libc && target.libc && known.libc !== target.libc && !ownSysroot)
      throw new ArtError(
        'MIXED_TARGETS',
        `'${shown}' is for ${known.libc} (${triple}), ${first ? `'${first}'` : 'the target'} for ${target.libc} (${target.triple}): link what is for one C library, and build the other for it too`,
      );
    const mixed = bringsLibc ? undefined : otherLibc(target, libcOf(content));
    if (mixed) throw new ArtError('MIXED_TARGETS', `'${shown}' ${mixed}`);
    first ??= shown;
  }
  return { target: target ?? (parseTargets(['x86_64'])[0] as Target), instrumented, uses };
}

/** The default triple of an architecture for linking. That of WebAssembly has no libraries. */
function nameOf(machine: Architecture, format: ObjectFormat | undefined, { words }: LinkSettings): string {
  if (format === 'COFF') return `${machine}-windows-gnu`;
  const bringsAll = words.some((word) => 'flag' in word && word.flag.includes('-nostdlib'));
  return machine === 'wasm32' && !bringsAll ? 'wasm32-wasip1' : machine;
}
