// `art link`: objects, archives and artifacts to a program, a library or an archive.
import { basename, dirname, join, resolve } from 'pathe';
import { checkArchive, keepEntries } from '../artifact/archive-reader.js';
import { parseManifest } from '../artifact/manifest.js';
import { ARCHIVE_NAME, MANIFEST_NAME } from '../artifact/names.js';
import { checkLinkOptions, type LinkKind, type LinkOptions, type LinkSettings } from '../config/link-options.js';
import { ArtError } from '../errors.js';
import { isInstrumented } from '../formats/instrumented.js';
import { objectKind } from '../formats/object.js';
import type { Platform } from '../platform/types.js';
import { parseTargets, type Target } from '../targets/targets.js';
import { INPUTS } from '../toolchain/paths.js';
import { openCommandPool } from './command.js';
import { type LinkInput, linkCommand, PROFILE_RUNTIME } from './link-command.js';

/** Outputs that run, and so write a profile; what else is linked may become part of one. */
const RUNS: ReadonlySet<LinkKind> = new Set(['executable', 'static-pie', 'shared']);

/** What was linked. */
export interface LinkResult {
  /** As given. */
  output: string;
  target: string;
  /** Size in bytes and sha256, in hex, of the file. */
  size: number;
  sha256: string;
  /** What the linker printed: warnings, and what flags such as `-Wl,--print-gc-sections` ask for. */
  diagnostics: string;
}

/** The linker said what is wrong; `diagnostics` is what it said. */
export class LinkFailedError extends ArtError {
  constructor(
    output: string,
    /** The triple that it was linked for. */
    readonly target: string,
    readonly diagnostics: string,
  ) {
    super('LINK_FAILED', `'${output}' could not be linked for ${target}`);
  }
}

/**
 * Links, and writes the result in one step.
 * @throws ArtError of checkLinkOptions; INPUT_NOT_FOUND, MANIFEST_INVALID, ARCHIVE_INVALID,
 *   MIXED_TARGETS, OUTPUT_NOT_WRITABLE; LinkFailedError
 */
export async function linkOn(platform: Platform, options: LinkOptions, cwd: string): Promise<LinkResult> {
  const settings = checkLinkOptions(options, cwd);
  const line: (LinkInput | string)[] = [];
  for (const word of settings.words)
    line.push(...('flag' in word ? word.flag : await readInput(word.input, settings, platform)));
  const inputs = line.filter((item) => typeof item !== 'string');
  const { target, instrumented } = await examineInputs(inputs, settings, platform);
  if (instrumented && RUNS.has(settings.kind)) line.push(PROFILE_RUNTIME);
  const pool = openCommandPool(platform, 1);
  try {
    let written: Uint8Array | undefined;
    const output = resolve(settings.cwd, settings.output);
    const { status, stdout, stderr } = await pool.run(linkCommand(settings, target, line), async (file) => {
      if (file.path === output) written = file.bytes;
      await pool.write(file);
    });
    if (status !== 0 || !written) throw new LinkFailedError(settings.output, target.triple, stderr);
    const hash = platform.sha256();
    hash.update(written);
    return {
      output: settings.output,
      target: target.triple,
      size: written.length,
      sha256: hash.digest(),
      diagnostics: new TextDecoder().decode(stdout) + stderr,
    };
  } finally {
    await pool.close();
  }
}

/** A file is itself; an artifact, by its folder or its manifest, is the objects in it. */
async function readInput(shown: string, settings: LinkSettings, { files, sha256 }: Platform): Promise<LinkInput[]> {
  const path = resolve(settings.cwd, shown);
  const kind = await files.kind(path);
  if (kind === undefined)
    throw new ArtError('INPUT_NOT_FOUND', `no such file or artifact: '${shown}' (looked in '${settings.cwd}')`);
  const manifestPath = kind === 'directory' ? join(path, MANIFEST_NAME) : path;
  if (basename(manifestPath) !== MANIFEST_NAME) return [{ path: shown }];
  if ((await files.kind(manifestPath)) !== 'file')
    throw new ArtError('INPUT_NOT_FOUND', `the directory '${shown}' is no artifact: it has no ${MANIFEST_NAME}`);
  const manifest = await parseManifest(new TextDecoder().decode(await files.read(manifestPath)));
  const triple = settings.target?.triple ?? onlyTarget(manifest.targets, shown);
  const objects = new Map(
    manifest.entries.filter((e) => e.target === triple && e.type.startsWith('object/')).map((e) => [e.path, e]),
  );
  if (objects.size === 0)
    throw new ArtError(
      'NO_SOURCES',
      `the artifact '${shown}' has no objects for ${triple}: it has targets ${manifest.targets.join(', ')}; build it with --emit object`,
    );
  const archive = files.stream(join(dirname(manifestPath), ARCHIVE_NAME));
  const sink = keepEntries((entry) => objects.has(entry.path));
  await checkArchive(manifest, archive, { sha256, sink });
  // The name in messages is what is below INPUTS, so it must not lead out of there.
  const named = shown.split('/').includes('..') ? path : shown;
  return [...sink.kept].map(([name, bytes]) => ({ path: `${INPUTS}/${named}/${name}`, bytes, triple }));
}

function onlyTarget(targets: readonly string[], shown: string): string {
  if (targets.length === 1) return targets[0] as string;
  throw new ArtError(
    'INVALID_OPTION',
    `the artifact '${shown}' has targets ${targets.join(', ')}: choose one with --target`,
  );
}

/**
 * The target, which is the one that was named or else that of the first object; every object must be for it.
 * And whether any of them counts what it runs.
 */
async function examineInputs(
  inputs: readonly LinkInput[],
  settings: LinkSettings,
  { files }: Platform,
): Promise<{ target: Target; instrumented: boolean }> {
  let { target } = settings;
  let instrumented = false;
  let first: string | undefined;
  for (const { path, bytes, triple } of inputs) {
    const shown = path.replace(`${INPUTS}/`, '');
    const content = bytes ?? (await files.read(resolve(settings.cwd, path)));
    instrumented ||= isInstrumented(content);
    const machine = objectKind(content)?.architecture;
    if (machine === undefined) continue;
    // Without a sysroot there are only musl's libraries, which plain C for another one links with as well.
    target ??= parseTargets([(settings.sysroot && triple) || machine])[0] as Target;
    if (machine !== target.architecture)
      throw new ArtError(
        'MIXED_TARGETS',
        `'${shown}' is for ${machine}, ${first ? `'${first}'` : 'the target'} for ${target.architecture}: link one target at a time, and name it with --target`,
      );
    first ??= shown;
  }
  return { target: target ?? (parseTargets(['x86_64'])[0] as Target), instrumented };
}
