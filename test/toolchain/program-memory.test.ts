import { expect, test } from 'vitest';
import { readAsset } from '../../src/platform/node/assets.js';
import { importMemory } from '../../src/toolchain/program-memory.js';

test('the program takes a memory of the host', () => {
  const bytes = readAsset('llvm');
  const pages = importMemory(bytes);
  const module = new WebAssembly.Module(bytes);
  expect(WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'memory')).toEqual([
    { module: '', name: '', kind: 'memory' },
  ]);
  const functions = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'function');
  const make = (initial: number, maximum: number) =>
    new WebAssembly.Instance(module, {
      wasi_snapshot_preview1: Object.fromEntries(functions.map(({ name }) => [name, () => 0])),
      '': { '': new WebAssembly.Memory({ initial, maximum }) },
    });
  expect(make(pages, 2000).exports.memory).toBeInstanceOf(WebAssembly.Memory);
  expect(() => make(pages - 1, 2000)).toThrow(WebAssembly.LinkError);
});

test.each([
  ['no module', Uint8Array.of(1, 2, 3)],
  ['a module without imports', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 1)],
  ['a number without end', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 2, 255, 255, 255, 255, 255, 255)],
])('%s is an error', (_, bytes) => {
  const before = bytes.slice();
  expect(() => importMemory(bytes)).toThrow(/^(the program has no section|a number in the program is too long)/);
  expect(bytes).toEqual(before);
});
