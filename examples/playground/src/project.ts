// A project: the user's files, the outputs to show, and how to run the program.

export const VIEWS = ['assembly', 'ir', 'disassembly', 'sections', 'symbols'] as const;
export type View = (typeof VIEWS)[number];

/** A target, flags, and the view of the output. */
export interface PaneSettings {
  target: string;
  flags: string;
  view: View;
}

export interface Project {
  /** The texts by path, in the order of the tabs. */
  files: Map<string, string>;
  /** The path of the file in the editor. */
  active: string;
  /** One or two. */
  panes: PaneSettings[];
  /** Whether directives and unused labels are shown. */
  directives: boolean;
  /** Whether C++ names are shown demangled. */
  demangle: boolean;
  run: { flags: string; args: string; input: string };
}

export const TARGETS = [
  ['x86_64-linux-musl', 'x86_64 Linux'],
  ['aarch64-linux-musl', 'aarch64 Linux'],
  ['x86_64-linux-gnu', 'x86_64 Linux, glibc'],
  ['aarch64-linux-gnu', 'aarch64 Linux, glibc'],
  ['x86_64-windows-gnu', 'x86_64 Windows'],
  ['arm64-apple-macos', 'arm64 macOS (no headers)'],
  ['wasm32-wasip1', 'WebAssembly, WASI'],
] as const;

export const isSource = (path: string): boolean =>
  /\.(c|cc|cp|cpp|cxx|c\+\+|C|cppm|ccm|cxxm|c\+\+m|ixx|ll|s|S)$/.test(path);

/** Explains why a path is not possible in a project; undefined if it is possible. */
export function pathProblem(path: string, files: ReadonlyMap<string, string>): string | undefined {
  if (path === '' || path.split('/').some((part) => part === '' || part === '.' || part === '..'))
    return 'A name such as main.c or include/list.h is needed.';
  if (/^[-@]/.test(path)) return `A name cannot begin with ${path[0]}.`;
  if (files.has(path)) return `There is a file ${path} already.`;
  return undefined;
}

/** The file to compile: the one in the editor, or, if that is a header, the last one or else the first source. */
export function unitOf({ files, active }: Project, last: string | undefined): string | undefined {
  if (isSource(active)) return active;
  if (last !== undefined && files.has(last)) return last;
  return [...files.keys()].find(isSource);
}
