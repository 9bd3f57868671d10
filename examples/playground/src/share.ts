// Encodes a project in the fragment of a URL, which browsers do not send to servers.
import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';
import { type Project, VIEWS, type View } from './project.js';

/** Browsers and chat programs may cut off longer URLs. */
const MAX_LENGTH = 200_000;
const MAX_TEXT = 20 << 20;
/** The first letter names the encoding of the rest, so that later versions can use others. */
const PREFIX = '1';

const toBase64 = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
};

const fromBase64 = (text: string) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));

/** Encodes a project. @returns undefined if it is too large for a URL */
export function toFragment(project: Project): string | undefined {
  const { files, active, panes, directives, demangle, run } = project;
  const plain = {
    ...{ f: [...files], a: active, p: panes.map((p) => [p.target, p.flags, p.view]), r: run },
    ...{ d: directives, n: demangle },
  };
  const packed = PREFIX + toBase64(deflateSync(strToU8(JSON.stringify(plain)), { level: 9 }));
  return packed.length <= MAX_LENGTH ? packed : undefined;
}

/** Decodes a project. @returns undefined if the fragment contains none */
export function fromFragment(fragment: string): Project | undefined {
  const text = fragment.replace(/^#/, '');
  if (!text.startsWith(PREFIX) || text.length > MAX_LENGTH) return undefined;
  try {
    const out = new Uint8Array(MAX_TEXT);
    const bytes = inflateSync(fromBase64(text.slice(1)), { out });
    return readProject(JSON.parse(strFromU8(bytes)));
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';

function readProject(value: Record<string, unknown>): Project | undefined {
  const { f, a, p, d, n, r } = value;
  if (!Array.isArray(f) || !f.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText)))
    return undefined;
  const files = new Map(f as [string, string][]);
  const [first] = files.keys();
  if (first === undefined) return undefined;
  const panes = (Array.isArray(p) ? p : [])
    .filter((pane): pane is string[] => Array.isArray(pane) && pane.every(isText))
    .slice(0, 2)
    .map(([target = '', flags = '', view = '']) => ({
      target,
      flags,
      view: VIEWS.includes(view as View) ? (view as View) : ('assembly' as const),
    }));
  const run = (r ?? {}) as Record<string, unknown>;
  const text = (name: string) => (isText(run[name]) ? (run[name] as string) : '');
  return {
    files,
    active: isText(a) && files.has(a) ? a : first,
    panes: panes.length > 0 ? panes : [{ target: 'x86_64-linux-musl', flags: '-O2', view: 'assembly' }],
    directives: d === true,
    demangle: n !== false, // links of earlier versions do not say
    run: { flags: text('flags'), args: text('args'), input: text('input') },
  };
}
