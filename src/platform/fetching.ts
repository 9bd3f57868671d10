// Fetches with a limit on silence: by itself, fetch waits for minutes, or without an end.
import { chunksOf } from './streams.js';
import type { WebAbortSignal } from './web-types.js';

/** After so many seconds without a byte, a server is given up. */
const SILENCE = 30;

/**
 * Fetches a URL, and gives up if the server sends nothing for 30 s: no answer, or no further piece of its body. The time
 * that the reader of the body takes does not count.
 * @throws Error if there is no answer; reading the body throws as well. `fetchFailure` says why.
 */
export async function fetchUnlessSilent(
  url: string | URL,
  signal?: WebAbortSignal,
): Promise<{ response: Response; body: AsyncGenerator<Uint8Array> }> {
  const silence = new AbortController();
  const stop = signal ? AbortSignal.any([signal as AbortSignal, silence.signal]) : silence.signal;
  const heard = async <T>(waiting: Promise<T>): Promise<T> => {
    const giveUp = () => silence.abort(new Error(`the server has sent nothing for ${SILENCE} s`));
    const timer = setTimeout(giveUp, SILENCE * 1000);
    try {
      return await waiting;
    } catch (error) {
      throw stop.aborted ? stop.reason : error;
    } finally {
      clearTimeout(timer);
    }
  };
  const response = await heard(fetch(url, { signal: stop }));
  return { response, body: pieces(response, heard) };
}

async function* pieces(response: Response, heard: <T>(waiting: Promise<T>) => Promise<T>): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  const chunks = chunksOf(response.body);
  try {
    for (let next = await heard(chunks.next()); !next.done; next = await heard(chunks.next())) yield next.value;
  } finally {
    await chunks.return(undefined);
  }
}
