// Sections, symbols, relocations and code of objects, compared with LLVM's own tools.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Contents } from '../../src/inspect/contents.js';
import { disassemblyText } from '../../src/inspect/disassembly.js';
import { openCompiler } from '../support/compiler.js';
import { inspectWith } from '../support/inspector.js';
import { available, run, scratch, TRIPLES } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';

interface Named {
  Name: string;
  Value: number;
}
interface ReadelfSection {
  Index: number;
  Name: Named;
  Type: Named;
  Offset: number;
  Size: number;
}
interface ReadelfSymbol {
  Name: Named;
  Value: number;
  Size: number;
  Binding: Named;
  Type: Named;
  Section: Named;
}

const FIXTURES = join(REPOSITORY, 'fixtures/codegen');
const compiler = openCompiler(FIXTURES);
const compiled = new Map<string, Uint8Array>();

/** An object of a fixture, compiled once. */
function object(source: string, triple: string, flags: readonly string[] = ['-O2']): Uint8Array {
  const key = [source, triple, ...flags].join(' ');
  const done = compiled.get(key);
  if (done) return done;
  const { outputs, failure } = compiler.compile(source, triple, flags);
  if (!outputs?.object) throw new Error(`${key}: ${failure?.message}`);
  compiled.set(key, outputs.object);
  return outputs.object;
}

function contentsOf(bytes: Uint8Array, ...options: string[]): Contents {
  const { contents, stderr } = inspectWith(compiler, bytes, ...options);
  if (!contents) throw new Error(stderr);
  return contents;
}

describe.runIf(available('llvm-objdump-22', 'llvm-readelf-22'))("against LLVM's own tools", () => {
  const folder = scratch();
  const file = (bytes: Uint8Array) => {
    const path = join(folder, 'object');
    writeFileSync(path, bytes);
    return path;
  };

  const windows = ['x86_64-pc-windows-msvc', 'aarch64-pc-windows-msvc'];
  const apple = ['x86_64-apple-macos13', 'arm64-apple-macos13'];
  // Jump tables, thread-local and constant data in code, calls, vectors, sections for each function, debug info.
  test.each([
    ...TRIPLES.flatMap((triple) => [
      ['switches.c', triple, '-O2'],
      ['vectors.c', triple, '-O3 -fPIC'],
      ['calls.c', triple, '-Os -ffunction-sections -g'],
    ]),
    ...[...windows, ...apple].map((triple) => ['plain.c', triple, '-O2 -ffreestanding']),
  ])('%s for %s with %s: the code, as llvm-objdump -d -r prints it', (source, triple, flags) => {
    const bytes = object(source, triple, flags.split(' '));
    const expected = run('llvm-objdump-22', ['-d', '-r', file(bytes)]);
    const text = disassemblyText(contentsOf(bytes, '--disassemble'));
    expect(text).toBe(expected.slice(expected.indexOf('\n\nDisassembly') + 1));
    expect(text).toMatch(/ret/);
  });

  test.each(TRIPLES)('sections and symbols for %s, as llvm-readelf prints them', (triple) => {
    const bytes = object('symbols.c', triple);
    const [read] = JSON.parse(run('llvm-readelf-22', ['--elf-output-style=JSON', '-S', '-s', file(bytes)]));
    const contents = contentsOf(bytes);
    const sections: ReadelfSection[] = read.Sections.slice(1).map((s: { Section: ReadelfSection }) => s.Section);
    const hasBytes = ({ Size, Type }: ReadelfSection) => Size > 0 && Type.Name !== 'SHT_NOBITS';
    expect(contents.sections?.map(({ index, name, kind, size, offset }) => [index, name, kind, size, offset])).toEqual(
      sections.map((s) => [s.Index, s.Name.Name, s.Type.Name.slice(4), s.Size, hasBytes(s) ? s.Offset : null]),
    );
    const symbols: ReadelfSymbol[] = read.Symbols.slice(1).map((s: { Symbol: ReadelfSymbol }) => s.Symbol);
    const types = ['none', 'object', 'function', 'section', 'file', 'common', 'tls'];
    const bindings = ['local', 'global', 'weak'];
    expect(contents.symbols.map((s) => [s.name, s.value, s.size, s.type, s.binding])).toEqual(
      symbols.map((s) => [
        types[s.Type.Value] === 'section' ? s.Section.Name : s.Name.Name,
        s.Value,
        s.Size,
        types[s.Type.Value],
        bindings[s.Binding.Value],
      ]),
    );
    expect(contents.symbols.length).toBeGreaterThan(10);
  });

  test('a linked program', () => {
    const path = join(folder, 'program');
    const source = join(folder, 'empty.s');
    writeFileSync(source, '.globl _start\n_start:\n  call f\n  lea d(%rip), %rax\nf:\n  ret\n.data\nd:\n  .quad f\n');
    run('clang-22', ['-nostdlib', '-static', '-fuse-ld=lld', source, '-o', path]);
    const expected = run('llvm-objdump-22', ['-d', '-r', path]);
    expect(disassemblyText(contentsOf(readFileSync(path), '--disassemble'))).toBe(
      expected.slice(expected.indexOf('\n\nDisassembly') + 1),
    );
  });
});
