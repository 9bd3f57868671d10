// The compiler by itself: all its outputs in one run, IR as input, and bad input.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EmitKind } from '../../src/toolchain/requests.js';
import { differences } from '../support/compare.js';
import { openCompiler } from '../support/compiler.js';
import { readElf } from '../support/elf.js';
import { available, nativeClang, scratch, TRIPLES } from '../support/native.js';
import { project, REPOSITORY } from '../support/project.js';

const FIXTURES = join(REPOSITORY, 'fixtures/codegen');
const [X86, ARM] = TRIPLES;
const compiler = openCompiler(FIXTURES);

const ADD = `define i32 @add(i32 %a, i32 %b) {
  %sum = add i32 %a, %b
  ret i32 %sum
}
`;
const withTriple = (ir: string, triple: string) => `target triple = "${triple}"\n${ir}`;

function text(object: Uint8Array): Buffer {
  return readElf(object).sections.find((s) => s.name === '.text')?.bytes ?? Buffer.alloc(0);
}

/** Compiles a module, the only file of its project. */
function compileIR(ir: string | Uint8Array, triple: string, flags: readonly string[] = [], emit?: readonly EmitKind[]) {
  const name = typeof ir === 'string' ? 'in.ll' : 'in.bc';
  return openCompiler(project({ [name]: ir })).compile(name, triple, flags, emit);
}

describe('outputs', () => {
  it('of textual IR, for the triple that is asked for', () => {
    const { outputs, diagnostics } = compileIR(withTriple(ADD, X86), X86, [], ['object', 'ir', 'bitcode']);
    expect(diagnostics).toBe('');
    expect(readElf(outputs?.object as Uint8Array).machine).toBe(62);
    expect(Buffer.from(outputs?.ir as Uint8Array).toString()).toContain('define i32 @add(');
    expect(Buffer.from(outputs?.bitcode as Uint8Array).readUInt32BE(0)).toBe(0x4243c0de);
    const arm = compileIR(ADD, ARM).outputs?.object as Uint8Array;
    expect(readElf(arm).machine).toBe(183);
  });

  it('flags of the code generator count for IR as well', () => {
    const sections = compileIR(ADD, X86, ['-ffunction-sections']).outputs?.object as Uint8Array;
    expect(readElf(sections).sections.map((s) => s.name)).toContain('.text.add');
  });

  it.each(TRIPLES)('an object is the same with and without the others (%s)', (triple) => {
    const flags = ['-O2', '-g'];
    const alone = compiler.compile('switches.c', triple, flags).outputs?.object as Uint8Array;
    const all = compiler.compile('switches.c', triple, flags, ['bitcode', 'object', 'asm', 'ir']).outputs;
    expect(Buffer.compare(all?.object as Uint8Array, alone)).toBe(0);
  });

  it('files of the project in inline assembly, beside the source or in an -I folder', () => {
    const root = project({
      'main.c': '__asm__(".section .rodata.blob,\\"a\\"\\n.incbin \\"blob.txt\\"\\n");\n',
      'data/blob.txt': 'brought in',
    });
    const here = openCompiler(root);
    const found = here.compile('main.c', X86, ['-Idata']).outputs?.object as Uint8Array;
    expect(
      readElf(found)
        .sections.find((s) => s.name === '.rodata.blob')
        ?.bytes.toString(),
    ).toBe('brought in');
    expect(here.compile('main.c', X86, [])).toMatchObject({
      failure: { kind: 'diagnosed', program: 'clang' },
      diagnostics: expect.stringContaining("error: Could not find incbin file 'blob.txt'"),
    });
  });

  it('have no clock, and functions in one order: two runs give one object', () => {
    const once = compiler.compile('objects.cpp', ARM, ['-O2', '-g']).outputs?.object as Uint8Array;
    const again = compiler.compile('objects.cpp', ARM, ['-O2', '-g']).outputs?.object as Uint8Array;
    expect(Buffer.compare(once, again)).toBe(0);
  });
});

