// Compiles one unit for one target, and prepares what people want to see of it.
import { PINNED } from '../assets/pinned.js';
import { loadProfile } from '../builder/profile.js';
import { openResultCache } from '../cache/cache.js';
import { flagPlacer, parseFlags, splitLinking } from '../config/flags.js';
import { type CodeSymbol, type Contents, isModule, type Section } from '../inspect/contents.js';
import { openContentsReader } from '../inspect/reader.js';
import type { CachePlace, CompileWorker, Platform, Toolchain } from '../platform/types.js';
import { parseTargets, type Target } from '../targets/targets.js';
import { PROJECT } from '../toolchain/paths.js';
import type { CompileProfile, CompileRequest, CompileResult, EmitKind } from '../toolchain/requests.js';
import { TimedOut, withinTime } from '../toolchain/time-limit.js';
import { assemblyListing } from './assembly.js';
import { type DemangledNames, demangle as demangleNames, type ShownSymbol } from './demangle.js';
import { DIAGNOSTIC_FLAGS, type Diagnostic, type LinesOf, parseDiagnostics, readable } from './diagnostics.js';
import { debugSections, disassemblyListing, isDebugSection } from './disassembly.js';
import { irListing } from './ir.js';
import type { Listing } from './listing.js';
import type { CompileOptions, Wanted } from './options.js';
import type { Preambles } from './preamble.js';
import { sarifOf } from './sarif.js';
import type { Turn } from './turns.js';

/** The result of a session's `compile`. */
export interface Compilation {
  /** Whether the unit compiled. If not, a diagnostic says why, and there are no outputs. */
  ok: boolean;
  /** Path of the unit. */
  unit: string;
  /** The triple that it was compiled for. */
  target: string;
  /** What clang reported, as data. */
  diagnostics: Diagnostic[];
  /** All that clang printed, with colours (ANSI escape codes). */
  text: string;
  /** The diagnostics as a SARIF 2.1.0 log. */
  sarif(): object;
  /**
   * The assembly. This and the following outputs are there if they were wanted and if the unit can have them: an
   * assembly source has no IR, and WebAssembly no disassembly.
   */
  assembly?: Listing;
  /** The LLVM IR as text. */
  ir?: Listing;
  /** The object file. */
  object?: Uint8Array<ArrayBuffer>;
  /** The LLVM bitcode. */
  bitcode?: Uint8Array<ArrayBuffer>;
  /** The disassembly with bytes and relocations, as llvm-objdump -d -r prints it. */
  disassembly?: Listing;
  /** Sections and symbols of the object, without those that are only for debuggers. */
  contents?: { sections: Section[]; symbols: ShownSymbol[] };
}

/** What a session remembers from earlier units. */
export interface Remembered {
  preambles: Preambles;
  names: DemangledNames;
}

/** The unit to compile, and the files around it. */
export interface UnitToCompile {
  unit: string;
  /** The directory that paths are relative to. */
  root: string;
  linesOf: LinesOf;
}

const EMITS: Readonly<Record<Wanted, EmitKind>> = {
  assembly: 'asm',
  ir: 'ir',
  object: 'object',
  bitcode: 'bitcode',
  disassembly: 'object',
  contents: 'object',
};

/** Line tables. The user's flags come after it and so take precedence. */
const LINES = '-g1';
const isListing = (wanted: Wanted) => wanted === 'assembly' || wanted === 'ir' || wanted === 'disassembly';
/** Whether a unit is in C or a language like it: these have source lines and include headers. */
const isOfC = (unit: string) => !/\.(ll|bc|s|S)$/.test(unit);

/**
 * Compiles a unit on a worker of the platform.
 * @param place where results are stored; undefined if nowhere
 * @throws ArtError UNKNOWN_TARGET, UNSUPPORTED_FLAG, PROGRAM_CORRUPT; of loadProfile
 */
export async function compileOn(
  platform: Platform,
  { unit, root, linesOf }: UnitToCompile,
  {
    target: name = 'x86_64',
    flags = [],
    withProfile,
    wants = ['assembly'],
    lines = wants.some(isListing),
    demangle = false,
    timeout,
    maxMemory,
  }: CompileOptions,
  turn: Turn,
  place: CachePlace | undefined,
  { preambles, names }: Remembered,
): Promise<Compilation> {
  const [target] = parseTargets([name]) as [Target];
  const placer = flagPlacer(root, root, platform.files);
  const placed = splitLinking(placer.place(parseFlags(flags), root)).compiling;
  const emit = new Set(wants.map((wanted) => EMITS[wanted]));
  // The source lines of the disassembly are found with the help of the assembly.
  if (wants.includes('disassembly')) emit.add('asm');
  const request: CompileRequest = {
    path: unit,
    triple: target.triple,
    flags: [...(lines && isOfC(unit) ? [LINES] : []), ...DIAGNOSTIC_FLAGS, ...placed],
    emit: emit.size === 0 || /\.[sS]$/.test(unit) ? ['object'] : [...emit],
    ownSysroot: false,
    color: true,
    sourceDateEpoch: 0,
    shown: { unit: { path: unit, shown: unit }, project: '', mounts: placer.places },
    ...(withProfile && { profile: await readProfiles(platform, root, withProfile) }),
    ...(maxMemory !== undefined && { maxMemory }),
  };
  const mounts = [{ at: PROJECT, host: root }, ...placer.mounts];
  const toolchain = platform.openToolchain(mounts, isOfC(unit) ? [target] : []);
  const cache = place && (await openResultCache(platform, mounts, place, () => toolchain.verify()));
  const text = await platform.files.read(`${root}/${unit}`);
  const result = await run({ toolchain, cache, turn, timeout }, request, (worker, request) =>
    preambles.compile(request, { own: flags, text }, (part) => worker.compile(part)),
  );
  const keepsDebug = flags.some((flag) => /^-g/.test(flag));
  const made = readResult(result, { unit, target, linesOf, keepsDebug });
  const object = result.outputs?.object;
  const isLookedInto = wants.includes('disassembly') || wants.includes('contents');
  const seen = made.ok && object && isLookedInto && (await look(platform, object, made, wants, target));
  const given = only({ ...made, ...seen }, wants);
  return demangle ? { ...given, ...(await demangleNames(given, { platform, turn, maxMemory }, names)) } : given;
}

