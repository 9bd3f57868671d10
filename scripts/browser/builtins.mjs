// Replaces the modules of Node that memfs imports, for a bundle that runs without Node.
export { Buffer } from 'buffer/';
export { EventEmitter } from 'events/';
export { basename, dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'pathe';

import * as posix from 'pathe';

export { posix };
export const URL = globalThis.URL;

/** memfs defines its stream classes when it is loaded, but art never uses them. */
export function Readable() {}
export function Writable() {}
