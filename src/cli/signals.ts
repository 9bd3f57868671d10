// SIGINT, SIGTERM and SIGHUP in a command that writes files: it removes its unfinished files, and exits with the status
// that shells give for that signal: 130, 143, 129. Commands that write nothing are ended by the system, with the same
// status.
import { constants } from 'node:os';
import { discardUnfinished } from '../index.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let cancelledBy: NodeJS.Signals | undefined;

const statusOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** How long it waits after a signal, so that a system call in progress, such as creating a folder, is finished. */
const SETTLED_MS = 20;

function endAtOnce(signal: NodeJS.Signals): never {
  discardUnfinished();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SETTLED_MS);
  discardUnfinished();
  process.exit(statusOf(signal));
}

async function listening<T>(onSignal: (signal: NodeJS.Signals) => void, run: () => Promise<T>): Promise<T> {
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await run();
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** Runs something that a signal ends at once. */
export const endedBySignals = <T>(run: () => Promise<T>): Promise<T> => listening(endAtOnce, run);

/**
 * Runs something that a first signal asks to end and a second one ends at once. Afterwards `statusAfterSignal` returns
 * the status.
 */
export function cancelledBySignals<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const cancel = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (cancelledBy) endAtOnce(signal);
    cancelledBy = signal;
    cancel.abort();
  };
  return listening(onSignal, () => run(cancel.signal));
}

/** The exit status of a failed command: that of the signal if one ended it. */
export const statusAfterSignal = (status: number): number => (cancelledBy ? statusOf(cancelledBy) : status);
