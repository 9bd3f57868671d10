// Records what a program saw of the host, as questions and answers. Asking the host the same questions again tells
// whether a program would see anything else. The answers and the request together determine everything that a program
// does.
import { type EntryKind, followed, holds, inOrder, inside, lookUp, type MountedTree } from './mounts.js';

/**
 * A question about a place of the volume. Its first letter is the kind: `?` what is there, `*` which names are in it,
 * `^` which directory is above it.
 */
export type Question = `${'?' | '*' | '^'}${string}`;

/**
 * An answer: `file <sha256>`, `directory`, `link <target>`, `none`; a list as JSON, or the sha256 of one; or a place.
 */
export type Answer = string;

export const NOTHING: Answer = 'none';
export const fileAnswer = (sha256: string): Answer => `file ${sha256}`;
export const linkAnswer = (to: string | undefined): Answer => `link ${to ?? ''}`;
export const listAnswer = (names: readonly (readonly [string, EntryKind | undefined])[]): Answer =>
  JSON.stringify(names.map(([name, kind]) => `${kind ?? ''} ${name}`).sort());

/** What programs have seen of the host since the recording began. */
export interface Observed {
  /** The answers that decide whether another run would see the same. */
  answers: [Question, Answer][];
  /** The files that were asked for, by name and by place. */
  files: [name: string, at: string][];
}

/** A tree of the host; reading its files may be asynchronous. */
export type HostTree = MountedTree<Uint8Array | Promise<Uint8Array>>;

/** Answers as the host is now, each once: it shows one moment, as far as a build can tell. */
export class HostView {
  readonly #mounts: readonly HostTree[];
  readonly #known = new Map<Question, Promise<Answer | undefined>>();

  /**
   * @param mounts those that show the host
   * @param sha256 the sha256 of some bytes, in hex
   */
  constructor(
    mounts: readonly HostTree[],
    readonly sha256: (bytes: Uint8Array) => string,
  ) {
    this.#mounts = inOrder(mounts);
  }

  /** The places of the mounts, which no question is about. */
  layout(): string[] {
    return this.#mounts.map(({ at, tree }) => `${at} ${tree.follow?.('') ?? at}`);
  }

  /** Undefined where the host cannot be asked, such as about a file that may not be read. */
  answer(question: Question): Promise<Answer | undefined> {
    const answer =
      this.#known.get(question) ?? this.#ask(question[0] as string, question.slice(1)).catch(() => undefined);
    this.#known.set(question, answer);
    return answer;
  }

  async #ask(what: string, at: string): Promise<Answer | undefined> {
    if (what === '^') return this.#mounts.find((mount) => mount.at === at && mount.tree.above)?.tree.above?.();
    if (what === '*') return this.sha256(new TextEncoder().encode(listAnswer(this.#names(at))));
    if (what !== '?') return undefined;
    const found = lookUp(this.#mounts, at);
    if (found === undefined) return undefined;
    if (found === 'none') return NOTHING;
    const { tree, path, kind } = found;
    if (kind === 'directory') return kind;
    return kind === 'link' ? linkAnswer(tree.follow?.(path)) : fileAnswer(this.sha256(await tree.read(path)));
  }

  #names(at: string): [string, EntryKind | undefined][] {
    return this.#mounts
      .filter((mount) => mount.at === at || holds(mount, at))
      .flatMap((mount) => mount.tree.list?.(inside(mount, at)) ?? [])
      .map((name) => [name, this.#peek(at === '/' ? `/${name}` : `${at}/${name}`)]);
  }

  #peek(at: string): EntryKind | undefined {
    const found = lookUp(this.#mounts, at);
    if (found === undefined || found === 'none') return undefined;
    if (found.kind !== 'link') return found.kind;
    const place = followed(found.tree, found.path);
    return place === undefined ? undefined : this.#peek(place);
  }
}
