import type { AssetName } from './pinned.js';

/** What the file of a program or sysroot is called, wherever it lies. */
export const assetFile = (name: AssetName): string => (name === 'llvm' ? 'llvm.wasm' : `${name}.tar.gz`);

/**
 * The same where a web server gives it to pages. Some servers unpack .gz, or let browsers do so,
 * and what then comes is another file.
 */
export const servedFile = (name: AssetName): string => assetFile(name).replace(/\.tar\.gz$/, '.sysroot');