async function readProfiles(platform: Platform, root: string, paths: readonly string[]): Promise<CompileProfile> {
  const toolchain = platform.openToolchain([], []);
  try {
    const files = paths.map((shown) => ({ path: platform.files.resolve(root, shown), shown }));
    return (await loadProfile({ kind: 'profiles', files }, platform, toolchain)).use;
  } finally {
    await toolchain.close();
  }
}

interface Running {
  toolchain: Toolchain;
  cache: Awaited<ReturnType<typeof openResultCache>>;
  turn: Turn;
  timeout: number | undefined;
}

async function run(
  { toolchain, cache, turn: { signal, endWith }, timeout }: Running,
  request: CompileRequest,
  work: (worker: CompileWorker, request: CompileRequest) => Promise<CompileResult>,
): Promise<CompileResult> {
  const ask = async (request: CompileRequest) => {
    signal.throwIfAborted();
    const worker = toolchain.startWorker();
    endWith(() => worker.terminate());
    const result = await withinTime(work(worker, request), worker.ready, timeout).catch(async (error) => {
      if (!(error instanceof TimedOut)) throw error;
      await worker.terminate();
      return late(request, error);
    });
    await toolchain.verify();
    return result;
  };
  try {
    return await (cache ? cache.unit(request, ask) : ask(request));
  } finally {
    await toolchain.close();
    void cache?.close(); // nobody waits until results are written
  }
}

function late({ path, triple }: CompileRequest, { message }: TimedOut): CompileResult {
  return {
    diagnostics: '',
    read: [],
    failure: { kind: 'timed-out', program: 'clang', message: `${path} for ${triple}: ${message}` },
  };
}

function readResult(
  { diagnostics: printed, failure, outputs = {} }: CompileResult,
  { unit, target, linesOf, keepsDebug }: { unit: string; target: Target; linesOf: LinesOf; keepsDebug: boolean },
): Compilation {
  const diagnostics = parseDiagnostics(printed, linesOf);
  // If clang itself was stopped or crashed, none of its own messages says so.
  if (failure && !diagnostics.some(({ severity }) => severity === 'error' || severity === 'fatal'))
    diagnostics.push({ severity: 'fatal', message: failure.message, ranges: [], notes: [], fixits: [] });
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    ok: failure === undefined,
    unit,
    target: target.triple,
    diagnostics,
    text: readable(printed) + (failure && failure.kind !== 'diagnosed' ? `art: error: ${failure.message}\n` : ''),
    sarif: () => sarifOf(diagnostics, PINNED.llvm.version),
    ...(outputs.asm && { assembly: assemblyListing(text(outputs.asm), keepsDebug) }),
    ...(outputs.ir && { ir: irListing(text(outputs.ir), keepsDebug) }),
    ...(outputs.object && { object: outputs.object as Uint8Array<ArrayBuffer> }),
    ...(outputs.bitcode && { bitcode: outputs.bitcode as Uint8Array<ArrayBuffer> }),
  };
}

/** Removes the outputs that were made only to make others. */
function only(made: Compilation, wants: readonly Wanted[]): Compilation {
  const given = { ...made };
  for (const wanted of ['assembly', 'ir', 'object', 'bitcode'] as const)
    if (!wants.includes(wanted)) delete given[wanted];
  return given;
}

async function look(
  platform: Platform,
  object: Uint8Array,
  { unit, assembly }: Compilation,
  wants: readonly Wanted[],
  { disassembles }: Target,
): Promise<Pick<Compilation, 'disassembly' | 'contents'>> {
  const reader = openContentsReader(platform);
  try {
    const disassemble = disassembles && wants.includes('disassembly');
    const contents = await reader.read(unit, object, { disassemble });
    return {
      ...(disassemble && !isModule(contents) && { disassembly: disassemblyListing(contents, assembly) }),
      ...(wants.includes('contents') && { contents: shownContents(contents) }),
    };
  } finally {
    await reader.close();
  }
}

function shownContents(contents: Contents): { sections: Section[]; symbols: CodeSymbol[] } {
  const isDebug = debugSections(contents);
  return {
    sections: (contents.sections ?? []).filter(({ name }) => !isDebugSection(name)),
    symbols: contents.symbols.filter(({ section, name }) => !isDebug(section) && name !== ''),
  };
}
