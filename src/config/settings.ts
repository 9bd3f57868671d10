// Makes the settings of a build from the options and the config file.
import { dirname, relative } from 'pathe';
import { ArtError } from '../errors.js';
import type { CacheChoice, HostFiles, Signer } from '../platform/types.js';
import { DEFAULT_TARGETS, LIBCS, lackingFlag, parseTargets, type Target } from '../targets/targets.js';
import { EMIT_KINDS, type EmitKind } from '../toolchain/requests.js';
import { CONFIG_NAME, type Config, readConfig } from './config-file.js';
import type { BuildEvent } from './events.js';
import { type PathGroup, shownFrom } from './inputs.js';
import { type BuildOptions, checkOptions, type InstrumentLevel, type Shard } from './options.js';
import { remoteChoice } from './remote-cache.js';

/** clang's flags, the directory that relative paths in them are resolved against, and the units that they are for. */
export interface FlagGroup {
  flags: readonly string[];
  from: string;
  /**
   * A glob that selects units, its name in messages, and whether there is a warning if it matches none. Left out: all
   * units.
   */
  files?: { pattern: string; shown: string; expected: boolean };
}

/** The input of the optimiser: profiles, or one plan. */
export interface ProfileSettings {
  kind: 'profiles' | 'plan';
  /** The absolute path of each file, and its name in messages. */
  files: readonly { path: string; shown: string }[];
}

/** All settings of a build, checked, with every default filled in. */
export interface BuildSettings {
  inputs: PathGroup | undefined;
  exclude: PathGroup;
  compileCommands: string | undefined;
  package: string | undefined;
  out: string;
  targets: Target[];
  emit: EmitKind[];
  /** The flags in the order of clang's command line. */
  flags: FlagGroup[];
  link: string | undefined;
  profile: ProfileSettings | undefined;
  instrument: InstrumentLevel | undefined;
  sysroot: string | undefined;
  sysrootFiles: string | undefined;
  manifestOnly: boolean;
  /** The cache; undefined: none. */
  cache: CacheChoice | undefined;
  shard: Shard | undefined;
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

/** A config file after reading. */
interface FoundConfig {
  shown: string;
  directory: string;
  config: Config;
}

/**
 * Checks the options, reads the config file that they name or that exists, and combines both; options take precedence.
 * @param cwd working directory of the process
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION, UNKNOWN_TARGET, NO_INPUT; those of readConfig
 */
export async function resolveSettings(options: BuildOptions, cwd: string, files: HostFiles): Promise<BuildSettings> {
  checkOptions(options);
  if (options.sign && options.manifestOnly)
    throw new ArtError(
      'INVALID_OPTION',
      '--sign and --manifest-only (sign, manifestOnly): without an archive there is nothing to sign',
    );
  if (options.shard && (options.sign || options.manifestOnly))
    throw new ArtError(
      'INVALID_OPTION',
      options.sign
        ? '--shard and --sign: a part is not signed, but the whole artifact, by art merge --sign'
        : '--shard and --manifest-only: a manifest is made as a whole',
    );
  const from = options.cwd ?? cwd;
  const { inputs, compileCommands } = options;
  // Errors in the options are reported before those in the file.
  const ownSysroot = options.sysroot !== undefined;
  const targets = options.targets && parseTargets(options.targets, ownSysroot);
  const emit = options.emit && checkEmit(options.emit);
  const found = await findConfig(options, from, files);
  const config = found?.config ?? {};
  const directory = found?.directory ?? from;
  const named = inputs?.length ? { paths: inputs, from } : undefined;
  // With a compile database, the sources of the config file are not used.
  const own = config.sources && !compileCommands ? { paths: config.sources, from: directory } : undefined;
  if (!named && !own && !compileCommands) throw noInput(found);
  const settings: BuildSettings = {
    inputs: named ?? own,
    exclude: { paths: config.exclude ?? [], from: directory },
    compileCommands,
    package: options.package ?? config.package,
    out: options.out ?? outOf(options, config.out && (relative(from, files.resolve(directory, config.out)) || '.')),
    targets: targets ?? parseTargets(config.targets ?? DEFAULT_TARGETS, ownSysroot),
    emit: emit ?? checkEmit(config.emit ?? ['bitcode', 'object']),
    flags: [...(found ? configFlags(found, named === undefined) : []), { flags: options.flags ?? [], from }],
    link: options.link ?? config.link,
    ...profileSettings(options, from, found, files),
    sysroot: options.sysroot,
    sysrootFiles: options.sysrootFiles,
    manifestOnly: options.manifestOnly ?? false,
    cache: cacheChoice(options, from, found, files),
    shard: options.shard,
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

/** The cache that the options name, else that of the config file, else none. */
export function cacheChoice(
  { cache, cacheSize: maxBytes, remoteCache }: Pick<BuildOptions, 'cache' | 'cacheSize' | 'remoteCache'>,
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

/** The default output directory. The parts of a build may be on the same disk, so each has a directory of its own. */
const outOf = ({ shard }: BuildOptions, out = 'artifact') =>
  shard ? `${out === '.' ? 'artifact' : out}-parts/${shard.index}-of-${shard.count}` : out;

type ProfileOptions = Pick<BuildOptions, 'withProfile' | 'plan' | 'instrument'>;

/** The profiles that the options name, or if they name none, those of the config file. */
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
  // If it cannot be accessed, reading it reports the error.
  const isThere = async () => (await files.kind(path).catch(() => 'other')) !== undefined;
  if (options.config === undefined && (options.inputs?.length || !(await isThere()))) return undefined;
  return { shown, directory: dirname(path), config: await readConfig(path, shown, files) };
}

/**
 * The flags of a config file: those for all units, then those for some, in the order of the file.
 * @param whole whether all sources of the config are built
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
