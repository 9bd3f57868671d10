// What SIGINT, SIGTERM and SIGHUP do to a command that writes: it takes away what it had begun, and has the status that
// shells give to what a signal ended: 130, 143, 129. Other commands end as the system has it, with the same status.
import { constants } from 'node:os';
import { discardUnfinished } from '../index.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let cancelledBy: NodeJS.Signals | undefined;

const statusOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** What is under way when a signal comes, such as making a folder, is over after that. */
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

/** Runs what a signal ends at once. */
export const endedBySignals = <T>(run: () => Promise<T>): Promise<T> => listening(endAtOnce, run);

/** Runs what a signal tells to end, and a second one ends at once. `statusAfterSignal` then has its status. */
export function cancelledBySignals<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const cancel = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (cancelledBy) endAtOnce(signal);
    cancelledBy = signal;
    cancel.abort();
  };
  return listening(onSignal, () => run(cancel.signal));
}

/** The exit status of a command that has failed: the signal's, where one told it to end. */
export const statusAfterSignal = (status: number): number => (cancelledBy ? statusOf(cancelledBy) : status);
