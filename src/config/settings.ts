// Options and the config file become the settings of a build.
import { dirname, relative } from 'pathe';
import { ArtError } from '../errors.js';
import type { CacheChoice, HostFiles, Signer } from '../platform/types.js';
import { DEFAULT_TARGETS, LIBCS, lackingFlag, parseTargets, type Target } from '../targets/targets.js';
import { EMIT_KINDS, type EmitKind } from '../toolchain/requests.js';
import { CONFIG_NAME, type Config, readConfig } from './config-file.js';
import type { BuildEvent } from './events.js';
import { type PathGroup, shownFrom } from './inputs.js';
import { type BuildOptions, checkOptions, type InstrumentLevel } from './options.js';
import { remoteChoice } from './remote-cache.js';

/** clang flags, where relative paths in them start, and which units they are for. */
export interface FlagGroup {
  flags: readonly string[];
  from: string;
  /** A glob, how to speak of it, and whether it is odd that it matches nothing; left out: all units. */
  files?: { pattern: string; shown: string; expected: boolean };
}

/** The files that steer the optimiser: profiles, or one plan. */
export interface ProfileSettings {
  kind: 'profiles' | 'plan';
  /** Absolute paths, and how messages name them. */
  files: readonly { path: string; shown: string }[];
}

/** All that a build is told, checked and with every default filled in. */
export interface BuildSettings {
  inputs: PathGroup | undefined;
  exclude: PathGroup;
  compileCommands: string | undefined;
  package: string | undefined;
  out: string;
  targets: Target[];
  emit: EmitKind[];
  /** In their order on clang's command line. */
  flags: FlagGroup[];
  link: string | undefined;
  profile: ProfileSettings | undefined;
  instrument: InstrumentLevel | undefined;
  sysroot: string | undefined;
  sysrootFiles: string | undefined;
  manifestOnly: boolean;
  /** Undefined: nothing is cached. */
  cache: CacheChoice | undefined;
  sign: Signer | undefined;
  jobs: number | undefined;
  timeout: number | undefined;
  maxMemory: number | undefined;
  cwd: string;
  sourceDateEpoch: number;
  color: boolean;
  onEvent: (event: BuildEvent) => void;
  signal: AbortSignal | undefined;
}

/** A config file that was read. */
interface FoundConfig {
  shown: string;
  directory: string;
  config: Config;
}

/**
 * Checks options, reads the config file that they name or that is there, and
 * puts both together; options win.
 * @param cwd of the process
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION, UNKNOWN_TARGET, NO_INPUT; those of readConfig
 */
export async function resolveSettings(options: BuildOptions, cwd: string, files: HostFiles): Promise<BuildSettings> {
  checkOptions(options);
  if (options.sign && options.manifestOnly)
    throw new ArtError(
      'INVALID_OPTION',
      '--sign and --manifest-only (sign, manifestOnly): without an archive there is nothing to sign',
    );
  const from = options.cwd ?? cwd;
  const { inputs, compileCommands } = options;
  // What the caller said is wrong before what a file says.
  const ownSysroot = options.sysroot !== undefined;
  const targets = options.targets && parseTargets(options.targets, ownSysroot);
  const emit = options.emit && checkEmit(options.emit);
  const found = await findConfig(options, from, files);
  const config = found?.config ?? {};
  const directory = found?.directory ?? from;
  const named = inputs?.length ? { paths: inputs, from } : undefined;
  // A compile database says what is built in the config file's stead.
  const own = config.sources && !compileCommands ? { paths: config.sources, from: directory } : undefined;
  if (!named && !own && !compileCommands) throw noInput(found);
  const settings: BuildSettings = {
    inputs: named ?? own,
    exclude: { paths: config.exclude ?? [], from: directory },
    compileCommands,
    package: options.package ?? config.package,
    out:
      options.out ??
      (config.out === undefined ? 'artifact' : relative(from, files.resolve(directory, config.out)) || '.'),
    targets: targets ?? parseTargets(config.targets ?? DEFAULT_TARGETS, ownSysroot),
    emit: emit ?? checkEmit(config.emit ?? ['bitcode', 'object']),
    flags: [...(found ? configFlags(found, named === undefined) : []), { flags: options.flags ?? [], from }],
    link: options.link ?? config.link,
    ...profileSettings(options, from, found, files),
    sysroot: options.sysroot,
    sysrootFiles: options.sysrootFiles,
    manifestOnly: options.manifestOnly ?? false,
    cache: cacheChoice(options, from, found, files),
    sign: options.sign,
    jobs: options.jobs,
    timeout: options.timeout,
    maxMemory: options.maxMemory,
    cwd: from,
    sourceDateEpoch: options.sourceDateEpoch ?? 0,
    color: options.color ?? false,
    onEvent: options.onEvent ?? (() => {}),
    signal: options.signal,
  };
  checkLacking(settings);
  checkLink(settings);
  return settings;
}

