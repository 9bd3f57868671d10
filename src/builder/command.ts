// Compiler commands on the host's own files: `art cc` and its kin, `art link`.
import { openResultCache, type ResultCache } from '../cache/cache.js';
import { ArtError } from '../errors.js';
import type { CacheChoice, CachePlace, CompileWorker, Platform } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import type { Target } from '../targets/targets.js';
import type { CommandRequest, CommandResult, SourceFile, WrittenFile } from '../toolchain/requests.js';
import { commandTimeout, TimedOut, withinTime } from '../toolchain/time-limit.js';

/** The whole file system of the host; what a command may read is up to the host's permissions. */
const HOST_MOUNTS = [{ at: '/', host: '/' }];

/** What a command printed and how it ended; its files are written by then. */
export interface CommandOutcome {
  status: number;
  stdout: Uint8Array;
  stderr: string;
  /** The user's files that were read, where the request asks for them. */
  read?: readonly SourceFile[];
}

/** Workers that run commands, kept for the next ones. */
export interface CommandPool {
  /**
   * Runs a command as soon as a worker is free.
   * @param write is given what the command wrote, one file after another; default: it is written to its place
   * @param signal stops the command where it is
   * @param cache where its result may be, and is kept; left out: nowhere. `warn` is told why nothing can be; default: what
   *   the command prints says so
   * @param started is called when a worker has it, or where its result was found
   * @throws ArtError PROGRAM_CORRUPT, CANCELLED; CANNOT_RUN on Windows; whatever `write` throws
   */
  run(
    request: CommandRequest,
    write?: (file: WrittenFile) => Promise<void>,
    signal?: WebAbortSignal,
    cache?: CacheChoice & Partial<Pick<CachePlace, 'warn'>>,
    started?: () => void,
  ): Promise<CommandOutcome>;
  /** Writes a file to its place. */
  write(file: WrittenFile): Promise<void>;
  close(): Promise<void>;
}

/** What becomes of a command that takes too long. */
function late(program: string, { seconds }: TimedOut): CommandOutcome {
  const stderr = `art: error: '${program}' was not done after ${seconds} s: raise --timeout (ART_TIMEOUT for art cc), or mend its input\n`;
  return { status: 1, stdout: new Uint8Array(0), stderr };
}

function checkGoesOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ArtError('CANCELLED', 'the command was cancelled');
}

/**
 * @param size workers at most; each is started when it is first needed
 * @param targets those that commands are mostly for
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
      // Nothing is written that was made by other programs than the pinned ones.
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
      const cache = place && openResultCache(platform, HOST_MOUNTS, { warn, ...place }, () => toolchain.verify());
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
