// llvm-codegen on its own: its command line, its outputs together, and bad input.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OUTPUT } from '../../src/toolchain/paths.js';
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

describe('llvm-codegen', () => {
  it('compiles textual IR for the triple the module names', () => {
    const x86 = compiler.codegen(
      withTriple(ADD, X86),
      `--object=${OUTPUT}/o`,
      `--ir=${OUTPUT}/ll`,
      `--bitcode=${OUTPUT}/bc`,
    );
    expect(x86).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readElf(x86.output('o')).machine).toBe(62);
    expect(x86.output('ll').toString()).toContain('define i32 @add(');
    expect(x86.output('bc').readUInt32BE(0)).toBe(0x4243c0de);
    const arm = compiler.codegen(withTriple(ADD, ARM), `--object=${OUTPUT}/o`);
    expect(readElf(arm.output('o')).machine).toBe(183);
  });

  it('takes cc1 arguments after the input', () => {
    const plain = compiler.codegen(ADD, `--object=${OUTPUT}/o`, `${OUTPUT}/in.ll`, '--', '-triple', X86, '-O2');
    expect(plain).toMatchObject({ status: 0, stderr: '' });
    const sections = compiler.codegen(
      ADD,
      `--object=${OUTPUT}/o`,
      `${OUTPUT}/in.ll`,
      '--',
      '-triple',
      X86,
      '-ffunction-sections',
    );
    expect(readElf(sections.output('o')).sections.map((s) => s.name)).toContain('.text.add');
  });

  it.each(TRIPLES)('gives the same object with and without the other outputs (%s)', (triple) => {
    const flags = ['-O2', '-g'];
    const alone = compiler.compile('switches.c', triple, flags).outputs?.object as Uint8Array;
    const all = compiler.compile('switches.c', triple, flags, ['bitcode', 'object', 'asm', 'ir']).outputs;
    expect(Buffer.compare(all?.object as Uint8Array, alone)).toBe(0);
  });

  it('reads files of the project from inline assembly, beside the source or in an -I folder', () => {
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
      failure: { kind: 'diagnosed', program: 'llvm-codegen' },
      diagnostics: expect.stringContaining("error: Could not find incbin file 'blob.txt'"),
    });
  });

  it('keeps functions in one order and has no clock: two runs give one object', () => {
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
    const bitcode = native('plain.c', X86, ['-O2', '-g', '-Xclang', '-disable-llvm-passes', '-emit-llvm'], FIXTURES);
    const cc1 = ['-triple', X86, '-O2', '-vectorize-loops', '-vectorize-slp', '-target-cpu', 'x86-64', '-tune-cpu'];
    const rest = ['generic', '-faddrsig', '-debugger-tuning=gdb', '-debug-info-kind=constructor'];
    const ours = compiler.codegen(
      bitcode,
      '--name=plain.c',
      `--object=${OUTPUT}/o`,
      `${OUTPUT}/in.ll`,
      '--',
      ...cc1,
      ...rest,
    );
    expect(ours).toMatchObject({ status: 0, stderr: '' });
    expect(differences(ours.output('o'), native('plain.c', X86, ['-O2', '-g'], FIXTURES))).toEqual([]);
  });
});

describe('bad input of llvm-codegen', () => {
  const bad = (source: string | Uint8Array, ...args: string[]) => {
    const { status, stdout, stderr } = compiler.codegen(source, '--name=in.ll', `--object=${OUTPUT}/o`, ...args);
    return { status, stdout, stderr };
  };

  it('IR that does not parse', () => {
    expect(bad('define i32 @f( {')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^in\.ll:1:17: error: /),
    });
  });

  it('IR that the verifier refuses', () => {
    const ir =
      'define i32 @f(i1 %c) {\n  br i1 %c, label %a, label %b\na:\n  %x = add i32 1, 2\n  br label %b\nb:\n  ret i32 %x\n}\n';
    expect(bad(withTriple(ir, X86))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^in\.ll: error: the module is not valid IR:\nInstruction does not dominate all uses!/,
      ),
    });
  });

  it('bitcode that is cut off, and random bytes', () => {
    const whole = compiler.codegen(withTriple(ADD, X86), `--bitcode=${OUTPUT}/bc`).output('bc');
    expect(bad(whole.subarray(0, 600))).toMatchObject({ status: 1, stderr: expect.stringContaining('in.ll: error: ') });
    const noise = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + (i >> 3) * 31) & 0xff));
    expect(bad(noise)).toMatchObject({ status: 1, stderr: expect.stringContaining('error: ') });
  });

  it('an unknown or a missing triple', () => {
    expect(bad(withTriple(ADD, 'sparc-unknown-linux'))).toEqual({
      status: 1,
      stdout: '',
      stderr: "in.ll: error: no code generator for 'sparc-unknown-linux': this back end has x86_64 and aarch64\n",
    });
    expect(bad(ADD)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'in.ll: error: the module names no target; pass -triple\n',
    });
  });

  it('inline assembly that does not assemble', () => {
    const ir = 'define void @f() {\n  call void asm sideeffect "no_such 1", ""()\n  ret void\n}\n';
    const result = bad(withTriple(ir, X86));
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(
      /^<inline asm>:1:2: error: invalid instruction mnemonic 'no_such'\n\s*no_such 1\n\s*\^~+\n/,
    );
    const colour = bad(withTriple(ir, X86), '--color');
    expect(colour.stderr).toContain('\u001b[');
  });

  it('its own command line', () => {
    expect(bad(ADD, '--nonsense')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("unknown option '--nonsense'"),
    });
    expect(bad(ADD, `${OUTPUT}/second.ll`)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('more than one input'),
    });
    expect(bad(ADD, `${OUTPUT}/in.ll`, '--', '-mllvm', '-no-such')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Unknown command line argument '-no-such'"),
    });
  });

  const absent: readonly (readonly [kind: string, triple?: string])[] = [
    ['address'],
    ['kernel-address'],
    ['memory'],
    ['thread'],
    ['fuzzer'],
    ['hwaddress', ARM],
    ['dataflow'],
    ['local-bounds'],
    ['realtime'],
    ['type'],
    ['numerical'],
    ['alloc-token'],
  ];
  it.each(absent)('-fsanitize=%s, whose passes it lacks', (kind, triple = X86) => {
    const { failure, diagnostics } = compiler.compile('plain.c', triple, [`-fsanitize=${kind}`]);
    expect(failure).toMatchObject({ kind: 'diagnosed', program: 'llvm-codegen' });
    expect(diagnostics).toBe(`plain.c: error: '-fsanitize=${kind}' is not supported by this back end\n`);
  });

  it.each([
    ['-fsanitize-coverage=trace-pc-guard', '-fsanitize-coverage='],
    ['--coverage', '--coverage'],
    ['-fmemory-profile', '-fmemory-profile'],
    ['-fexperimental-sanitize-metadata=all', '-fexperimental-sanitize-metadata=covered'],
    ['-fbasic-block-sections=list=/src/blob.txt', '-fbasic-block-sections=list=/src/blob.txt'],
  ])('%s, likewise', (flag, named) => {
    const { failure, diagnostics } = compiler.compile('plain.c', X86, [flag]);
    expect(failure).toMatchObject({ kind: 'diagnosed' });
    expect(diagnostics).toBe(`plain.c: error: '${named}' is not supported by this back end\n`);
  });
});
