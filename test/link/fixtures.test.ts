// art's objects link with a C library of each target, and the programs work.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { available, run, scratch } from '../support/native.js';
import { art, REPOSITORY } from '../support/project.js';

const FIXTURES = join(REPOSITORY, 'fixtures/codegen');
const sources = readdirSync(FIXTURES).filter((name) => /\.(c|cpp|ll)$/.test(name));

/** The output that the first line of a fixture names. */
function printed(source: string): string {
  return `${/prints: (.*)/.exec(readFileSync(join(FIXTURES, source), 'utf8'))?.[1]}\n`;
}

describe.each(['-O0', '-O2', '-Os'])('fixtures at %s', (level) => {
  const folder = scratch();

  beforeAll(() => {
    const built = art(['build', FIXTURES, '--quiet', '--emit', 'object', '--out', folder, level]);
    expect(built).toMatchObject({ status: 0 });
    run('tar', ['-xzf', join(folder, 'artifact.tar.gz'), '-C', folder]);
  }, 600_000);

  function link(linker: string, architecture: string, source: string, ...flags: string[]): string {
    const program = join(folder, `${architecture}-${source}.out`);
    const object = join(folder, `objects/${architecture}-unknown-linux-musl/${source}.o`);
    run(linker, [object, ...flags, '-lm', '-o', program]);
    return program;
  }

  it.skipIf(!available('gcc')).each(sources)('%s runs on x86_64', (source) => {
    const program = link('gcc', 'x86_64', source, ...(source.endsWith('.cpp') ? ['-lstdc++'] : []));
    expect(run(program, [])).toBe(printed(source));
  });

  // The cross compiler has no C++ library.
  const plain = sources.filter((name) => !name.endsWith('.cpp'));
  it.skipIf(!available('aarch64-linux-gnu-gcc', 'qemu-aarch64-static')).each(plain)('%s runs on aarch64', (source) => {
    const program = link('aarch64-linux-gnu-gcc', 'aarch64', source, '-static');
    expect(run('qemu-aarch64-static', [program])).toBe(printed(source));
  });
});
