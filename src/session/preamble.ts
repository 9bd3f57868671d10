// Compiling the headers at the beginning of a C++ unit takes most of its time, and they seldom change while the user
// types. When a session compiles a unit with the same beginning, its preamble, for the second time, it compiles the
// preamble by itself (clang's manual, "Precompiled Headers"); further units with this preamble start from there.
import { COMPILED_PREAMBLE, PREAMBLE } from '../toolchain/paths.js';
import type { CompileRequest, CompileResult } from '../toolchain/requests.js';

/** Sources that have preambles: those of C++. */
const IS_CXX = /\.(cc|cp|cpp|cxx|c\+\+|C|CPP)$/;
/**
 * Empty lines, comments, and includes of headers in angle brackets. Without flags that name folders, no header of the
 * project is found that way.
 */
const LINES =
  /^(?:[ \t]*(?:\/\/[^\n\\]*|\/\*(?:[^*\\]|\*(?!\/))*\*\/[ \t]*|#[ \t]*include[ \t]*<[^<>\n\\]+>[ \t]*(?:\/\/[^\n\\]*)?)?\r?\n)+/;
/** Flags that change neither where headers are found nor how they are preprocessed. */
const HARMLESS =
  /^-(?:O[0-3sgz]?|std=[\w+:]+|D.+|U.+|W(?![pal],)[\w=+-]*|w|pedantic(?:-errors)?|m[\w.=,+-]+|f(?:no-)?(?:exceptions|rtti|fast-math|inline|inline-functions|unroll-loops|vectorize|slp-vectorize|omit-frame-pointer|strict-aliasing|wrapv|math-errno|pic|PIC|char8_t|signed-char|stack-protector))$/;

/** The largest length of a preamble, in bytes. */
const MAX_LENGTH = 1 << 16;

/** The preamble of a unit: its beginning, up to its last include there; undefined if it has none. */
function preambleOf(path: string, unit: Uint8Array): Uint8Array | undefined {
  if (!IS_CXX.test(path)) return undefined;
  // As latin1, each byte is one character.
  const [lines = ''] = LINES.exec(new TextDecoder('latin1').decode(unit.subarray(0, MAX_LENGTH))) ?? [];
  const last = [...lines.matchAll(/^[ \t]*#/gm)].at(-1)?.index;
  if (last === undefined || lines.includes('??/')) return undefined;
  return unit.slice(0, lines.indexOf('\n', last) + 1);
}

/** For clang the preamble is a file that the first line of the unit includes. This removes that file from messages. */
const INCLUDED = new RegExp(`In file included from .*\\n(?=In file included from ${PREAMBLE}:)`, 'g');
const inOneFile = (printed: string, path: string) => printed.replace(INCLUDED, '').replaceAll(PREAMBLE, path);

/** What is known about a preamble: it was seen before; it cannot be used; or its compiled form. */
type Known = 'seen' | 'unfit' | Uint8Array;
/** How many preambles are remembered, and how many are kept in compiled form, about 20 MB each. */
const [MAX_KNOWN, MAX_KEPT] = [50, 2];

/** The preambles of a session. */
export class Preambles {
  /** By text, target and flags; the most recently used is last. */
  readonly #known = new Map<string, Known>();

  /**
   * Compiles a unit, with its preamble if possible; the result is the same as without.
   * @param unit its text, and the flags that the user gave
   * @param compile runs a request
   */
  async compile(
    request: CompileRequest,
    { text, own }: { text: Uint8Array; own: readonly string[] },
    compile: (request: CompileRequest) => Promise<CompileResult>,
  ): Promise<CompileResult> {
    const preamble = preambleOf(request.path, text);
    if (!preamble || request.profile || !own.every((flag) => HARMLESS.test(flag))) return compile(request);
    const key = JSON.stringify([request.triple, request.flags, new TextDecoder('latin1').decode(preamble)]);
    const compiled = await this.#compiled(key, { ...request, preamble: { text: preamble } }, compile);
    if (!compiled) return compile(request);
    const result = await compile({ ...request, preamble: { text: preamble, compiled } });
    if (!result.diagnostics.includes(COMPILED_PREAMBLE))
      return { ...result, diagnostics: inOneFile(result.diagnostics, request.path) };
    this.#keep(key, 'unfit');
    return compile(request);
  }

  async #compiled(
    key: string,
    request: CompileRequest,
    compile: (request: CompileRequest) => Promise<CompileResult>,
  ): Promise<Uint8Array | undefined> {
    const known = this.#known.get(key);
    this.#keep(key, known ?? 'seen');
    if (known !== 'seen') return known === 'unfit' ? undefined : known;
    const { made, diagnostics } = await compile({ ...request, instead: 'preamble' });
    // Warnings about headers would be printed only once, so a preamble with any is not used.
    const isFit = made !== undefined && diagnostics === '';
    this.#keep(key, isFit ? made : 'unfit');
    return isFit ? made : undefined;
  }

  #keep(key: string, known: Known): void {
    this.#known.delete(key);
    this.#known.set(key, known);
    const kept = [...this.#known].filter(([, known]) => known instanceof Uint8Array).map(([key]) => key);
    const tooMany = [...kept.slice(0, -MAX_KEPT), ...[...this.#known.keys()].slice(0, -MAX_KNOWN)];
    for (const key of tooMany) this.#known.delete(key);
  }
}
