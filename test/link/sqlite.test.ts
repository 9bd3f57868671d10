// The whole way with a real program: SQLite and a program of ours, built for both
// targets, linked with each target's C library, run.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { available, run, scratch } from '../support/native.js';
import { art, REPOSITORY } from '../support/project.js';

const SQLITE = join(REPOSITORY, 'test/inputs/node_modules/better-sqlite3/deps/sqlite3');
const FLAGS = ['-O2', '-DSQLITE_THREADSAFE=0', '-DSQLITE_OMIT_LOAD_EXTENSION'];
const MINUTES = 60_000;

const EXPECTED = `name=Jupiter moons=95
name=Mars moons=2
name=Earth moons=1
n=4 mass=318.962 last=MERCURY
fibonacci=12586269025
light=Mars+Mercury
`;

describe('SQLite, built by art', () => {
  const folder = scratch();

  beforeAll(() => {
    const build = (out: string, ...args: string[]) => {
      const built = art(['build', '--quiet', '--emit', 'object', '--out', join(folder, out), ...FLAGS, ...args]);
      expect(built).toMatchObject({ status: 0 });
      run('tar', ['-xzf', join(folder, out, 'artifact.tar.gz'), '-C', folder]);
    };
    build('library', join(SQLITE, 'sqlite3.c'));
    build('program', 'fixtures/sqlite-query', `-I${SQLITE}`);
  }, 15 * MINUTES);

  /** Links, and gives the program. */
  function link(linker: string, architecture: string, ...flags: string[]): string {
    const objects = join(folder, `objects/${architecture}-unknown-linux-musl`);
    const files = readdirSync(objects, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.o'));
    const program = join(folder, `query-${architecture}`);
    run(linker, [...files.map((name) => join(objects, name)), ...flags, '-lm', '-o', program]);
    return program;
  }

  it.skipIf(!available('gcc'))('answers queries on x86_64', () => {
    const program = link('gcc', 'x86_64');
    expect(run(program, [])).toBe(EXPECTED);
    // On a file: os_unix.c, with the C library's stat, fcntl and mmap.
    expect(run(program, [join(folder, 'x86_64.db')])).toBe(EXPECTED);
  });

  it.skipIf(!available('aarch64-linux-gnu-gcc', 'qemu-aarch64-static'))('answers queries on aarch64', () => {
    const program = link('aarch64-linux-gnu-gcc', 'aarch64', '-static');
    expect(run('qemu-aarch64-static', [program])).toBe(EXPECTED);
    expect(run('qemu-aarch64-static', [program, join(folder, 'aarch64.db')])).toBe(EXPECTED);
  });
});
