// Cached results of compiler commands: which are stored, what they depend on besides the host, and how they are stored.
import type { CacheStore } from '../platform/types.js';
import { isMeant } from '../toolchain/command.js';
import type { Answer, Observed, Question } from '../toolchain/host-view.js';
import type { CommandRequest, CommandResult } from '../toolchain/requests.js';
import { bytesOf, type Content, isFields, textIn } from './entries.js';
import { filesRead, namesRead } from './units.js';

/**
 * Commands that are not cached: a time trace is about one run, clang keeps implicit modules in a cache of its own, and
 * answers of the driver take no time.
 */
const NOT_KEPT =
  /^(-f|--?)time-trace|^-ftime-report|^-fmodules|^-fimplicit-module|^-###$|^-(-)?print-|^--version$|^-v$/;

/** Whether the results of a command are cached: commands that compile or link. */
export const isCacheable = ({ program, args }: CommandRequest): boolean =>
  (program === 'clang' || program === 'clang++') && args.length > 0 && !args.some((arg) => NOT_KEPT.test(arg));

/** Everything in a request that determines its result. */
export function commandIdentity(request: CommandRequest, sha256: (bytes: Uint8Array) => string): unknown {
  const { observe: _, timeout: __, stdin, inputs, env, ...same } = request;
  return {
    command: Object.entries(same).sort(([a], [b]) => (a < b ? -1 : 1)),
    env: Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)),
    stdin: sha256(stdin),
    inputs: inputs?.map(({ path, bytes }) => [path, sha256(bytes)]),
  };
}

export async function commandEntry(
  { stdout, stderr, files }: CommandResult,
  observed: Observed,
  request: CommandRequest,
  content: Content,
): Promise<unknown> {
  const kept = [];
  for (const { path, bytes, executable } of files) kept.push({ path, executable, bytes: await content(bytes) });
  return {
    stdout: await content(stdout),
    stderr,
    files: kept,
    ...(request.recordRead && {
      read: namesRead(observed, request.recordRead === 'host'),
    }),
  };
}

/** Reads an entry. @returns undefined if it, or something that it names, is damaged */
export async function entryCommand(
  entry: unknown,
  answers: ReadonlyMap<Question, Answer>,
  request: CommandRequest,
  store: CacheStore,
): Promise<CommandResult | undefined> {
  if (!isFields(entry) || !Array.isArray(entry.files)) return undefined;
  const stderr = textIn(entry, 'stderr');
  const stdout = await bytesOf(entry.stdout, store);
  const read = request.recordRead ? filesRead(entry.read, answers) : [];
  if (stderr === undefined || !stdout || !read) return undefined;
  const result: CommandResult = { status: 0, stdout, stderr, files: [], ...(request.recordRead && { read }) };
  for (const file of entry.files) {
    const path = isFields(file) ? textIn(file, 'path') : undefined;
    const bytes = isFields(file) ? await bytesOf(file.bytes, store) : undefined;
    if (path === undefined || !isMeant(path, request) || !bytes) return undefined;
    result.files.push({ path, bytes, executable: (file as { executable?: unknown }).executable === true });
  }
  return result;
}
