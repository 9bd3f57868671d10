// Uses LLVM's profile library, which is part of llvm.wasm.
import { ArtError } from '../errors.js';
import type { Toolchain } from '../platform/types.js';
import { firstLines } from '../text/schema-issues.js';
import { INPUTS } from '../toolchain/paths.js';
import { toolResult } from '../toolchain/time-limit.js';
import { toolRequest } from '../toolchain/tool-request.js';
import { shortName } from './names.js';

/**
 * The formats that a profile can be written in: LLVM's binary and text formats of instrumentation and sample profiles,
 * and the artifact profile (JSON).
 */
export const PROFILE_OUTPUTS = ['instr', 'instr-text', 'sample', 'sample-text', 'json'] as const;
/** A format that a profile can be written in; see `PROFILE_OUTPUTS`. */
export type ProfileOutput = (typeof PROFILE_OUTPUTS)[number];

/** A profile that was read from the host. */
export interface ProfileBytes {
  /** Its path, as the user wrote it. */
  shown: string;
  bytes: Uint8Array;
}

/** The result of `showProfile`: what is in a profile. */
export interface ProfileSummary {
  /**
   * Its kind: counters inserted by clang's front end, counters inserted in LLVM's IR, samples, or an artifact profile.
   */
  kind: 'instr-frontend' | 'instr-ir' | 'sample' | 'artifact';
  /** The file format, such as `raw`, `indexed` or `text`. */
  format: string;
  /** Version of the file format; null if it has none. */
  version: number | null;
  /** Whether the counts of a function are recorded separately for each chain of callers. */
  context_sensitive: boolean;
  /** Whether functions are named by the MD5 hashes of their names. */
  hashed_names: boolean;
  /** Number of functions. */
  functions: number;
  /** The sum of all counts. */
  total: number;
  /** The highest count. */
  max: number;
  /**
   * The functions, highest count first, then by name. `count` is how often the function was entered; `total` is the sum
   * of the counts of all its blocks.
   */
  entries: { name: string; count: number; total: number; edges: { callee: string; count: number }[] }[];
}

const OUTPUT = `${INPUTS}/profile-output`;
const WARNING = 'warning: ';

/** What LLVM's library wrote, and which parts of the profiles it ignored. */
export interface ToolOutput {
  bytes: Uint8Array;
  warnings: string[];
}

/** Merges profiles, or converts one to another format. */
export function mergeWithLLVM(
  toolchain: Toolchain,
  format: ProfileOutput,
  inputs: readonly ProfileBytes[],
): Promise<ToolOutput> {
  return runTool(toolchain, ['merge', `--format=${format}`], inputs);
}

export async function summariseWithLLVM(toolchain: Toolchain, input: ProfileBytes): Promise<ProfileSummary> {
  const { bytes } = await runTool(toolchain, ['show'], [input]);
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** @throws ArtError PROFILE_INVALID with LLVM's reason; CANCELLED and PROGRAM_CORRUPT of the toolchain */
async function runTool(
  toolchain: Toolchain,
  [command = '', ...options]: readonly string[],
  inputs: readonly ProfileBytes[],
): Promise<ToolOutput> {
  const placed = inputs.map(({ bytes }, i) => ({ path: `${INPUTS}/profile-${i}`, bytes }));
  const worker = toolchain.startWorker();
  try {
    const args = [command, `--output=${OUTPUT}`, ...options, ...placed.map(({ path }) => path)];
    const running = worker.command(toolRequest('profdata', args, placed));
    const { status, stderr, files } = await toolResult(
      running,
      worker.ready,
      (why) => new ArtError('PROFILE_INVALID', `LLVM's profile library was stopped: ${why}`),
    );
    const output = files.find((file) => file.path === OUTPUT);
    const lines = stderr.split('\n').map((line) => withNames(line.trim(), inputs));
    const warnings = lines.filter((line) => line.startsWith(WARNING)).map((line) => line.slice(WARNING.length));
    if (status === 0 && output) return { bytes: output.bytes, warnings: firstLines(warnings) };
    throw new ArtError('PROFILE_INVALID', explain(lines) || `LLVM's profile library ended with ${status}`);
  } finally {
    await worker.terminate();
  }
}

/** The first line that says what is wrong. */
function explain(lines: readonly string[]): string {
  const line = lines.find((text) => text !== '' && !text.startsWith(WARNING)) ?? '';
  return line.replace(/^(profdata|llvm|llvm-profdata): /, '').replace(/^error: /, '');
}

/** Replaces paths in a line by those that the user wrote, and shortens long function names. */
function withNames(line: string, inputs: readonly ProfileBytes[]): string {
  return line
    .replace(/[^\s':;]+/g, shortName)
    .replace(/(?:\/\.art\/in\/)?profile-(\d+)/g, (text, i) => (inputs[i] ? `'${inputs[i].shown}'` : text));
}
