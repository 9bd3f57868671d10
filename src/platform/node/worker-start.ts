// The entry point of a compiling thread. The WASI library checks once, when it is loaded, whether this is Windows, and
// would then open files with Windows' flags and paths. But its files are in the compiler's volume, which is the same on
// every system, so it is told that this is Linux. A thread has a `process` of its own.
const own = Object.getOwnPropertyDescriptor(process, 'platform');
if (process.platform === 'win32') Object.defineProperty(process, 'platform', { ...own, value: 'linux' });
await import('@tybys/wasm-util');
Object.defineProperty(process, 'platform', own as PropertyDescriptor);
await import('./worker.js');
