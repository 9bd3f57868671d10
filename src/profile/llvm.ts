// LLVM's profile library, which our program has.
import { ArtError } from '../errors.js';
import type { Toolchain } from '../platform/types.js';
import { firstLines } from '../text/schema-issues.js';
import { INPUTS } from '../toolchain/paths.js';
import { toolResult } from '../toolchain/time-limit.js';
import { toolRequest } from '../toolchain/tool-request.js';
import { shortName } from './names.js';

/** What profiles can be written as: LLVM's binary formats, its text ones, and the artifact profile. */
export const PROFILE_OUTPUTS = ['instr', 'instr-text', 'sample', 'sample-text', 'json'] as const;
/** What a profile can be written as: LLVM's binary and text formats, or the artifact profile. */
export type ProfileOutput = (typeof PROFILE_OUTPUTS)[number];

/** A profile that was read from the host. */
export interface ProfileBytes {
  /** As the user named it. */
  shown: string;
  bytes: Uint8Array;
}

/** What a profile holds. */
export interface ProfileSummary {
  /** Counters of clang's front end or of LLVM's IR, samples, or an artifact profile. */
  kind: 'instr-frontend' | 'instr-ir' | 'sample' | 'artifact';
  /** Such as `raw`, `indexed` or `text`. */
  format: string;
  /** Of the format, where it has one. */
  version: number | null;
  /** Counts are kept apart by call chain. */
  context_sensitive: boolean;
  /** MD5 hashes stand for the names. */
  hashed_names: boolean;
  /** How many functions it has. */
  functions: number;
  /** The sum of their counts. */
  total: number;
  /** The highest count. */
  max: number;
  /** Highest count first, then by name. `total` counts all blocks of a function, `count` its entry. */
  entries: { name: string; count: number; total: number; edges: { callee: string; count: number }[] }[];
}

const OUTPUT = `${INPUTS}/profile-output`;
const WARNING = 'warning: ';

/** What LLVM's library wrote, and what of the profiles it passed over. */
export interface ToolOutput {
  bytes: Uint8Array;
  warnings: string[];
}

/** Merges profiles, or writes one in another format. */
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

/** A line with the files as the user named them, and with names of functions that leave room for what it says. */
function withNames(line: string, inputs: readonly ProfileBytes[]): string {
  return line
    .replace(/[^\s':;]+/g, shortName)
    .replace(/(?:\/\.art\/in\/)?profile-(\d+)/g, (text, i) => (inputs[i] ? `'${inputs[i].shown}'` : text));
}
