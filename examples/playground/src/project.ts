// What a user works on: files, what is made of them, and how they are run.

export const VIEWS = ['assembly', 'ir', 'disassembly', 'sections', 'symbols'] as const;
export type View = (typeof VIEWS)[number];

/** One set of a target and flags, and what of it is looked at. */
export interface PaneSettings {
  target: string;
  flags: string;
  view: View;
}

export interface Project {
  /** By path; the order is that of the tabs. */
  files: Map<string, string>;
  /** The file that is edited. */
  active: string;
  /** One or two. */
  panes: PaneSettings[];
  /** Whether directives and unused labels are shown. */
  directives: boolean;
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

/** Why a path cannot be one of a project's; undefined where it can. */
export function pathProblem(path: string, files: ReadonlyMap<string, string>): string | undefined {
  if (path === '' || path.split('/').some((part) => part === '' || part === '.' || part === '..'))
    return 'A name such as main.c or include/list.h is needed.';
  if (/^[-@]/.test(path)) return `A name cannot begin with ${path[0]}.`;
  if (files.has(path)) return `There is a file ${path} already.`;
  return undefined;
}

/** The file that is compiled: the one that is edited, or for a header the first source. */
export function unitOf({ files, active }: Project, last: string | undefined): string | undefined {
  if (isSource(active)) return active;
  if (last !== undefined && files.has(last)) return last;
  return [...files.keys()].find(isSource);
}
