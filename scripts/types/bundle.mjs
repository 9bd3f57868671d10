// Writes dist/index.d.ts and dist/browser.d.ts: the declarations of the library, one file for each entry point. The
// compiler's own declarations, a file for each source, would also refer to types that no user sees, such as those of
// memfs and WebAssembly, and a project would need these.
import { rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const separate = join(root, 'dist/types');

for (const [from, to] of [
  ['index.d.ts', 'dist/index.d.ts'],
  ['browser.d.ts', 'dist/browser.d.ts'],
]) {
  const bundle = await rollup({
    input: join(separate, from),
    external: [/^[^./]/],
    plugins: [dts()],
    onLog(_level, { message }) {
      throw new Error(`${to}: ${message}`);
    },
  });
  await bundle.write({ file: join(root, to) });
}
rmSync(separate, { recursive: true });
