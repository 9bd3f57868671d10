import { createFsFromVolume, type IFs, Volume as MemoryVolume } from 'memfs';
import { type Answer, fileAnswer, linkAnswer, listAnswer, NOTHING, type Observed, type Question } from './host-view.js';
import { type EntryKind, followed, holds, inOrder, inside, type Lookup, lookUp, type MountedTree } from './mounts.js';
import { ABOVE, normalise, OUTPUT, OWN, TEMPORARY, USER_SYSROOT } from './paths.js';

/**
 * Files about the reading process itself (proc(5)), which differ from run to run. LLVM looks there for the name of an
 * open file, and is told that there is none.
 */
const OF_A_PROCESS = /^\/proc\/(self|thread-self|\d+)(\/|$)/;

interface Recording {
  answers: Map<Question, Answer>;
  files: Map<string, string>;
  /** Paths that have been recorded. */
  paths: Set<string>;
  /** Places of files that a program, or art itself, has read. */
  read: Set<string>;
  /** Something happened that questions and answers cannot express. */
  isBroken: boolean;
}

const below = (directory: string, name: string) => (directory === '/' ? `/${name}` : `${directory}/${name}`);
const parent = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

/**
 * The file system of the wasm programs: a memfs volume that reads through to mounted trees. A file is read when a
 * program first asks for it, and stays until it is dropped, so that a header is read once for all units. If mounts
 * overlap, the deeper one is asked first; of two at the same place the earlier one.
 *
 * A path names a place. It is resolved one part at a time, as the kernel does: '..' after a link means the parent of
 * the link's target. The memfs volume has no links, and everything here is keyed by place, unless said otherwise.
 */
export class Volume {
  readonly fs: IFs = createFsFromVolume(new MemoryVolume());
  readonly #known = new Map<string, EntryKind | 'link' | undefined>();
  /** Targets of the links that have been followed. */
  readonly #links = new Map<string, string | undefined>();
  /** Places of directories, by path. */
  readonly #folders = new Map<string, string>([['/', '/']]);
  readonly #mounts: readonly MountedTree[];
  /** For each mounted file that has been brought in, the paths by which it was asked for. */
  readonly #asked = new Map<string, Set<string>>();
  readonly #read: string[] = [];
  readonly #outside = new Set<string>();
  /** The files that programs wrote, with their names. */
  readonly #written = new Map<string, string>();
  /** Sizes of the mounted files that have been brought in, least recently used first. */
  readonly #held = new Map<string, number>();
  /** Digests of mounted files that have been brought in. */
  readonly #digests = new Map<string, string>();
  /** Places whose content was written by programs, or by art. */
  readonly #own = new Set<string>();
  #recording: Recording | undefined;

  constructor(mounts: readonly MountedTree[]) {
    this.#mounts = inOrder(mounts);
    for (const path of [TEMPORARY, '/dev', OUTPUT, ...mounts.map((m) => m.at)]) this.#makeDirectory(path);
    for (const { at, tree } of mounts) {
      const place = tree.follow?.('') ?? at;
      if (place === at) continue;
      this.#known.set(at, 'link');
      this.#links.set(at, place);
    }
  }

  /**
   * Whether something is at an absolute path, and its kind. A mounted file is brought in when it is first asked for.
   * @throws whatever the tree throws if it cannot be read
   */
  look(path: string): EntryKind | undefined {
    const at = this.locate(path);
    const kind = at === undefined ? undefined : this.#kindOf(at);
    if (at === undefined || kind === undefined || kind === 'link') {
      this.#noteOutside(path);
      return undefined;
    }
    if (kind === 'file') this.#noteAsked(path, at);
    return kind;
  }

  /** Begins to record what programs see of the host. */
  record(): void {
    this.#recording = { answers: new Map(), files: new Map(), paths: new Set(), read: new Set(), isBroken: false };
    this.#folders.clear();
    this.#folders.set('/', '/');
  }

