import { ArtError } from '../../errors.js';
import { startWorker } from './start-worker.js';
import type { WasiNews, WasiRequest } from './wasi-worker.js';

/** How a program ended, and its files at that time. */
export type WasiOutcome = Extract<WasiNews, { ending: unknown }>;

/**
 * Runs a WASI program in a worker of its own.
 * @throws ArtError CANCELLED
 */
export async function runWasi(
  request: WasiRequest,
  {
    onStdout,
    onStderr,
    signal,
  }: {
    onStdout?: ((bytes: Uint8Array) => void) | undefined;
    onStderr?: ((bytes: Uint8Array) => void) | undefined;
    signal?: AbortSignal | undefined;
  },
): Promise<WasiOutcome> {
  const stopped = () => new ArtError('CANCELLED', 'the program was stopped before its end');
  if (signal?.aborted) throw stopped();
  const worker = startWorker(new URL('./wasi-worker.js', import.meta.url), 'art run');
  let stop = () => {};
  try {
    return await new Promise<WasiOutcome>((resolve, reject) => {
      stop = () => reject(stopped());
      signal?.addEventListener('abort', stop);
      worker.onmessage = ({ data }: MessageEvent<WasiNews>) => {
        if ('ending' in data) resolve(data);
        else (data.to === 'stdout' ? onStdout : onStderr)?.(data.printed);
      };
      worker.onerror = ({ message }: ErrorEvent) =>
        reject(new Error(message || "its script, wasi-worker.js beside art's module, did not load"));
      worker.postMessage(request);
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    worker.terminate();
  }
}
