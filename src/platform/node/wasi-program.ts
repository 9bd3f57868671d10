import { Worker } from 'node:worker_threads';
import { ArtError } from '../../errors.js';
import type { Ending } from '../../runner/program.js';
import type { WasiNews, WasiRequest } from './wasi-worker.js';

/** Stack size, as of native programs; V8's default is smaller. */
const STACK_MB = 8;

/** Receives what a program prints, and can stop it. */
export interface Listener {
  onStdout?: ((bytes: Uint8Array) => void) | undefined;
  onStderr?: ((bytes: Uint8Array) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** The error for a program that its caller stopped. */
export const stopped = () => new ArtError('CANCELLED', 'the program was stopped before its end');

/**
 * Runs a WASI program in a thread.
 * @throws ArtError CANCELLED
 */
export function runWasi(request: WasiRequest, { onStdout, onStderr, signal }: Listener): Promise<Ending> {
  if (signal?.aborted) return Promise.reject(stopped());
  const thread = new Worker(new URL('./wasi-worker.js', import.meta.url), {
    workerData: request,
    resourceLimits: { stackSizeMb: STACK_MB },
    execArgv: [],
    // The program must not see the environment variables of this process.
    env: {},
  });
  let stop = () => {};
  const ended = new Promise<Ending>((resolve, reject) => {
    stop = () => reject(stopped());
    signal?.addEventListener('abort', stop);
    thread.on('message', (news: WasiNews) => {
      if ('ending' in news) resolve(news.ending);
      else (news.to === 'stdout' ? onStdout : onStderr)?.(news.printed);
    });
    thread.on('error', reject);
    thread.on('exit', () => reject(new Error('the thread of the program ended')));
  });
  return ended.finally(() => {
    signal?.removeEventListener('abort', stop);
    return thread.terminate();
  });
}