  /**
   * Ends a recording.
   * @param sha256 the sha256 of some bytes, in hex
   * @returns undefined if the recording is incomplete
   */
  takeObserved(sha256: (bytes: Uint8Array) => string): Observed | undefined {
    const recording = this.#recording;
    this.#recording = undefined;
    if (!recording || recording.isBroken) return undefined;
    const answers: [Question, Answer][] = [];
    for (const [question, answer] of recording.answers) {
      const at = question.slice(1);
      // A file that is only written does not depend on what was there before.
      const isWritten = this.#own.has(at) && (answer === 'file' || answer === NOTHING);
      if (isWritten && recording.read.has(at)) return undefined;
      if (isWritten) continue;
      if (question.startsWith('*')) answers.push([question, sha256(new TextEncoder().encode(answer))]);
      else answers.push([question, answer === 'file' ? fileAnswer(this.digest(at, sha256)) : answer]);
    }
    return { answers, files: [...recording.files].filter(([, at]) => !this.#own.has(at)) };
  }

  /** The sha256 of a mounted file that has been brought in. */
  digest(path: string, sha256: (bytes: Uint8Array) => string): string {
    const at = this.locate(path) ?? path;
    const known = this.#digests.get(at);
    if (known !== undefined) return known;
    const digest = sha256(this.fs.readFileSync(at) as Uint8Array);
    if (this.#held.has(at)) this.#digests.set(at, digest);
    return digest;
  }

  /** Records that a program has opened a file to read it. @param isWritten it can also write it */
  noteOpened(path: string, isWritten: boolean): void {
    const recording = this.#recording;
    const at = recording && this.locate(path);
    if (at && (OF_A_PROCESS.test(at) || (isWritten && this.#isHosts(at)))) recording.isBroken = true;
    else if (at && this.#isHosts(at)) recording.read.add(at);
  }

  /**
   * The place that an absolute path names, whether or not something is there; undefined if its folder does not exist.
   * @throws whatever the tree throws
   */
  locate(path: string): string | undefined {
    const slash = path.lastIndexOf('/');
    const folder = this.#folder(path.slice(0, slash) || '/');
    const name = path.slice(slash + 1);
    if (folder === undefined || name === '' || name === '.') return folder;
    if (name === '..') return this.#above(folder);
    const at = below(folder, name);
    // A program may write a file at a link that has no target.
    return (this.#kindOf(at) === 'link' && this.#links.get(at)) || at;
  }

  /** The path of a file for messages and provenance: without '.' and '..'; other links stay. */
  nameOf(path: string, at = this.locate(path)): string {
    const folded = normalise(path);
    return at === undefined || folded === path || this.locate(folded) === at ? folded : this.#placeFor(path);
  }

  /** Makes the names in a directory visible to a program that lists it. The files are read when they are asked for. */
  fill(directory: string): void {
    const at = this.locate(directory);
    if (at === undefined) return;
    const seen: [string, EntryKind | undefined][] = [];
    for (const mount of this.#mounts.filter((m) => m.at === at || holds(m, at)))
      for (const name of mount.tree.list?.(inside(mount, at)) ?? []) {
        const path = below(at, name);
        const isHere = this.fs.existsSync(path);
        if (isHere && !this.#recording) continue;
        const kind = this.#peek(path);
        if (mount.isHost) seen.push([name, kind]);
        if (isHere) continue;
        if (kind === 'directory') this.fs.mkdirSync(path);
        else if (kind === 'file') this.fs.writeFileSync(path, '');
      }
    if (this.#recording && this.#isHosts(at)) this.#recording.answers.set(`*${at}`, listAnswer(seen));
  }

  /** Names of mounted files that have been asked for since the last call. */
  takeRead(): string[] {
    return this.#read.splice(0);
  }

  /** Host files outside of what programs may see that they have asked for since the last call. */
  takeOutside(): string[] {
    const outside = [...this.#outside];
    this.#outside.clear();
    return outside;
  }

  /** Writes a file. */
  put(path: string, bytes: Uint8Array): void {
    const at = this.#placeFor(path);
    this.#makeDirectory(parent(at));
    this.fs.writeFileSync(at, bytes);
    this.#makeOwn(at, 'file');
  }

  /** Hides a host file: programs do not find it. */
  hide(path: string): void {
    this.#makeOwn(this.#placeFor(path), undefined);
  }

  /** Records a directory. @param path without links */
  noteDirectory(path: string): void {
    this.#makeOwn(path, 'directory');
  }

  noteWritten(path: string): void {
    const at = this.locate(path);
    if (at === undefined) return;
    this.#written.set(at, this.nameOf(path, at));
    this.#makeOwn(at, 'file');
  }

  /** Names of files that programs have written outside their own folders since the last call, and have not removed. */
  takeWritten(): string[] {
    const written = [...this.#written].filter(([at]) => !this.#isOwn(at) && this.fs.existsSync(at));
    this.#written.clear();
    return written.map(([, name]) => name);
  }

  /** The bytes of a file that has been brought in or written. */
  bytes(path: string): Uint8Array {
    this.noteOpened(path, false);
    return this.fs.readFileSync(this.locate(path) ?? path) as Uint8Array;
  }

  /** Replaces the bytes of a file that has been brought in or written. */
  rewrite(path: string, bytes: Uint8Array): void {
    this.fs.writeFileSync(this.locate(path) ?? path, bytes);
  }

  /**
   * Removes a file that a program wrote, and returns its bytes in a buffer of their own, which can be transferred to
   * another thread.
   */
  take(path: string): Uint8Array {
    const at = this.locate(path) ?? path;
    const bytes = new Uint8Array(Number(this.fs.statSync(at).size));
    const fd = this.fs.openSync(at, 'r');
    try {
      this.fs.readSync(fd, bytes, 0, bytes.length, 0);
    } finally {
      this.fs.closeSync(fd);
    }
    this.fs.unlinkSync(at);
    this.#known.delete(at);
    return bytes;
  }

  /** Drops a mounted file, to free its memory. It is read again when it is asked for. */
  drop(path: string): void {
    const at = this.locate(path);
    if (at === undefined || this.#known.get(at) !== 'file') return;
    this.#known.delete(at);
    this.#held.delete(at);
    this.#digests.delete(at);
    this.#asked.delete(at);
    this.fs.unlinkSync(at);
  }

  /** Drops the least recently used mounted files until at most `limit` bytes are kept. */
  trim(limit: number, isMeant: (path: string) => boolean): void {
    const held = [...this.#held].filter(([path]) => isMeant(path));
    let total = held.reduce((sum, [, size]) => sum + size, 0);
    for (const [path, size] of held) {
      if (total <= limit) return;
      total -= size;
      this.drop(path);
    }
  }

  /** Empties the folders that programs write to. Not with memfs's rmSync, which keeps the files' memory. */
  clearOutput(): void {
    for (const folder of [OUTPUT, TEMPORARY])
      for (const name of this.fs.readdirSync(folder) as string[]) this.fs.unlinkSync(`${folder}/${name}`);
  }

  /**
   * The place of a directory; undefined if there is none. A missing one is looked for again each time, since it may
   * appear.
   */
  #folder(path: string): string | undefined {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const at = this.locate(path);
    if (at === undefined || this.#kindOf(at) !== 'directory') return undefined;
    this.#folders.set(path, at);
    return at;
  }

  #above(folder: string): string {
    const mount = this.#mounts.find((m) => m.at === folder && m.tree.above);
    const above = mount?.tree.above?.();
    if (above !== undefined) this.#recording?.answers.set(`^${folder}`, above);
    return above ?? parent(folder);
  }

  /** The place of a name in its directory, whatever the host has there. */
  #placeFor(path: string): string {
    return below(this.#folder(parent(path)) ?? normalise(parent(path)), path.slice(path.lastIndexOf('/') + 1));
  }

  /** The kind of what is at a place; a mounted file is brought in. */
  #kindOf(at: string): EntryKind | 'link' | undefined {
    const recording = this.#recording;
    if (!recording) return this.#find(at);
    try {
      const kind = this.#find(at);
      if (this.#isHosts(at) && !recording.answers.has(`?${at}`))
        recording.answers.set(`?${at}`, kind === 'link' ? linkAnswer(this.#links.get(at)) : (kind ?? NOTHING));
      return kind;
    } catch (error) {
      recording.isBroken = true;
      throw error;
    }
  }

  #find(at: string): EntryKind | 'link' | undefined {
    const known = this.#known.get(at);
    if (known !== undefined || this.#known.has(at)) return known;
    const mount = this.#mountOf(at);
    if (mount === undefined) return this.#kindHere(at);
    if (mount === 'none') {
      this.#known.set(at, undefined);
      return undefined;
    }
    const { tree, path, kind } = mount;
    if (kind === 'directory') this.#makeDirectory(at);
    else if (kind === 'file') this.#bringIn(at, tree.read(path));
    else this.#links.set(at, tree.follow?.(path));
    this.#known.set(at, kind);
    return kind;
  }

  /** The same for names in a list: nothing is brought in, links are followed. */
  #peek(at: string): EntryKind | undefined {
    const mount = this.#mountOf(at);
    if (mount === undefined) return this.#kindHere(at);
    if (mount === 'none') return undefined;
    if (mount.kind !== 'link') return mount.kind;
    const place = followed(mount.tree, mount.path);
    return place === undefined ? undefined : this.#peek(place);
  }

  /** The mount at a place; undefined where programs write. */
  #mountOf(at: string): Lookup | 'none' | undefined {
    return this.#isOwn(at) ? undefined : lookUp(this.#mounts, at);
  }

  #kindHere(at: string): EntryKind | undefined {
    if (!this.fs.existsSync(at)) return undefined;
    return this.fs.statSync(at).isDirectory() ? 'directory' : 'file';
  }

  /** Whether a place is one where programs write; a mount at '/' must not be visible there. */
  #isOwn(at: string): boolean {
    return at.startsWith(`${OUTPUT}/`) || at.startsWith(`${TEMPORARY}/`);
  }

  /** Whether the host decides what is at a place. The mount points themselves always exist. */
  #isHosts(at: string): boolean {
    if (this.#own.has(at) || at === OWN || OF_A_PROCESS.test(at)) return false;
    if (at.startsWith(`${OWN}/`) && !at.startsWith(`${USER_SYSROOT}/`) && !at.startsWith(`${ABOVE}/`)) return false;
    return this.#mounts.some((mount) => mount.isHost && holds(mount, at)) && !this.#mounts.some((m) => m.at === at);
  }

  #makeOwn(at: string, kind: EntryKind | undefined): void {
    this.#known.set(at, kind);
    this.#digests.delete(at);
    if (this.#mounts.some((mount) => mount.isHost && holds(mount, at))) this.#own.add(at);
  }

  /** Creates a directory. @param at its place */
  #makeDirectory(at: string): void {
    this.fs.mkdirSync(at, { recursive: true });
    for (let path = at; path !== '' && !this.#known.get(path); path = path.slice(0, path.lastIndexOf('/')))
      this.#known.set(path, 'directory');
  }

  #bringIn(at: string, bytes: Uint8Array): void {
    this.fs.mkdirSync(parent(at), { recursive: true });
    this.fs.writeFileSync(at, bytes);
    this.#held.set(at, bytes.length);
    this.#asked.set(at, new Set());
  }

  #noteAsked(path: string, at: string): void {
    if (this.#recording && !this.#recording.paths.has(path)) {
      this.#recording.paths.add(path);
      if (this.#isHosts(at)) this.#recording.files.set(this.nameOf(path, at), at);
    }
    const asked = this.#asked.get(at);
    if (asked && !asked.has(path)) {
      const name = this.nameOf(path, at);
      if (!asked.has(name)) this.#read.push(name);
      asked.add(path).add(name);
    }
    const size = this.#held.get(at);
    if (size === undefined) return;
    this.#held.delete(at);
    this.#held.set(at, size);
  }

  /** Records a file of the host that a program asked for and may not see. */
  #noteOutside(path: string): void {
    const mount = this.#mounts.find((m) => m.at !== '/' && holds(m, path));
    // A file that is missing in a directory that the program sees cannot be outside.
    if (mount && this.#isPlainlyMissing(path)) return;
    // A path in no mount may be an absolute path of the host, written in a source.
    const tree = (mount ?? this.#mounts.find((m) => m.tree.outside))?.tree;
    const outside = tree?.outside?.(mount ? inside(mount, path) : path);
    if (outside) this.#outside.add(outside);
  }

  #isPlainlyMissing(path: string): boolean {
    const folder = this.#folder(parent(path));
    if (folder === undefined || folder === ABOVE || folder.startsWith(`${ABOVE}/`)) return false;
    return this.#known.get(below(folder, path.slice(path.lastIndexOf('/') + 1))) !== 'link';
  }
}
