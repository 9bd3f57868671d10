// Recognises the kind of a profile by its content.
import { beyondLimits, PLAN_LIMITS } from '../text/limits.js';

/**
 * The profile formats that a build accepts. The magic numbers follow LLVM's headers ProfileData/InstrProfData.inc and
 * SampleProf.h.
 */
export type ProfileFormat =
  /** JSON v1: counts of functions and of calls. */
  | 'artifact'
  /** An AOT plan, as `art plan` writes it. */
  | 'plan'
  /** Instrumentation profiles: merged (indexed), as a program writes it (raw), and text. */
  | 'instr-indexed'
  | 'instr-raw'
  | 'instr-text'
  /** Sample profiles: text, extended binary, and the older binary. */
  | 'sample-text'
  | 'sample-extbinary'
  | 'sample-binary';

/** Whether a format is one of instrumentation profiles. */
export const isInstrumentation = (format: ProfileFormat) => format.startsWith('instr-');

interface Magic {
  bytes: readonly number[];
  /** The format; or in `not`, what the file is instead and what to do. */
  is: ProfileFormat | { not: string };
}

const ascii = (text: string) => [...text].map((c) => c.charCodeAt(0));
/** 'SPROF42' and the format's number, as ULEB128. */
const sampleMagic = (format: number) => {
  const bytes: number[] = [];
  const text = ascii('SPROF42').reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  for (let rest = (text << 8n) | BigInt(format); rest > 0n; rest >>= 7n)
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
  return bytes;
};
const OTHER_MACHINE = 'a raw profile of a 32-bit or big-endian program, which art has no target for';

const MAGICS: readonly Magic[] = [
  { bytes: [0xff, ...ascii('lprofi'), 0x81], is: 'instr-indexed' },
  { bytes: [0x81, ...ascii('rforpl'), 0xff], is: 'instr-raw' },
  { bytes: [0x81, ...ascii('Rforpl'), 0xff], is: { not: OTHER_MACHINE } },
  { bytes: [0xff, ...ascii('lprofr'), 0x81], is: { not: OTHER_MACHINE } },
  { bytes: [0xff, ...ascii('lprofR'), 0x81], is: { not: OTHER_MACHINE } },
  { bytes: sampleMagic(0x04), is: 'sample-extbinary' },
  { bytes: sampleMagic(0xff), is: 'sample-binary' },
  {
    bytes: sampleMagic(0x02),
    is: { not: 'a compact binary sample profile, which LLVM 22 no longer reads; record it again' },
  },
  {
    bytes: ascii('PERFILE2'),
    is: { not: "perf's own record; turn it into a sample profile with llvm-profgen or AutoFDO's create_llvm_prof" },
  },
  { bytes: ascii('adcg'), is: { not: "GCC's own format (.gcda, .afdo); LLVM's are read here" } },
  { bytes: [0x81, ...ascii('rforpm'), 0xff], is: { not: 'a raw memory profile; only counts and samples are used' } },
  { bytes: [0x7f, ...ascii('ELF')], is: { not: 'an ELF file; name the profile that the program wrote' } },
  { bytes: [0x1f, 0x8b], is: { not: 'gzip; unpack it first' } },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], is: { not: 'zstd; unpack it first' } },
];

/** How many bytes of a text are searched for its first line with content. */
const LOOKED_AT = 1 << 16;

/**
 * Recognises a profile.
 * @returns its format; or in `not`, what the file is instead
 */
export function recogniseProfile(bytes: Uint8Array): ProfileFormat | { not: string } {
  if (bytes.length === 0) return { not: 'empty; a program writes its profile when it ends in an orderly way' };
  const magic = MAGICS.find(({ bytes: start }) => start.every((byte, i) => bytes[i] === byte));
  if (magic) return magic.is;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, LOOKED_AT), { stream: true });
  } catch {
    return { not: 'of no known format' };
  }
  if (/^\s*\{/.test(text)) return isPlan(bytes) ? 'plan' : 'artifact';
  const line = text.split('\n').find((l) => l.trim() !== '' && !l.startsWith('#'));
  if (line === undefined) return { not: 'a text without any counts' };
  // 'name:samples:head samples'; a context has brackets: '[main:3 @ f]:12:3'.
  if (/^\S.*:\d+:\d+\s*$/.test(line)) return 'sample-text';
  // A header such as ':ir'; or the name of the first function, followed by a line with its hash.
  if (
    /^:(ir|fe|csir|entry_first|not_entry_first|instrument_loop_entries|single_byte_coverage|temporal_prof_traces)\s*$/i.test(
      line,
    )
  )
    return 'instr-text';
  const [, after] = /^[^\n]*\n(?:\s*#[^\n]*\n|\s*\n)*\s*([^\n]*)/.exec(text.slice(text.indexOf(line))) ?? [];
  if (/^\S+\s*$/.test(line) && /^(0x[0-9a-f]+|\d+)\s*$/i.test(after ?? '')) return 'instr-text';
  return { not: 'of no known format' };
}

/**
 * Whether it is a plan, which has decisions, and not a profile, which has only counts. The order of keys means nothing,
 * so all of it is read.
 */
function isPlan(bytes: Uint8Array): boolean {
  if (beyondLimits(bytes, PLAN_LIMITS)) return false; // the reader of profiles reports the error
  try {
    const json = JSON.parse(new TextDecoder().decode(bytes));
    return typeof json === 'object' && json !== null && 'inline_candidates' in json;
  } catch {
    return false; // as above
  }
}
