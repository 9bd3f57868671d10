/** The source line that a line of a listing comes from. */
export interface SourceLine {
  /** Path of the file, as the project names it. */
  file: string;
  /** The line, from 1. */
  line: number;
}

/** Text that the compiler wrote, and the source lines that its lines come from. */
export interface Listing {
  /** All lines, each with a newline at its end. */
  text: string;
  /** For each line of `text`, its source line; undefined if it comes from none. */
  lines: (SourceLine | undefined)[];
  /** With the option `demangle`: the text with the names that the object has, line by line. */
  mangled?: string;
}

/** Collects lines together with their source lines. */
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

/** The path of a file in debug info, as diagnostics name it: files of the project by relative path. */
export function projectFile(directory: string, name: string): string {
  const path = name.startsWith('/') || directory === '' || directory === '.' ? name : `${directory}/${name}`;
  return path.replace(/^\/src\//, '').replace(/^(\.\/)+/, '');
}
