/** Where a line of a listing comes from. */
export interface SourceLine {
  /** As the project names it. */
  file: string;
  /** From 1. */
  line: number;
}

/** Text that the compiler wrote, and where its lines come from. */
export interface Listing {
  text: string;
  /** For each line of `text`; undefined where it comes from none. */
  lines: (SourceLine | undefined)[];
}

/** Lines that are collected with their sources. */
export class ListingWriter {
  readonly #text: string[] = [];
  readonly #lines: (SourceLine | undefined)[] = [];

  add(text: string, from?: SourceLine): void {
    this.#text.push(text);
    this.#lines.push(from);
  }

  end(): Listing {
    return { text: this.#text.map((line) => `${line}\n`).join(''), lines: this.#lines };
  }
}

/** A file of debug info as diagnostics name it: the project's are relative to it. */
export function projectFile(directory: string, name: string): string {
  const path = name.startsWith('/') || directory === '' || directory === '.' ? name : `${directory}/${name}`;
  return path.replace(/^\/src\//, '').replace(/^(\.\/)+/, '');
}
