// Real projects from npm packages, each with a test program: built for both targets, linked and run.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { available, run, scratch } from './native.js';
import { art, REPOSITORY } from './project.js';

/** Where the sources are. */
export const INPUTS = join(REPOSITORY, 'test/inputs/node_modules');
const MINUTES = 60_000;

/** Arguments of `art build`: sources, and clang's flags. */
export type Build = readonly string[];

/**
 * Tests that the builds of a project link to a program that prints `expected`; the
 * program is given a folder that it may write to. Call where tests are described.
 */
export function testProject(builds: readonly Build[], expected: string): void {
  const folder = scratch();
  it(
    'compiles for both targets',
    () => {
      for (const [i, build] of builds.entries()) {
        const args = ['build', '--quiet', '--emit', 'object', '--out', join(folder, `${i}`), ...build];
        expect(art(args)).toEqual({ status: 0, stdout: '', stderr: '' });
      }
    },
    30 * MINUTES,
  );
  for (const [architecture, emulator] of [
    ['x86_64', []],
    ['aarch64', ['qemu-aarch64-static']],
  ] as const)
    it.skipIf(!available(...emulator))(`links and runs on ${architecture}`, () => {
      const program = join(folder, architecture);
      const artifacts = builds.map((_, i) => join(folder, `${i}`));
      const linked = art(['link', '--quiet', '--target', architecture, ...artifacts, '-o', program]);
      expect(linked).toEqual({ status: 0, stdout: '', stderr: '' });
      const own = join(folder, `data-${architecture}`);
      mkdirSync(own);
      const [command = '', ...args] = [...emulator, program, own];
      expect(run(command, args)).toBe(expected);
    });
}
