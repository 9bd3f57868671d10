// The headers that a unit of C++ begins to include take most of its time, and seldom change while one types. From the second time
// on they are compiled once (clang's manual, "Precompiled Headers"), and units that begin the same way go on from there.
import { COMPILED_PREAMBLE, PREAMBLE } from '../toolchain/paths.js';
import type { CompileRequest, CompileResult } from '../toolchain/requests.js';

/** Languages that have such headers. */
const IS_CXX = /\.(cc|cp|cpp|cxx|c\+\+|C|CPP)$/;
/**
 * Empty lines, comments, and includes of headers that are not the project's: without flags that name folders, none of
 * these is found there.
 */
const LINES =
  /^(?:[ \t]*(?:\/\/[^\n\\]*|\/\*(?:[^*\\]|\*(?!\/))*\*\/[ \t]*|#[ \t]*include[ \t]*<[^<>\n\\]+>[ \t]*(?:\/\/[^\n\\]*)?)?\r?\n)+/;
/** Flags that change neither where headers are nor what of them is written out. */
const HARMLESS =
  /^-(?:O[0-3sgz]?|std=[\w+:]+|D.+|U.+|W(?![pal],)[\w=+-]*|w|pedantic(?:-errors)?|m[\w.=,+-]+|f(?:no-)?(?:exceptions|rtti|fast-math|inline|inline-functions|unroll-loops|vectorize|slp-vectorize|omit-frame-pointer|strict-aliasing|wrapv|math-errno|pic|PIC|char8_t|signed-char|stack-protector))$/;

/** Where a preamble ends at the latest. */
const MAX_LENGTH = 1 << 16;

/** What a unit begins with, up to its last include there. */
function preambleOf(path: string, unit: Uint8Array): Uint8Array | undefined {
  if (!IS_CXX.test(path)) return undefined;
  // A letter a byte.
  const [lines = ''] = LINES.exec(new TextDecoder('latin1').decode(unit.subarray(0, MAX_LENGTH))) ?? [];
  const last = [...lines.matchAll(/^[ \t]*#/gm)].at(-1)?.index;
  if (last === undefined || lines.includes('??/')) return undefined;
  return unit.slice(0, lines.indexOf('\n', last) + 1);
}

/** To clang the preamble is a file, which the first line of the unit includes. */
const INCLUDED = new RegExp(`In file included from .*\\n(?=In file included from ${PREAMBLE}:)`, 'g');
const inOneFile = (printed: string, path: string) => printed.replace(INCLUDED, '').replaceAll(PREAMBLE, path);

/** What is known of a preamble: it was there before; nothing can go on from it; or what clang made of it. */
type Known = 'seen' | 'unfit' | Uint8Array;
/** Preambles of which something is known, and those that are kept: each has some 20 MB. */
const [MAX_KNOWN, MAX_KEPT] = [50, 2];

/** The preambles of a session. */
export class Preambles {
  /** By text, target and flags, the latest last. */
  readonly #known = new Map<string, Known>();

  /**
   * Compiles a unit; the same comes of it with its preamble as without.
   * @param unit its text, and the flags that are the user's own
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
    // What clang says of headers it would not say again.
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
