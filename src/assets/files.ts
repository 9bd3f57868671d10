import type { AssetName } from './pinned.js';

/** The file name of a program or sysroot. */
export const assetFile = (name: AssetName): string => (name === 'llvm' ? 'llvm.wasm' : `${name}.tar.gz`);

/**
 * The file name on a web server. Some servers decompress .gz files, or let browsers do so, and then the page gets other
 * bytes; hence another ending.
 */
export const servedFile = (name: AssetName): string => assetFile(name).replace(/\.tar\.gz$/, '.sysroot');
