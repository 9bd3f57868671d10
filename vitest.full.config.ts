import { defineConfig, mergeConfig } from 'vitest/config';
import normal from './vitest.config.js';

/** Tests that take minutes each. */
export default mergeConfig(normal, defineConfig({ test: { include: ['test/**/*.full.ts'] } }));
