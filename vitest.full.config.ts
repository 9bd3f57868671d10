import { defineConfig } from 'vitest/config';
import normal from './vitest.config.js';

/** Only the tests that take minutes each. */
export default defineConfig({ test: { ...normal.test, include: ['test/**/*.full.ts'] } });
