// Shows C++ names as the source has them. llvm.wasm demangles the symbols of an object, so the names are put into one.
import { undefinedSymbols } from '../formats/elf-writer.js';
import type { CodeSymbol, Section } from '../inspect/contents.js';
import type { Platform } from '../platform/types.js';
import { INPUTS } from '../toolchain/paths.js';
import { TimedOut, withinTime } from '../toolchain/time-limit.js';
import { toolRequest } from '../toolchain/tool-request.js';
import type { Listing } from './listing.js';
import type { Turn } from './turns.js';

/**
 * Names in assembly and disassembly (Itanium C++ ABI, 5.1.1); on macOS with one more `_`. There may be the `$` of an
 * operand or of a comdat before them. The first alternative skips strings of the program.
 */
const IN_ASSEMBLY =
  /^\s*\.(?:ascii|asciz|string)\b.*|(?<![\w.\u0080-\uffff]|[\w.$\u0080-\uffff]\$)(_{1,4}Z[\w.$\u0080-\uffff]+)/gm;
/** Names in IR. */
const IN_IR = /(?<= )c"[^"\n]*"|(?<![\w.]|[\w.$]\$)(_{1,4}Z[\w.$\\]+)/g;
const IS_MANGLED = /^_{1,4}Z[\w.$\u0080-\uffff]+$/;

const PATTERNS = { assembly: IN_ASSEMBLY, disassembly: IN_ASSEMBLY, ir: IN_IR } as const;
const LISTINGS = ['assembly', 'disassembly', 'ir'] as const;

/** IR has other characters than those of ASCII as `\C3\A9`, one number for each byte. */
const plain = (name: string) =>
  name.replace(/(?:\\[0-9A-F]{2})+/g, (bytes) =>
    new TextDecoder().decode(Uint8Array.from(bytes.slice(1).split('\\'), (byte) => Number.parseInt(byte, 16))),
  );

/** Replaces the mangled names in a text. */
const replaceNames = (text: string, pattern: RegExp, shown: (name: string) => string): string =>
  text.replace(pattern, (found, name: string | undefined) => (name === undefined ? found : shown(plain(name))));

/** A symbol. If its name was demangled, `mangled` is the one in the object. */
export type ShownSymbol = CodeSymbol & { mangled?: string };

/** The outputs in which names are shown. */
export interface Outputs {
  assembly?: Listing;
  ir?: Listing;
  disassembly?: Listing;
  contents?: { sections: Section[]; symbols: ShownSymbol[] };
}

/** What names are demangled with. */
export interface Demangler {
  platform: Platform;
  turn: Turn;
  /** That of the compiler: instances of a program are kept only as long as the limit is the same. */
  maxMemory: number | undefined;
}

/**
 * Demangles the names in the listings and symbols of a unit.
 * @returns those of the outputs that are there
 * @throws ArtError PROGRAM_CORRUPT
 */
export async function demangle(made: Outputs, demangler: Demangler, names: DemangledNames): Promise<Outputs> {
  const found = new Set<string>();
  for (const kind of LISTINGS)
    for (const [, name] of made[kind]?.text.matchAll(PATTERNS[kind]) ?? [])
      if (name !== undefined) found.add(plain(name));
  for (const { name } of made.contents?.symbols ?? []) if (IS_MANGLED.test(name)) found.add(name);
  await names.learn(found, demangler);
  const shown: Outputs = {};
  for (const kind of LISTINGS) {
    const listing = made[kind];
    if (!listing) continue;
    const text = replaceNames(listing.text, PATTERNS[kind], (name) => names.of(name));
    shown[kind] = { ...listing, text, mangled: listing.text };
  }
  if (made.contents)
    shown.contents = {
      ...made.contents,
      symbols: made.contents.symbols.map((symbol) => {
        const name = names.of(symbol.name);
        return name === symbol.name ? symbol : { ...symbol, name, mangled: symbol.name };
      }),
    };
  return shown;
}

const INPUT = `${INPUTS}/names.o`;
/** How long it may take: a name of a few hundred characters can stand for one of gigabytes. */
const MAX_SECONDS = 5;
/** How many names are remembered. */
const MAX_KNOWN = 50_000;

/** The demangled names that a session knows, so that names are looked up once and not for each key that is pressed. */
export class DemangledNames {
  readonly #known = new Map<string, string>();

  /** The demangled name; the name itself if it is not known or cannot be demangled. */
  of(name: string): string {
    return this.#known.get(name) ?? name;
  }

  /**
   * Demangles the names that are not known yet.
   * @throws ArtError PROGRAM_CORRUPT
   */
  async learn(names: ReadonlySet<string>, demangler: Demangler): Promise<void> {
    if (this.#known.size > MAX_KNOWN) this.#known.clear();
    const asked = [...names].filter((name) => !this.#known.has(name));
    if (asked.length === 0) return;
    const shown = await demangled(asked, demangler);
    asked.forEach((name, at) => {
      this.#known.set(name, shown?.[at] ?? name);
    });
  }
}

/** Demangles names. @returns undefined if a limit was reached: the names then stay as they are */
async function demangled(
  names: readonly string[],
  { platform, turn: { signal, endWith }, maxMemory }: Demangler,
): Promise<string[] | undefined> {
  signal.throwIfAborted();
  const toolchain = platform.openToolchain([], []);
  try {
    const worker = toolchain.startWorker();
    endWith(() => worker.terminate());
    const request = {
      ...toolRequest(
        'nm',
        ['--demangle', '--no-sort', '--format=just-symbols', INPUT],
        [{ path: INPUT, bytes: undefinedSymbols(names) }],
      ),
      ...(maxMemory !== undefined && { maxMemory }),
    };
    const result = await withinTime(worker.command(request), worker.ready, MAX_SECONDS).catch(async (error) => {
      if (!(error instanceof TimedOut)) throw error;
      await worker.terminate();
    });
    await toolchain.verify();
    const lines = new TextDecoder().decode(result?.stdout).split('\n').slice(0, -1);
    return result?.status === 0 && lines.length === names.length ? lines : undefined;
  } finally {
    await toolchain.close();
  }
}
