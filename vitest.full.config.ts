import { defineConfig } from 'vitest/config';
import normal, { COMMON } from './vitest.config.js';

/** Only the tests that take minutes each, and those that do more where ART_FULL says so. */
export default defineConfig({
  test: {
    ...COMMON,
    reporters: normal.test?.reporters,
    include: [
      'test/**/*.full.ts',
      'test/browser/cache.test.ts',
      'test/browser/examples.test.ts',
      'test/browser/run.test.ts',
      'test/browser/session.test.ts',
      'test/browser/tab.test.ts',
      'test/cc/build-systems.test.ts',
      'test/cli/resident.test.ts',
      'test/link/glibc.test.ts',
      'test/oracle/second-opinion.test.ts',
      'test/playground/page.test.ts',
      'test/scale/engines.test.ts',
      'test/toolchain/glibc.test.ts',
      'test/windows/programs.test.ts',
    ],
    env: { ...COMMON.env, ART_FULL: '1' },
    fileParallelism: false,
  },
});