describe.skipIf(!available('clang-22'))('assembly', () => {
  const native = nativeClang();
  const folder = scratch();
  it.each(TRIPLES)('assembles to the object it was made with (%s)', (triple) => {
    const { outputs } = compiler.compile('loops.c', triple, ['-Os'], ['object', 'asm']);
    writeFileSync(join(folder, 'loops.s'), outputs?.asm as Uint8Array);
    const assembled = native('loops.s', triple, [], folder);
    expect(Buffer.compare(text(assembled), text(outputs?.object as Uint8Array))).toBe(0);
  });

  it.each(['', '-fno-verbose-asm'])('is what native clang writes (%s)', (option) => {
    const flags = ['-O2', ...(option ? [option] : [])];
    const ours = Buffer.from(compiler.compile('loops.c', X86, flags, ['asm']).outputs?.asm as Uint8Array).toString();
    const theirs = native('loops.c', X86, [...flags, '-S'], FIXTURES).toString();
    const code = (assembly: string) => assembly.replace(/#.*|^\t\.ident.*/gm, '').replace(/\s*\n/g, '\n');
    expect(code(ours)).toBe(code(theirs));
  });

  it('of a whole module that native clang made compiles the same', () => {
    const flags = ['-O2', '-Xclang', '-disable-llvm-passes', '-emit-llvm'];
    const bitcode = native('plain.c', X86, flags, FIXTURES);
    const { outputs, diagnostics } = compileIR(bitcode, X86, ['-O2']);
    expect(diagnostics).toBe('');
    expect(differences(outputs?.object as Uint8Array, native('plain.c', X86, ['-O2'], FIXTURES))).toEqual([]);
  });
});

describe('bad input', () => {
  it('IR that does not parse', () => {
    expect(compileIR('define i32 @f( {', X86)).toMatchObject({
      failure: { kind: 'diagnosed' },
      diagnostics: expect.stringMatching(/^in\.ll:1:16: error: expected type\n/),
    });
  });

  it('IR that the verifier refuses', () => {
    const ir =
      'define i32 @f(i1 %c) {\n  br i1 %c, label %a, label %b\na:\n  %x = add i32 1, 2\n  br label %b\nb:\n  ret i32 %x\n}\n';
    expect(compileIR(withTriple(ir, X86), X86)).toMatchObject({
      failure: { kind: 'diagnosed' },
      diagnostics: expect.stringMatching(
        /^in\.ll: error: invalid LLVM IR input: Instruction does not dominate all uses!/,
      ),
    });
  });

  it('bitcode that is cut off, and random bytes', () => {
    const whole = compileIR(withTriple(ADD, X86), X86, [], ['bitcode']).outputs?.bitcode as Uint8Array;
    expect(compileIR(whole.slice(0, 600), X86)).toMatchObject({
      failure: { kind: 'diagnosed' },
      diagnostics: expect.stringMatching(/^in\.bc: error: /),
    });
    const noise = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919 + (i >> 3) * 31) & 0xff);
    noise.set([0x42, 0x43, 0xc0, 0xde]);
    expect(compileIR(noise, X86)).toMatchObject({ failure: { kind: 'diagnosed' } });
  });

  it('inline assembly that does not assemble, with its place in the source', () => {
    const root = project({ 'main.c': 'void f(void) {\n  __asm__("no_such %0" : : "r"(1));\n}\n' });
    for (const emit of [['object'], ['bitcode', 'object']] as const) {
      const { failure, diagnostics } = openCompiler(root).compile('main.c', X86, [], emit);
      expect(failure).toMatchObject({ kind: 'diagnosed', program: 'clang' });
      expect(diagnostics).toMatch(/^main\.c:2:11: error: invalid instruction mnemonic 'no_such'\n/);
      expect(diagnostics).toContain('<inline asm>:1:2: note: instantiated into assembly here');
    }
  });

  it('an option that LLVM does not know', () => {
    expect(compileIR(ADD, X86, ['-mllvm', '-no-such'])).toMatchObject({
      diagnostics: expect.stringContaining("Unknown command line argument '-no-such'"),
    });
  });

  it('its own command line', () => {
    expect(compiler.tool({}, 'compile', '--nonsense')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("compile: unknown option '--nonsense'\nusage: "),
    });
    expect(compiler.tool({}, 'compile', '--object=o')).toMatchObject({ status: 2 });
    expect(compiler.tool({}, 'compile', '--object=o', '--')).toMatchObject({ status: 2 });
    expect(compiler.tool({}, 'no-such-tool')).toMatchObject({ status: 2, stderr: 'llvm: unknown tool\n' });
  });
});
