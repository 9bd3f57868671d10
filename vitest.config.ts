import { defineConfig } from 'vitest/config';

/** Tests of seconds, peaks and processes, which others beside them would disturb. */
const ALONE = [
  'test/builder/memory.test.ts',
  'test/builder/never-ending.test.ts',
  'test/cc/resident.test.ts',
  'test/cli/resident.test.ts',
];

export const COMMON = {
  globalSetup: ['test/support/install-inputs.ts'],
  testTimeout: 300_000,
  hookTimeout: 600_000,
  env: {
    // A test of a command is one of that process alone; test/cli/resident.test.ts has those that compile in another.
    ART_NO_DAEMON: '1',
    // What tests build, they build. Those of the cache turn it on.
    ART_NO_CACHE: '1',
  },
};

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    projects: [
      // A build uses all processors for some of its time only, so two files at once take less than one after the other.
      {
        test: {
          ...COMMON,
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { ...COMMON, name: 'alone', include: ALONE, fileParallelism: false, sequence: { groupOrder: 2 } } },
    ],
  },
});
