// Compiler commands on the host's own files: `art cc` and its kin, `art link`.
import { ArtError } from '../errors.js';
import type { CompileWorker, Platform } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import type { Target } from '../targets/targets.js';
import type { CommandRequest, SourceFile, WrittenFile } from '../toolchain/requests.js';
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
   * @param started is called when a worker has it
   * @throws ArtError PROGRAM_CORRUPT, CANCELLED; whatever `write` throws
   */
  run(
    request: CommandRequest,
    write?: (file: WrittenFile) => Promise<void>,
    signal?: WebAbortSignal,
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
  return {
    write,
    async run(request, take = write, signal, started) {
      let worker = await borrow();
      started?.();
      const stop = () => void worker.terminate();
      signal?.addEventListener('abort', stop);
      try {
        checkGoesOn(signal);
        const { files, ...outcome } = await withinTime(worker.command(request), worker.ready, commandTimeout(request));
        // Nothing is written that was made by other programs than the pinned ones.
        await toolchain.verify();
        checkGoesOn(signal);
        for (const file of files) await take(file);
        return outcome;
      } catch (error) {
        await worker.terminate();
        worker = toolchain.startWorker();
        if (error instanceof TimedOut) return late(request.program, error);
        throw error;
      } finally {
        signal?.removeEventListener('abort', stop);
        giveBack(worker);
      }
    },
    close: () => toolchain.close(),
  };
}
