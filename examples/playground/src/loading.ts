// Shows how many bytes of the compiler have been received.
import type { LoadEvent } from '../../../src/browser.js';
import { $ } from './dom.js';

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
const files = new Map<string, LoadEvent>();

/** The received bytes of a file and their total; for a compressed transfer, in compressed bytes. */
function amounts({ loaded, total, packed }: LoadEvent): [number, number] {
  const all = total ?? loaded;
  return packed === undefined ? [loaded, all] : [Math.round((loaded / all) * packed), packed];
}

export function showLoading(event: LoadEvent): void {
  files.set(event.file, event);
  const all = [...files.values()].map(amounts);
  const loaded = all.reduce((sum, [part]) => sum + part, 0);
  const total = all.reduce((sum, [, whole]) => sum + whole, 0);
  const isDone = loaded >= total;
  const bar = $<HTMLProgressElement>('progress');
  bar.max = total;
  bar.value = loaded;
  $('loading').hidden = isDone;
  $('loading-text').textContent = `Fetching the compiler: ${megabytes(loaded)} of ${megabytes(total)} MB`;
}

export const endLoading = (): void => {
  $('loading').hidden = true;
};
