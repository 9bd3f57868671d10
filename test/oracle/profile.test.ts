// Profiles have the same effect as in native clang: instrumented and optimised objects are the same as native clang's,
// and `profdata` is the same as native llvm-profdata.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTPUT } from '../../src/toolchain/paths.js';
import { differences } from '../support/compare.js';
import { openCompiler, type ToolResult } from '../support/compiler.js';
import { type Elf, readElf } from '../support/elf.js';
import { available, nativeClang, run, scratch, TRIPLES } from '../support/native.js';
import { art, REPOSITORY } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';

const FIXTURES = join(REPOSITORY, 'fixtures/skewed');

/** Options that instrument or use a profile, and further flags. */
const ROWS: readonly [option: string, base?: string][] = [
  ['-fprofile-instr-generate'],
  ['-fprofile-instr-generate=run-%p.profraw -fprofile-update=atomic', '-O0'],
  ['-fprofile-generate'],
  ['-fprofile-generate=runs -fprofile-update=atomic'],
  ['-fprofile-use=ir.profdata -fcs-profile-generate'],
  ['-fprofile-instr-use=frontend.profdata'],
  ['-fprofile-use=ir.profdata'],
  ['-fprofile-use=ir.profdata', '-O0'],
  ['-fprofile-use=ir.profdata -mllvm -pgo-cold-func-opt=minsize'],
  ['-fprofile-use=cs.profdata'],
  ['-fprofile-sample-use=sample.prof'],
  ['-fprofile-sample-use=sample.extbinary -g'],
  ['-fprofile-sample-use=sample.md5'],
  ['-fprofile-sample-use=sample.compressed'],
  ['-fprofile-sample-use=sample.prof -fprofile-sample-accurate', '-Os'],
];
const CASES = ROWS.flatMap(([option, base = '-O2']) => TRIPLES.map((triple) => ({ option, base, triple })));

function must(result: ToolResult): ToolResult {
  if (result.status !== 0) throw new Error(`exit status ${result.status}: ${result.stderr}`);
  return result;
}

