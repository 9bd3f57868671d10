// Where the pinned clang keeps its working directory: found by letting clang's driver
// change it, and looking which word of its memory then leads to the new name.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { expect, test, vi } from 'vitest';
import { assetPath } from '../../src/platform/node/assets.js';
import { Volume } from '../../src/toolchain/volume.js';
import { runProgram } from '../../src/toolchain/wasi.js';
import { CLANG_DIRECTORY, startIn } from '../../src/toolchain/working-directory.js';

const PLACE = '/a/place/of/its/own';
const textAt = (memory: Buffer, at: number) => memory.toString('latin1', at, memory.indexOf(0, at));

test('it is where startIn writes it', () => {
  setFlagsFromString('--wasm-lazy-validation');
  const module = new WebAssembly.Module(readFileSync(assetPath('clang')) as Uint8Array<ArrayBuffer>);
  const volume = new Volume([]);
  volume.put(`${PLACE}/x`, new Uint8Array(0));
  let memory: WebAssembly.Memory | undefined;
  let before: Buffer | undefined;
  const { Instance } = WebAssembly;
  vi.spyOn(WebAssembly, 'Instance').mockImplementation(
    class {
      constructor(...args: ConstructorParameters<typeof Instance>) {
        const instance = new Instance(...args);
        memory = instance.exports.memory as WebAssembly.Memory;
        before = Buffer.from(memory.buffer.slice(0));
        // biome-ignore lint/correctness/noConstructorReturn: an instance has no other constructor
        return instance;
      }
    } as unknown as typeof Instance,
  );
  runProgram(module, ['clang', `-working-directory=${PLACE}`, '-###', '-c', 'none.c'], volume, 0);
  vi.restoreAllMocks();
  const after = Buffer.from((memory as WebAssembly.Memory).buffer);
  const found: number[] = [];
  for (let at = 0; at < (before as Buffer).length; at += 4) {
    const [old, now] = [(before as Buffer).readUInt32LE(at), after.readUInt32LE(at)];
    if (old === now || old === 0 || old >= (before as Buffer).length || now >= after.length) continue;
    if (textAt(before as Buffer, old) === '/' && textAt(after, now) === PLACE) found.push(at);
  }
  expect(found).toEqual([CLANG_DIRECTORY]);
});

test('a program that keeps it elsewhere is not written to', () => {
  const memory = new WebAssembly.Memory({ initial: 300 });
  const imports = { args_sizes_get: () => 0, args_get: () => 0 };
  expect(() => startIn('/tmp', imports, () => memory).args_get(0, 0)).toThrow(/does not start at/);
});
