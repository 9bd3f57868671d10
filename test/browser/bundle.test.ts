// The modules for pages work without Node and without a bundler.
import { expect, test } from 'vitest';
import { bundle } from '../../scripts/browser/bundle.mjs';

test('the modules for browsers hold all they need, and nothing of Node', async () => {
  const { metafile, outputFiles } = await bundle({ write: false });
  expect(Object.keys(metafile.outputs).sort()).toEqual(
    ['index', 'wasi-worker', 'worker'].map((name) => `dist/browser/${name}.js`),
  );
  const inputs = Object.keys(metafile.inputs);
  expect(inputs).toContain('src/builder/build.ts');
  expect(inputs).toContain('src/toolchain/compile.ts');
  expect(inputs.filter((name) => /^src\/(platform\/node|cli)\//.test(name) || name === 'src/index.ts')).toEqual([]);
  for (const { imports } of Object.values(metafile.outputs)) expect(imports).toEqual([]);
  for (const { path, text } of outputFiles ?? []) {
    expect([path, /["'`]node:/.exec(text)?.[0]]).toEqual([path, undefined]);
    // Both together have about a hundredth of the program's size.
    expect(text.length).toBeLessThan(1_000_000);
  }
});
