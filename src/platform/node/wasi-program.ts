import { Worker } from 'node:worker_threads';
import { ArtError } from '../../errors.js';
import type { Ending } from '../../runner/program.js';
import type { WasiNews, WasiRequest } from './wasi-worker.js';

/** As much as programs of this machine have; V8's own is less. */
const STACK_MB = 8;

/** What a program prints, and who may stop it. */
export interface Listener {
  onStdout?: ((bytes: Uint8Array) => void) | undefined;
  onStderr?: ((bytes: Uint8Array) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** The program was stopped by its caller. */
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
    // Its memory is what a program brings; variables of this process are none of its business.
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