describe.skipIf(!available('clang-22', 'llvm-profdata-22'))('profiles against native LLVM', () => {
  const folder = scratch();
  cpSync(FIXTURES, folder, { recursive: true });
  for (const kind of ['frontend', 'ir', 'cs'])
    run('llvm-profdata-22', ['merge', `${kind}.proftext`, '-o', `${kind}.profdata`], folder);
  run('llvm-profdata-22', ['merge', '--sample', '--extbinary', 'sample.prof', '-o', 'sample.extbinary'], folder);
  run('llvm-profdata-22', ['merge', '--sample', '--binary', 'sample.prof', '-o', 'sample.binary'], folder);
  for (const [option, name] of [
    ['--use-md5', 'sample.md5'],
    ['--compress-all-sections', 'sample.compressed'],
  ] as const)
    run('llvm-profdata-22', ['merge', '--sample', '--extbinary', option, 'sample.prof', '-o', name], folder);
  const file = (name: string) => readFileSync(join(folder, name));
  const native = nativeClang();
  const compiler = openCompiler(folder);

  const compiled = new Map<string, Uint8Array>();
  const ours = (triple: string, flags: string) => {
    const made = compiled.get(`${triple} ${flags}`);
    if (made) return made;
    const { outputs, failure, diagnostics } = compiler.compile('skewed.c', triple, flags.split(' '));
    if (!outputs?.object) throw new Error(`${failure?.message}\n${diagnostics}`);
    compiled.set(`${triple} ${flags}`, outputs.object);
    return outputs.object;
  };

  it.each(CASES)('$base $option, $triple', ({ option, base, triple }) => {
    const flags = `${base} ${option}`;
    const object = ours(triple, flags);
    expect(differences(object, native('skewed.c', triple, flags.split(' '), folder))).toEqual([]);
    // At -O0 only instrumentation changes the code.
    if (base !== '-O0' || option.includes('generate')) expect(differences(object, ours(triple, base))).not.toEqual([]);
  });

  const profdata = (inputs: Readonly<Record<string, string | Uint8Array>>, command: string, ...options: string[]) =>
    compiler.tool(inputs, 'profdata', command, '--output=result', ...options, ...Object.keys(inputs));
  const merge = (format: string, ...names: string[]) =>
    must(profdata(Object.fromEntries(names.map((n) => [n, file(n)])), 'merge', `--format=${format}`)).output('result');
  const show = (name: string, bytes: string | Uint8Array = file(name)) =>
    JSON.parse(
      must(profdata({ [name]: bytes }, 'show'))
        .output('result')
        .toString(),
    );

  const MERGES: readonly [string, string, string[], string[]][] = [
    ['instr', '', ['ir.proftext'], ['merge']],
    ['instr', 'twice', ['cs.profdata', 'cs.proftext'], ['merge']],
    ['instr-text', '', ['frontend.profdata'], ['merge', '--text']],
    ['sample', '', ['sample.binary'], ['merge', '--sample', '--extbinary']],
    ['sample', 'unpacked', ['sample.compressed'], ['merge', '--sample', '--extbinary']],
    ['sample', 'with hashed names', ['sample.md5'], ['merge', '--sample', '--extbinary', '--use-md5']],
    ['sample-text', 'twice', ['sample.extbinary', 'sample.prof'], ['merge', '--sample', '--text']],
  ];
  it.each(MERGES)('merges to %s %s as llvm-profdata does', (format, _, inputs, command) => {
    run('llvm-profdata-22', [...command, ...inputs, '-o', 'expected'], folder);
    expect(merge(format, ...inputs).equals(file('expected'))).toBe(true);
  });

  it('shows what llvm-profdata shows', () => {
    for (const [name, kind, format] of [
      ['ir.profdata', 'instr-ir', 'indexed'],
      ['frontend.proftext', 'instr-frontend', 'text'],
      ['cs.profdata', 'instr-ir', 'indexed'],
    ] as const) {
      const shown = show(name);
      const text = run('llvm-profdata-22', ['show', '--all-functions', '--counts', name], folder);
      const number = (label: string) => Number(new RegExp(`${label}: (\\d+)`).exec(text)?.[1]);
      expect(shown).toMatchObject({ kind, format, context_sensitive: name === 'cs.profdata' });
      expect(shown.functions).toBe(number('Total functions'));
      expect(shown.max).toBe(number('Maximum function count'));
    }
    const { entries } = show('ir.profdata');
    expect(entries.map((e: { name: string }) => e.name)).toEqual([
      'step',
      'main',
      'skewed.c;add',
      'skewed.c;twist',
      'fail',
      'unused',
    ]);
    expect(entries[0].edges).toEqual([
      { callee: 'skewed.c;add', count: 1750 },
      { callee: 'skewed.c;twist', count: 250 },
    ]);
    for (const [name, format, version] of [
      ['sample.prof', 'text', null],
      ['sample.extbinary', 'extbinary', 103],
      ['sample.binary', 'binary', 103],
    ])
      expect(show(name as string)).toMatchObject({ kind: 'sample', format, version, functions: 5, max: 2000 });
  });

  it('shows what was counted after inlining where nothing else was', () => {
    const records = file('cs.proftext').toString().split('\n\n');
    // LLVM marks them with bit 60 of the hash.
    const isContextual = (record: string) =>
      (BigInt(record.split('\n').at(record.startsWith(':') ? 2 : 1) ?? 0) >> 60n) & 1n;
    const contextual = records.filter((record) => record.trim() !== '' && isContextual(record));
    const { kind, context_sensitive, entries } = show(
      'only.proftext',
      `:csir\n${contextual.join('\n\n').replace(/^:csir\n/, '')}\n`,
    );
    expect([kind, context_sensitive]).toEqual(['instr-ir', true]);
    expect(entries.length).toBe(contextual.length);
    expect(contextual.length).toBeGreaterThan(0);
  });

  it.each(['frontend', 'ir'])('reads what a program of native clang wrote, %s: its names are compressed', (level) => {
    const flag = level === 'ir' ? '-fprofile-generate' : '-fprofile-instr-generate';
    run('clang-22', [`--target=${TRIPLES[0]}`, '-O2', flag, '-c', 'skewed.c', '-o', `${level}.o`], folder);
    const program = join(folder, `${level}-program`);
    expect(art(['link', join(folder, `${level}.o`), '-o', program])).toMatchObject({ status: 0, stderr: '' });
    run('env', [`LLVM_PROFILE_FILE=${join(folder, `${level}.profraw`)}`, program], folder);
    run('llvm-profdata-22', ['merge', `${level}.profraw`, '-o', 'expected'], folder);
    expect(merge('instr', `${level}.profraw`).equals(file('expected'))).toBe(true);
    expect(show(`${level}.profraw`).entries.map(({ name }: { name: string }) => name)).toContain('main');
  });

  const ARTIFACT = JSON.stringify({
    functions: { main: 1, step: 2000, fail: 0 },
    edges: [
      { caller: '<root>', callee: 'main', count: 1 },
      { caller: 'main', callee: 'step', count: 2000 },
    ],
  });
  it('converts artifact profiles from and to sample profiles', () => {
    const text = must(profdata({ 'p.json': ARTIFACT }, 'merge', '--format=sample-text'))
      .output('result')
      .toString();
    expect(text).toBe('step:2000:2000\n 0: 2000\nmain:1:1\n 0: 1 step:2000\nfail:0:0\n 0: 0\n');
    const back = must(profdata({ 'p.prof': text }, 'merge', '--format=json'))
      .output('result')
      .toString();
    expect(JSON.parse(back)).toEqual({
      functions: { fail: 0, main: 1, step: 2000 },
      edges: [{ caller: 'main', callee: 'step', count: 2000 }],
    });
    const both = must(profdata({ 'a.json': ARTIFACT, 'b.prof': file('sample.prof') }, 'merge', '--format=json'));
    expect(JSON.parse(both.output('result').toString()).functions).toMatchObject({ main: 2, step: 4000, weigh: 2000 });
    expect(JSON.parse(merge('json', 'frontend.profdata').toString()).functions).toMatchObject({
      step: 2000,
      add: 1750,
    });
  });

  it.each([
    ['no profile', { 'p.bin': Buffer.from([1, 2, 3, 250]) }, 'instr', /^p\.bin: neither an artifact profile nor one/],
    ['an empty file', { empty: '' }, 'instr', /^empty: the profile is empty/],
    ['an artifact profile to instr', { 'p.json': ARTIFACT }, 'instr', /no hashes of control flow.*a sample profile/],
    ['two kinds', { 'a.proftext': file('ir.proftext'), 'b.prof': file('sample.prof') }, 'instr', /^b\.prof: .*sample/],
    ['two levels', { a: file('ir.proftext'), b: file('frontend.proftext') }, 'instr', /^b: Merge IR generated/],
    ['negative counts', { 'p.json': '{"functions":{"f":-1}}' }, 'json', /^p\.json: .*the count of 'f'/],
    ['deep JSON', { 'p.json': `{"functions":${'['.repeat(1e6)}` }, 'json', /too many levels/],
    [
      'a size beyond memory',
      { 'p.proftext': ':ir\nf\n1\n99999999999999\n1\n' },
      'instr',
      /malformed: it asks for more memory/,
    ],
    [
      'a newer version',
      { p: newer(file('ir.profdata'), 8, 99) },
      'instr',
      /unsupported .* version 99.*: use a newer art/,
    ],
    // Sample profiles have the version after nine bytes of magic number.
    [
      'older samples',
      { p: newer(file('sample.extbinary'), 9, 102) },
      'sample',
      /version 102.* reads 103: create it again/,
    ],
    [
      'newer samples',
      { p: newer(file('sample.binary'), 9, 104) },
      'sample',
      /version 104.* reads 103: use a newer art/,
    ],
  ] as const)('says what is wrong with %s', (_, inputs, format, message) => {
    const result = profdata(inputs, 'merge', `--format=${format}`);
    expect(result.status).toBe(1);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(result.stderr.replaceAll(`${OUTPUT}/`, '')).toMatch(message);
  });

  it('never breaks down on a damaged profile', { timeout: 120_000 }, () => {
    const samples = ['prof', 'binary', 'extbinary', 'md5', 'compressed'].map((format) => `sample.${format}`);
    const names = ['ir.profdata', 'cs.profdata', 'ir.proftext', ...samples];
    const damage = fc.record({
      name: fc.constantFrom(...names),
      cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      flips: fc.array(fc.tuple(fc.double({ min: 0, max: 0.9999, noNaN: true }), fc.integer({ min: 1, max: 255 })), {
        maxLength: 4,
      }),
    });
    let refused = 0;
    fc.assert(
      fc.property(damage, ({ name, cut, flips }) => {
        const bytes = Buffer.from(file(name));
        for (const [at, mask] of flips) {
          const i = Math.floor(at * bytes.length);
          bytes.writeUInt8(bytes.readUInt8(i) ^ mask, i);
        }
        const damaged = cut === null ? bytes : bytes.subarray(0, Math.floor(cut * bytes.length));
        const result = profdata({ p: damaged }, 'show');
        expect([0, 1]).toContain(result.status);
        if (result.status === 0) JSON.parse(result.output('result').toString());
        else expect(result.stderr).toMatch(/^p: .+\n$/);
        refused += result.status;
      }),
      { numRuns: propertyRuns(150) },
    );
    expect(refused).toBeGreaterThan(0);
  });

  const PLAN = {
    schema_version: '1.0',
    functions: [
      { name: 'add', count: 1750 },
      { name: 'fail', count: 0 },
      { name: 'main', count: 1 },
      { name: 'step', count: 2000 },
      { name: 'unused', count: 0 },
      { name: 'weigh', count: 2000 },
    ],
    edges: [
      { caller: '<root>', callee: 'main', count: 1 },
      { caller: 'main', callee: 'step', count: 2000 },
      { caller: 'step', callee: 'weigh', count: 2000 },
    ],
    inline_candidates: [{ name: 'weigh', score: 6000, callers: ['step'] }],
    hot: ['step', 'add'],
    cold: ['fail', 'unused'],
    split: ['step'],
    order: ['step', 'add', 'main'],
  };
  /** Compiles with additional `files`; the outputs are o, report, and those that `options` name. */
  const compileWith = (
    files: Readonly<Record<string, string | Uint8Array>>,
    options: readonly string[],
    flags: readonly string[],
  ) =>
    must(
      compiler.tool(
        { 'skewed.c': file('skewed.c'), ...files },
        'compile',
        '--object=o',
        '--profile-report=report',
        ...options,
        '--',
        ...['clang', ...flags, '-O2', '-c', 'skewed.c'],
      ),
    );
  const planned = (triple: string, plan: unknown) =>
    compileWith({ 'plan.json': JSON.stringify(plan) }, ['--plan=plan.json', '--ir=ll'], [`--target=${triple}`]);
  const sectionOf = (elf: Elf, name: string) => {
    const symbol = elf.symbols.find((s) => s.name === name);
    return symbol && elf.sections[symbol.section]?.name;
  };

  it.each(TRIPLES)('a plan places, orders, weighs and splits, %s', (triple) => {
    const result = planned(triple, PLAN);
    const elf = readElf(result.output('o'));
    expect(sectionOf(elf, 'step')).toBe('.text.hot.');
    expect(sectionOf(elf, 'add')).toBe('.text.hot.');
    expect(sectionOf(elf, 'fail')).toBe('.text.unlikely.');
    expect(sectionOf(elf, 'unused')).toBe('.text.unlikely.');
    const text = result.output('ll').toString();
    expect([...text.matchAll(/^define .*@(\w+)\(/gm)].slice(0, 3).map((m) => m[1])).toEqual(PLAN.order);
    expect(text).toMatch(/@add\(.*!prof (!\d+)[\s\S]*\n\1 = !\{!"function_entry_count", i64 1750\}/);
    const body = (name: string) => new RegExp(`^define [^\\n]*@${name}\\(.*?^}`, 'ms').exec(text)?.[0];
    expect(body('step')).not.toContain('@weigh(');
    expect(body('unused')).toContain('@weigh('); // a cold call is not inlined
    expect(text).toMatch(/^define .*@fail\(.* #(\d+) [\s\S]*^attributes #\1 = \{ cold .*optsize/m);
    expect(JSON.parse(result.output('report').toString())).toEqual({
      functions: PLAN.functions.map(({ name, count }) => ({ name, count, status: 'matched' })),
      defined: 7,
    });
  });

  it('a plan of another program changes nothing, and a broken one is named', () => {
    const foreign = {
      ...PLAN,
      functions: [],
      edges: [],
      inline_candidates: [],
      hot: [],
      cold: [],
      split: [],
      order: [],
    };
    const triple = TRIPLES[0];
    const { output } = planned(triple, foreign);
    const object = output('o');
    expect(differences(object, native('skewed.c', triple, ['-O2'], folder))).toEqual([]);
    expect(() => planned(triple, { ...PLAN, hot: 1 })).toThrow(
      /plan\.json': not a plan: "hot" is missing or not an array/,
    );
  });

  it('reports what of a profile matched', () => {
    writeFileSync(join(folder, 'changed.proftext'), file('ir.proftext').toString().replace('376260593968770897', '7'));
    const reportOf = (profile: string) => {
      const flags = [`--target=${TRIPLES[1]}`, '-fprofile-use=p', '-Wno-profile-instr-out-of-date'];
      const result = compileWith({ p: merge('instr', profile) }, [], flags);
      return JSON.parse(result.output('report').toString());
    };
    const whole = reportOf('ir.proftext');
    expect(whole.functions.map((f: { status: string }) => f.status)).toEqual(Array(6).fill('matched'));
    expect(whole.defined).toBe(7);
    const { functions: part } = reportOf('changed.proftext');
    expect(part).toContainEqual({ name: 'step', count: 6000, status: 'mismatched' });
    expect(part).toContainEqual({ name: 'main', count: 2000, status: 'matched' });
  });
});

/** A copy of `bytes` with another number at one offset. */
function newer(bytes: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt32LE(value, at);
  return changed;
}
