import { defineConfig } from 'vitest/config';
import normal, { COMMON } from './vitest.config.js';

/** Only the tests that take minutes each. */
export default defineConfig({
  test: {
    ...COMMON,
    reporters: normal.test?.reporters,
    include: ['test/**/*.full.ts'],
    fileParallelism: false,
  },
});
