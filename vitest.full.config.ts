import { defineConfig } from 'vitest/config';
import normal, { COMMON } from './vitest.config.js';

/** Only the tests that take minutes each. */
export default defineConfig({
  test: {
    ...COMMON,
    reporters: normal.test?.reporters,
    include: ['test/**/*.full.ts', 'test/toolchain/glibc.test.ts', 'test/windows/programs.test.ts'],
    env: { ...COMMON.env, ART_FULL: '1' },
    fileParallelism: false,
  },
});
