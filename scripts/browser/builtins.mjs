// What memfs imports of Node's own modules, for a bundle that runs where there is no Node.
export { Buffer } from 'buffer/';
export { EventEmitter } from 'events/';
export { basename, dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'pathe';

import * as posix from 'pathe';

export { posix };
export const URL = globalThis.URL;

/** memfs's classes of streams are made when it is loaded, and never used. */
export function Readable() {}
export function Writable() {}
