// Reads LLVM IR that was printed with line tables (-g1), and removes what is only for debuggers.
import { type Listing, ListingWriter, projectFile, type SourceLine } from './listing.js';

const NODE = /^(!\d+) = (?:distinct )?(.*)$/;
/** Metadata nodes and module flags that only debug info has. */
const DEBUG_NODE = /^!DI[A-Z]\w*\(/;
const DEBUG_FLAG = /^!\{i32 \d+, !"(Dwarf Version|Debug Info Version|DWARF64)"/;
const ATTACHED = /(?:,)? !dbg (!\d+)/;
const field = (text: string, name: string) => new RegExp(`[(,] ?${name}: ("[^"]*"|[^,)]+)`).exec(text)?.[1];
const unquoted = (text = '') => text.replace(/^"|"$/g, '');

/** The metadata of a module, by name. */
class Nodes {
  readonly #nodes = new Map<string, string>();

  constructor(lines: readonly string[]) {
    for (const line of lines) {
      const [, name, value] = NODE.exec(line) ?? [];
      if (name !== undefined && value !== undefined) this.#nodes.set(name, value);
    }
  }

  get(name: string | undefined): string {
    return (name && this.#nodes.get(name)) || '';
  }

  /** The source line of a !DILocation or !DISubprogram. */
  source(name: string): SourceLine | undefined {
    const node = this.get(name);
    const line = Number(field(node, 'line') ?? 0);
    const file = this.#fileOf(node);
    return line > 0 && file !== undefined ? { file, line } : undefined;
  }

  #fileOf(node: string): string | undefined {
    for (let at = node, depth = 0; at !== '' && depth < 200; depth++) {
      const file = field(at, 'file');
      if (file !== undefined) {
        const found = this.get(file);
        return projectFile(unquoted(field(found, 'directory')), unquoted(field(found, 'filename')));
      }
      at = this.get(field(at, 'scope'));
    }
    return undefined;
  }
}

/** @param keepsDebug keeps what is for debuggers, if the user asked for it with -g */
export function irListing(text: string, keepsDebug = false): Listing {
  const all = text.replace(/\n$/, '').split('\n');
  const nodes = new Nodes(all);
  const gone = keepsDebug ? new Set<string>() : debugNodes(all);
  const listing = new ListingWriter();
  for (const line of all) {
    const attached = ATTACHED.exec(line);
    const from = attached && !line.startsWith('!') ? nodes.source(attached[1] as string) : undefined;
    if (keepsDebug) listing.add(line, from);
    else if (!isForDebuggers(line, gone)) listing.add(withoutDebug(line, gone), from);
  }
  return listing.end();
}

function debugNodes(all: readonly string[]): Set<string> {
  const gone = new Set<string>();
  for (const line of all) {
    const [, name, value = ''] = NODE.exec(line) ?? [];
    if (name !== undefined && (DEBUG_NODE.test(value) || DEBUG_FLAG.test(value))) gone.add(name);
  }
  // Also removes nodes that only these use: lists of types, and so on.
  for (let known = -1; known !== gone.size; ) {
    known = gone.size;
    const named = new Set<string>();
    for (const line of all) {
      const [, name] = NODE.exec(line) ?? [];
      if (name !== undefined && gone.has(name)) continue;
      const rest = line.replace(ATTACHED, '').replace(/^!\d+ =/, '');
      for (const [node] of rest.matchAll(/!\d+/g)) named.add(node);
    }
    for (const line of all) {
      const [, name, value = ''] = NODE.exec(line) ?? [];
      if (name !== undefined && !named.has(name) && /^!\{(!\d+(, )?)*\}$/.test(value)) gone.add(name);
    }
  }
  return gone;
}

function isForDebuggers(line: string, gone: ReadonlySet<string>): boolean {
  if (/^!llvm\.dbg\.\w+ =|^\s+#dbg_/.test(line)) return true;
  const [, name] = NODE.exec(line) ?? [];
  return name !== undefined && gone.has(name);
}

function withoutDebug(line: string, gone: ReadonlySet<string>): string {
  if (!line.startsWith('!')) return line.replace(ATTACHED, '');
  const [head = '', ...rest] = line.split(' = ');
  const listed = rest.join(' = ').replace(/\{([^}]*)\}/, (list, inside: string) => {
    const nodes = inside.split(', ');
    const left = nodes.filter((node) => !gone.has(node));
    return left.length === nodes.length ? list : `{${left.join(', ')}}`;
  });
  return rest.length === 0 ? line : `${head} = ${listed}`;
}
