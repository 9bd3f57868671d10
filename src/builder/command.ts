// Compiler commands on the host's own files, for `art cc`, LLVM's tools and `art link`.
import { openResultCache, type ResultCache } from '../cache/cache.js';
import { ArtError } from '../errors.js';
import type { CacheChoice, CachePlace, CompileWorker, Platform } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import type { Target } from '../targets/targets.js';
import type { CommandRequest, CommandResult, SourceFile, WrittenFile } from '../toolchain/requests.js';
import { commandTimeout, TimedOut, withinTime } from '../toolchain/time-limit.js';

/** The whole file system of the host. What a command may read is decided by the permissions of the process. */
const HOST_MOUNTS = [{ at: '/', host: '/' }];

/** What a command printed and how it ended. Its files have been written by then. */
export interface CommandOutcome {
  /** Exit status; 0 is success. */
  status: number;
  /** Standard output, all of it. */
  stdout: Uint8Array;
  /** Standard error, as text. */
  stderr: string;
  /** The user's files that were read, if the request asks for them. */
  read?: readonly SourceFile[];
}

/** A pool of workers (threads) that run commands. */
export interface CommandPool {
  /**
   * Runs a command as soon as a worker is free.
   * @param write receives the files that the command made, one after another; default: each is written to its path
   * @param signal stops the command while it runs
   * @param cache the cache that may have the result, and that stores it; left out: none. `warn` is called with the
   *   reason if the cache cannot be used; default: the reason is added to what the command prints
   * @param started called when a worker begins with the command, or when its result was found in the cache
   * @throws ArtError PROGRAM_CORRUPT, CANCELLED; CANNOT_RUN on Windows; whatever `write` throws
   */
  run(
    request: CommandRequest,
    write?: (file: WrittenFile) => Promise<void>,
    signal?: WebAbortSignal,
    cache?: CacheChoice & Partial<Pick<CachePlace, 'warn'>>,
    started?: () => void,
  ): Promise<CommandOutcome>;
  /** Writes a file to its path. */
  write(file: WrittenFile): Promise<void>;
  /** Ends the workers. Call it when no command is running. */
  close(): Promise<void>;
}

/** The outcome of a command that reached its time limit. */
function late(program: string, { seconds }: TimedOut): CommandOutcome {
  const stderr = `art: error: '${program}' was not done after ${seconds} s: raise --timeout (ART_TIMEOUT for art cc), or simplify its input\n`;
  return { status: 1, stdout: new Uint8Array(0), stderr };
}

function checkGoesOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ArtError('CANCELLED', 'the command was cancelled');
}

/**
 * @param size the largest number of workers; each is started when it is first needed
 * @param targets the targets that most commands compile for
 */
export function openCommandPool(platform: Platform, size: number, targets: readonly Target[]): CommandPool {
  const toolchain = platform.openToolchain(HOST_MOUNTS, targets);
  const idle: CompileWorker[] = [];
  const waiting: ((worker: CompileWorker) => void)[] = [];
  let started = 0;

  const borrow = (): Promise<CompileWorker> => {
    const worker = idle.pop();
    if (worker) return Promise.resolve(worker);
    if (started < size) {
      started++;
      return Promise.resolve(toolchain.startWorker());
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (worker: CompileWorker) => {
    const next = waiting.shift();
    if (next) next(worker);
    else idle.push(worker);
  };

  const write = (file: WrittenFile) => platform.write(file.path, file.bytes, file.executable);

  /** @throws ArtError, TimedOut */
  const compute = async (
    request: CommandRequest,
    signal: WebAbortSignal | undefined,
    started: (() => void) | undefined,
  ): Promise<CommandResult> => {
    let worker = await borrow();
    started?.();
    const stop = () => void worker.terminate();
    signal?.addEventListener('abort', stop);
    try {
      checkGoesOn(signal);
      const result = await withinTime(worker.command(request), worker.ready, commandTimeout(request));
      // Files made by any other program than the pinned one are not written.
      await toolchain.verify();
      checkGoesOn(signal);
      return result;
    } catch (error) {
      await worker.terminate();
      worker = toolchain.startWorker();
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
      giveBack(worker);
    }
  };

  const runWith = async (
    request: CommandRequest,
    take: (file: WrittenFile) => Promise<void>,
    signal: WebAbortSignal | undefined,
    cache: ResultCache | undefined,
    started: (() => void) | undefined,
  ): Promise<CommandOutcome> => {
    const found = await cache?.findCommand(request);
    if (found) started?.();
    const result = found ?? (await compute({ ...request, ...(cache && { observe: true }) }, signal, started));
    if (!found) cache?.keepCommand(request, result);
    const { status, stdout, stderr, files, read } = result;
    for (const file of files) await take(file);
    return { status, stdout, stderr, ...(read && { read }) };
  };

  return {
    write,
    async run(request, take = write, signal, place, started) {
      if (!request.directory.startsWith('/'))
        throw new ArtError(
          'CANNOT_RUN',
          "art link and compiler commands such as art cc do not work on Windows yet, whose paths begin with a drive: link with 'art build --link <name>', or use art in WSL",
        );
      let warnings = '';
      const warn = (message: string) => {
        warnings += `art: warning: ${message}\n`;
      };
      const cache =
        place && (await openResultCache(platform, HOST_MOUNTS, { warn, signal, ...place }, () => toolchain.verify()));
      try {
        const outcome = await runWith(request, take, signal, cache, started);
        await cache?.close();
        return { ...outcome, stderr: warnings + outcome.stderr };
      } catch (error) {
        if (error instanceof TimedOut) return late(request.program, error);
        throw error;
      }
    },
    close: () => toolchain.close(),
  };
}
