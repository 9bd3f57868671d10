// Options that clang does not store in the IR must reach the back end: with each, the object is the same as native
// clang's, and differs from the object without the option.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differences } from '../support/compare.js';
import { openCompiler } from '../support/compiler.js';
import { available, nativeClang } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';

const FIXTURES = join(REPOSITORY, 'fixtures/codegen');
const X86 = 'x86_64-unknown-linux-musl';
const ARM = 'aarch64-unknown-linux-musl';
const X86_GNU = 'x86_64-unknown-linux-gnu';
const ARM_GNU = 'aarch64-unknown-linux-gnu';
const BOTH = [X86, ARM];

/** The option, a fixture that it affects, its targets, and the flags that are used both with and without it. */
type Row = [option: string, fixture: string, triples?: readonly string[], base?: string];

const ROWS: readonly Row[] = [
  // Sections and symbols
  ['-ffunction-sections', 'calls.c'],
  ['-fdata-sections', 'globals.c'],
  ['-fno-unique-section-names', 'calls.c', BOTH, '-O2 -ffunction-sections'],
  ['-fno-addrsig', 'calls.c'],
  ['-fcommon', 'symbols.c'],
  ['-fno-zero-initialized-in-bss', 'globals.c'],
  ['-fvisibility=hidden', 'symbols.c'],
  ['-fno-use-init-array', 'symbols.c', [X86]],
  ['-fstack-size-section', 'frames.c'],
  ['-fbasic-block-sections=all', 'switches.c', [X86]],
  ['-fbasic-block-address-map', 'switches.c'],
  ['-Wa,-mrelax-relocations=no', 'globals.c', [X86], '-O2 -fPIC'],
  ['-Wa,--crel,--allow-experimental-crel', 'calls.c'],
  // Position and distance
  ['-fno-pic', 'globals.c'],
  ['-fPIC', 'tls.c', BOTH, '-O2 -fno-pic'],
  ['-fPIE', 'globals.c', BOTH, '-O2 -fno-pic'],
  ['-fno-pie', 'globals.c'],
  ['-mcmodel=large', 'globals.c', [X86]],
  ['-mlarge-data-threshold=10', 'globals.c', [X86], '-O2 -mcmodel=medium'],
  ['-mcmodel=kernel', 'globals.c', [X86], '-O2 -fno-pic'],
  ['-mcmodel=large', 'globals.c', [ARM], '-O2 -fno-pic'],
  ['-mcmodel=tiny', 'globals.c', [ARM]],
  ['-fno-plt', 'calls.c', [X86, ARM], '-O2 -fPIC'],
  ['-fno-semantic-interposition', 'symbols.c', BOTH, '-O2 -fPIC'],
  ['-femulated-tls', 'tls.c'],
  ['-mtls-dialect=gnu2', 'tls.c', [X86], '-O2 -fPIC'],
  ['-mtls-size=12', 'tls.c', [ARM]],
  ['-ftls-model=initial-exec', 'tls.c', BOTH, '-O2 -fPIC'],
  // Floating point
  ['-ffp-contract=fast', 'floats.c', [X86], '-O2 -march=haswell -ffp-contract=off'],
  ['-ffp-contract=off', 'floats.c', [ARM]],
  ['-ffast-math', 'mathloop.c'],
  ['-ffast-math -fhonor-nans', 'mathloop.c'],
  ['-ffinite-math-only', 'floats.c'],
  ['-fmath-errno', 'mathloop.c', BOTH, '-O2 -ffast-math'],
  ['-ffp-model=strict', 'floats.c'],
  ['-frounding-math', 'floats.c'],
  // Optimiser
  ['-fno-vectorize', 'loops.c'],
  ['-fvectorize', 'loops.c', BOTH, '-O2 -fno-vectorize'],
  ['-fno-slp-vectorize', 'loops.c'],
  ['-fno-unroll-loops', 'loops.c'],
  ['-funroll-loops', 'loops.c', BOTH, '-O1'],
  ['-Xclang -fmerge-functions', 'matrix.c'],
  ['-fno-jump-tables', 'switches.c'],
  ['-fno-inline', 'inlines.c'],
  ['-fno-builtin', 'strings.c'],
  ['-ffreestanding', 'strings.c'],
  ['-ftrapv', 'integers.c'],
  ['-mllvm -inline-threshold=-100', 'objects.cpp'],
  ['-mllvm -unroll-count=2', 'loops.c'],
  ['-fveclib=libmvec', 'mathloop.c', [X86_GNU, ARM_GNU], '-O2 -ffast-math'],
  ['-fveclib=SVML', 'mathloop.c', [X86], '-O2 -ffast-math'],
  ['-fveclib=ArmPL', 'mathloop.c', [ARM], '-O2 -ffast-math'],
  ['-fveclib=SLEEF', 'mathloop.c', [ARM], '-O2 -ffast-math'],
  ['-fveclib=AMDLIBM', 'mathloop.c', [X86], '-O2 -ffast-math'],
  // Processors
  ['-march=haswell', 'loops.c', [X86]],
  ['-mavx2', 'loops.c', [X86]],
  ['-mavx512f -mprefer-vector-width=512', 'loops.c', [X86]],
  ['-mno-red-zone', 'tls.c', [X86], '-O0'],
  ['-mtune=znver4', 'loops.c', [X86]],
  ['-march=armv8.2-a+sve', 'loops.c', [ARM]],
  ['-mcpu=neoverse-n1', 'atomics.c', [ARM]],
  ['-moutline-atomics', 'atomics.c', [ARM]],
  ['-mno-outline', 'outlined.c', [ARM]],
  ['-moutline', 'outlined.c', [ARM]],
  ['-mstrict-align', 'integers.c', [ARM]],
  // Safety
  ['-fstack-protector-strong', 'frames.c'],
  ['-fstack-protector-all -mstack-protector-guard=global', 'frames.c'],
  ['-fstack-clash-protection', 'frames.c'],
  ['-fcf-protection', 'interpreter.c', [X86]],
  ['-mbranch-protection=standard', 'interpreter.c', [ARM]],
  ['-fzero-call-used-regs=used', 'calls.c'],
  ['-ftrivial-auto-var-init=pattern', 'frames.c'],
  ['-fsanitize=undefined -fsanitize-trap=undefined', 'integers.c'],
  ['-fsanitize=kcfi', 'calls.c'],
  ['-fsanitize=address', 'frames.c'],
  ['-fsanitize=hwaddress', 'frames.c', [ARM]],
  ['-fsanitize=memory', 'integers.c'],
  ['-fsanitize=thread', 'globals.c'],
  ['-fsanitize=memtag-stack -march=armv8.5-a+memtag', 'frames.c', [ARM]],
  ['-fsanitize=shadow-call-stack -ffixed-x18', 'calls.c', [ARM]],
  ['-mharden-sls=all', 'calls.c'],
  ['-mretpoline', 'calls.c', [X86]],
  ['-mspeculative-load-hardening', 'calls.c'],
  ['-fcf-protection=branch -mindirect-branch-cs-prefix -mfunction-return=thunk-extern', 'calls.c', [X86]],
  // Frames, unwinding, alignment, instrumentation
  ['-fno-omit-frame-pointer', 'calls.c', [X86]],
  ['-fomit-frame-pointer', 'calls.c', [ARM]],
  ['-fomit-frame-pointer', 'calls.c', [X86, ARM], '-O0'],
  ['-fno-asynchronous-unwind-tables', 'calls.c'],
  ['-fexceptions', 'calls.c', BOTH, '-O2 -fno-asynchronous-unwind-tables'],
  ['-fforce-dwarf-frame', 'calls.c'],
  ['-falign-functions=64', 'calls.c'],
  ['-falign-loops=32', 'loops.c'],
  ['-mstackrealign', 'calls.c', [X86]],
  ['-mstack-alignment=64', 'frames.c', [X86]],
  ['-mrelax-all', 'calls.c', [X86]],
  ['-finstrument-functions', 'calls.c'],
  ['-pg', 'calls.c'],
  ['-pg -mfentry', 'calls.c', [X86]],
  ['-fpatchable-function-entry=4,2', 'calls.c'],
  ['-fxray-instrument -fxray-instruction-threshold=1', 'calls.c'],
  ['-fsplit-stack', 'frames.c', [X86]],
  ['-fsanitize-coverage=trace-pc-guard', 'switches.c'],
  ['-fmemory-profile', 'globals.c'],
  ['-fno-rtti', 'objects.cpp'],
  ['-fno-threadsafe-statics', 'objects.cpp'],
  ['-fno-use-cxa-atexit', 'objects.cpp'],
  // Debug information
  ['-g', 'plain.c'],
  ['-g', 'plain.c', BOTH, '-O0'],
  ['-g1', 'plain.c'],
  ['-gdwarf-4', 'plain.c'],
  ['-gdwarf-5 -gdwarf64', 'plain.c'],
  ['-g -ggdb', 'plain.c', BOTH, '-O2'],
  ['-g -gz=none', 'plain.c'],
  ['-g -gz', 'plain.c'],
  ['-g -gstrict-dwarf -gdwarf-3', 'plain.c'],
  ['-g -fdebug-types-section', 'plain.c'],
  ['-g -gpubnames', 'plain.c'],
  ['-g -fstandalone-debug', 'objects.cpp'],
  ['-g -fdebug-info-for-profiling', 'plain.c'],
  ['-fpseudo-probe-for-profiling', 'plain.c'],
];

const CASES = ROWS.flatMap(([option, fixture, triples = BOTH, base = '-O2']) =>
  triples.map((triple) => ({ option, fixture, triple, base })),
);

describe.skipIf(!available('clang-22'))('options against native clang', () => {
  const native = nativeClang();
  const compiler = openCompiler(FIXTURES);
  const objects = new Map<string, Uint8Array>();
  const ours = (fixture: string, triple: string, flags: string) => {
    const key = `${fixture} ${triple} ${flags}`;
    const made = objects.get(key);
    if (made) return made;
    const { outputs, failure, diagnostics } = compiler.compile(fixture, triple, flags.split(' '));
    if (!outputs?.object) throw new Error(`${failure?.message}\n${diagnostics}`);
    objects.set(key, outputs.object);
    return outputs.object;
  };

  it.each(CASES)('$option, beside $base: $fixture, $triple', ({ option, fixture, triple, base }) => {
    const flags = `${base} ${option}`;
    const object = ours(fixture, triple, flags);
    expect(differences(object, native(fixture, triple, flags.split(' '), FIXTURES))).toEqual([]);
    expect(differences(object, ours(fixture, triple, base))).not.toEqual([]);
  });
});