/** Where results are kept: as options say, else the config file, else nowhere. */
function cacheChoice(
  { cache, cacheSize: maxBytes, remoteCache }: BuildOptions,
  cwd: string,
  found: FoundConfig | undefined,
  files: HostFiles,
): CacheChoice | undefined {
  const remote = remoteCache && remoteChoice(remoteCache);
  const rest = { ...(maxBytes !== undefined && { maxBytes }), ...(remote && { remote }) };
  if (typeof cache === 'string') return { directory: files.resolve(cwd, cache), ...rest };
  const own = found?.config.cache;
  if (cache === false || own === false || (cache === undefined && own === undefined && !remote)) return undefined;
  return { ...(typeof own === 'string' && { directory: files.resolve(found?.directory ?? cwd, own) }), ...rest };
}

type ProfileOptions = Pick<BuildOptions, 'withProfile' | 'plan' | 'instrument'>;

/** What options say of profiles, or where they say nothing, the config file. */
function profileSettings(
  options: ProfileOptions,
  cwd: string,
  found: FoundConfig | undefined,
  files: HostFiles,
): Pick<BuildSettings, 'profile' | 'instrument'> {
  const isSaid = ({ withProfile, plan, instrument }: ProfileOptions) =>
    [withProfile && 'withProfile', plan && 'plan', instrument && 'instrument'].filter((name) => name !== undefined);
  const own = isSaid(options).length > 0 || !found;
  const chosen = own ? options : (found.config as ProfileOptions);
  const { withProfile, plan, instrument } = chosen;
  const said = isSaid(chosen);
  if (said.length > 1)
    throw new ArtError('INVALID_OPTION', `'${said.join("' and '")}' do not go together: name one of them`);
  const from = own ? cwd : found.directory;
  const file = (written: string) => {
    const path = files.resolve(from, written);
    return { path, shown: shownFrom(written, path, { from }, cwd) };
  };
  const profile = withProfile
    ? { kind: 'profiles' as const, files: withProfile.map(file) }
    : plan === undefined
      ? undefined
      : { kind: 'plan' as const, files: [file(plan)] };
  return { profile, instrument };
}

async function findConfig(options: BuildOptions, cwd: string, files: HostFiles): Promise<FoundConfig | undefined> {
  const shown = options.config ?? CONFIG_NAME;
  const path = files.resolve(cwd, shown);
  // One that cannot be looked at is an error once it is read.
  const isThere = async () => (await files.kind(path).catch(() => 'other')) !== undefined;
  if (options.config === undefined && (options.inputs?.length || !(await isThere()))) return undefined;
  return { shown, directory: dirname(path), config: await readConfig(path, shown, files) };
}

/**
 * The flags of a config file: those for all units, then those for some, in the file's order.
 * @param whole all of the config's sources are built
 */
function configFlags({ config, directory, shown }: FoundConfig, whole: boolean): FlagGroup[] {
  const some = Object.entries(config.fileFlags ?? {}).map(([pattern, flags]) => ({
    flags,
    from: directory,
    files: { pattern, shown: `'${pattern}' in 'fileFlags' of '${shown}'`, expected: whole },
  }));
  return [{ flags: config.flags ?? [], from: directory }, ...some];
}

function noInput(found: FoundConfig | undefined): ArtError {
  return new ArtError(
    'NO_INPUT',
    found
      ? `nothing to build: '${found.shown}' has no 'sources', and no file or directory was named`
      : `nothing to build: name at least one file or directory, or write an ${CONFIG_NAME} (art init does)`,
  );
}

/** @throws ArtError UNSUPPORTED_FLAG, INVALID_OPTION for what programs of a target cannot do */
function checkLacking({ targets, flags, sysroot, instrument }: BuildSettings): void {
  if (sysroot !== undefined) return;
  for (const target of targets) {
    const asked = instrument && lackingFlag(target, '-fprofile-generate');
    if (asked) throw new ArtError('INVALID_OPTION', `'instrument' cannot be used for ${target.triple}: ${asked}`);
    for (const flag of flags.flatMap((group) => group.flags)) {
      const why = lackingFlag(target, flag);
      if (why) throw new ArtError('UNSUPPORTED_FLAG', `the flag '${flag}' cannot be used for ${target.triple}: ${why}`);
    }
  }
}

function checkLink({ link, emit, targets, sysroot, flags, instrument }: BuildSettings): void {
  if (link === undefined) return;
  if (!emit.includes('object'))
    throw new ArtError('INVALID_OPTION', "'link' needs objects: name object in 'emit' as well");
  const foreign = targets.find(({ libraries }) => !libraries);
  if (foreign && instrument)
    throw new ArtError(
      'INVALID_OPTION',
      `art has LLVM's profile runtime for ${LIBCS} only: leave out 'link', and link for ${foreign.triple} with clang -fprofile-generate`,
    );
  if (foreign && sysroot === undefined && !flags.some((group) => group.flags.includes('-nostdlib')))
    throw new ArtError(
      'INVALID_OPTION',
      `art has libraries for ${LIBCS} only: link for ${foreign.triple} with a 'sysroot', or with the flag -nostdlib`,
    );
}

function checkEmit(kinds: readonly string[]): EmitKind[] {
  for (const kind of kinds)
    if (!(EMIT_KINDS as readonly string[]).includes(kind))
      throw new ArtError('INVALID_OPTION', `unknown emit kind '${kind}': expected ${EMIT_KINDS.join(', ')}`);
  if (kinds.length === 0) throw new ArtError('INVALID_OPTION', `'emit' is empty: name ${EMIT_KINDS.join(', ')}`);
  return EMIT_KINDS.filter((kind) => kinds.includes(kind));
}
