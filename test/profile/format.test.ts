// Profiles are recognised by their content, and instrumented objects by their sections.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInstrumented } from '../../src/formats/instrumented.js';
import { recogniseProfile } from '../../src/profile/format.js';
import { available, run, scratch } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const INSTR_TEXT =
  '# IR level Instrumentation Flag\n:ir\nmain\n# Func Hash:\n146835646621254984\n# Num Counters:\n1\n1\n\n';
const SAMPLE_TEXT = 'main:100:1\n 1: 50 f:50\n 2: 50\n';

test.each([
  ['artifact', '{"functions":{}}'],
  ['artifact', '\ufeff \n{"edges":[]}'],
  ['plan', '{"schema_version":"1.0","inline_candidates":[]}'],
  ['instr-text', INSTR_TEXT],
  ['instr-text', 'main\n# Func Hash:\n24\n# Num Counters:\n1\n1\n'],
  ['sample-text', SAMPLE_TEXT],
  ['sample-text', '# perf\n[main:3 @ f]:12:3\n 1: 4\n'],
])('%s: %j', (format, text) => {
  expect(recogniseProfile(bytes(text))).toBe(format);
});

test.each([
  ['empty', ''],
  ['without any counts', '# nothing\n'],
  ['no known format', 'int main(void) { return 0; }\n'],
  ['no known format', '\xff\xff\xff'],
  ["perf's own record", 'PERFILE2\0\0'],
  ["GCC's own format", 'adcg*704'],
  ['an ELF file', '\x7fELF'],
  ['gzip', '\x1f\x8b'],
  ['big-endian', '\xfflprofr\x81'],
])('is %s', (what, text) => {
  expect(recogniseProfile(Uint8Array.from(text, (c) => c.charCodeAt(0)))).toEqual({
    not: expect.stringContaining(what),
  });
});

describe.skipIf(!available('llvm-profdata-22', 'clang-22', 'llvm-ar-22'))("LLVM's own files", () => {
  const folder = scratch();
  const profdata = (input: string, ...args: string[]) => {
    const [from, to] = [join(folder, 'in'), join(folder, 'out')];
    run('sh', ['-c', 'printf %s "$1" > "$0"', from, input]);
    run('llvm-profdata-22', ['merge', ...args, from, '-o', to]);
    return readFileSync(to);
  };

  test('are recognised', () => {
    expect(recogniseProfile(profdata(INSTR_TEXT))).toBe('instr-indexed');
    expect(recogniseProfile(profdata(INSTR_TEXT, '--text'))).toBe('instr-text');
    expect(recogniseProfile(profdata(SAMPLE_TEXT, '--sample'))).toBe('sample-extbinary');
    expect(recogniseProfile(profdata(SAMPLE_TEXT, '--sample', '--binary'))).toBe('sample-binary');
    expect(recogniseProfile(profdata(SAMPLE_TEXT, '--sample', '--text'))).toBe('sample-text');
  });

  test('objects and archives that count are told from those that do not', () => {
    const source = join(REPOSITORY, 'fixtures/codegen/plain.c');
    const compile = (...flags: string[]) => {
      run('clang-22', ['-c', '-w', ...flags, source, '-o', join(folder, 'a.o')]);
      return readFileSync(join(folder, 'a.o'));
    };
    const archive = () => {
      run('rm', ['-f', join(folder, 'a.a')]);
      run('llvm-ar-22', ['qc', join(folder, 'a.a'), source, join(folder, 'a.o')]);
      return readFileSync(join(folder, 'a.a'));
    };
    expect([isInstrumented(compile()), isInstrumented(archive())]).toEqual([false, false]);
    for (const flag of ['-fprofile-instr-generate', '-fprofile-generate']) {
      const object = compile(flag);
      expect([isInstrumented(object), isInstrumented(archive())]).toEqual([true, true]);
      // The linker reports broken files; this function must not throw on any.
      fc.assert(
        fc.property(fc.nat(object.length - 1), fc.nat(255), fc.nat(object.length), (at, value, length) => {
          const broken = Uint8Array.from(object.subarray(0, length));
          if (at < length) broken[at] = value;
          expect(typeof isInstrumented(broken)).toBe('boolean');
        }),
        { numRuns: propertyRuns(200) },
      );
    }
    // Only sections count: a program that merely contains these names is not instrumented.
    expect(isInstrumented(compile('-D__llvm_prf_cnts=1', '-g'))).toBe(false);
  });
});

test('whatever is given is recognised or refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.string().map(bytes)), (input) => {
      expect(['string', 'object']).toContain(typeof recogniseProfile(input));
      expect(typeof isInstrumented(input)).toBe('boolean');
    }),
    { numRuns: propertyRuns(300) },
  );
});
