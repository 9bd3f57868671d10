import { createFsFromVolume, type IFs, Volume as MemoryVolume } from 'memfs';
import { type Answer, fileAnswer, linkAnswer, listAnswer, NOTHING, type Observed, type Question } from './host-view.js';
import { type EntryKind, followed, holds, inOrder, inside, type Lookup, lookUp, type MountedTree } from './mounts.js';
import { ABOVE, normalise, OUTPUT, OWN, TEMPORARY, USER_SYSROOT } from './paths.js';

/**
 * What the kernel shows of processes (proc(5)), of which art's is another each time. LLVM looks whether it can ask there for
 * the name of an open file, and is told that it has none.
 */
const OF_A_PROCESS = /^\/proc\/(self|thread-self|\d+)(\/|$)/;

interface Recording {
  answers: Map<Question, Answer>;
  files: Map<string, string>;
  /** Paths whose files are noted. */
  paths: Set<string>;
  /** Places of files that a program, or art itself, read. */
  read: Set<string>;
  /** Something happened that questions do not tell. */
  isBroken: boolean;
}

const below = (directory: string, name: string) => (directory === '/' ? `/${name}` : `${directory}/${name}`);
const parent = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

/**
 * The file system of the wasm programs: a memfs volume that reads through to
 * mounted trees. What a program never asks for is never read; what it asked for
 * stays, until it is dropped, so that a header is read once for all units. Where mounts overlap, the
 * deeper one is asked first, and of two at the same place the earlier.
 *
 * A path is a name for a place. It is followed one part at a time, as the kernel does it: '..' leads up from where a link
 * leads. The memfs volume has no links, and all that is kept here is kept by place, unless it says otherwise.
 */
export class Volume {
  readonly fs: IFs = createFsFromVolume(new MemoryVolume());
  readonly #known = new Map<string, EntryKind | 'link' | undefined>();
  /** Where the links lead that were met. */
  readonly #links = new Map<string, string | undefined>();
  /** Places of directories, by path. */
  readonly #folders = new Map<string, string>([['/', '/']]);
  readonly #mounts: readonly MountedTree[];
  /** The paths by which each mounted file that is here was asked for. */
  readonly #asked = new Map<string, Set<string>>();
  readonly #read: string[] = [];
  readonly #outside = new Set<string>();
  /** What programs wrote, and the name of it. */
  readonly #written = new Map<string, string>();
  /** Sizes of the mounted files that are here, the one that was not asked for the longest first. */
  readonly #held = new Map<string, number>();
  /** Digests of mounted files that are here. */
  readonly #digests = new Map<string, string>();
  /** Places that are what programs, or art, made of them. */
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
   * Whether `path`, absolute, is there, and what it is; the first time a mounted
   * file is asked for, it is brought in.
   * @throws whatever the tree throws where it cannot be read
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

  /** Takes down from now on what programs see of the host. */
  record(): void {
    this.#recording = { answers: new Map(), files: new Map(), paths: new Set(), read: new Set(), isBroken: false };
    this.#folders.clear();
    this.#folders.set('/', '/');
  }

  /**
   * Ends a recording.
   * @param sha256 of some bytes, in hex
   * @returns undefined where what was seen cannot be told in full
   */
  takeObserved(sha256: (bytes: Uint8Array) => string): Observed | undefined {
    const recording = this.#recording;
    this.#recording = undefined;
    if (!recording || recording.isBroken) return undefined;
    const answers: [Question, Answer][] = [];
    for (const [question, answer] of recording.answers) {
      const at = question.slice(1);
      // What a program only writes, it would write whatever was there before.
      const isWritten = this.#own.has(at) && (answer === 'file' || answer === NOTHING);
      if (isWritten && recording.read.has(at)) return undefined;
      if (isWritten) continue;
      if (question.startsWith('*')) answers.push([question, sha256(new TextEncoder().encode(answer))]);
      else answers.push([question, answer === 'file' ? fileAnswer(this.digest(at, sha256)) : answer]);
    }
    return { answers, files: [...recording.files].filter(([, at]) => !this.#own.has(at)) };
  }

  /** The sha256 of a mounted file that is here. */
  digest(path: string, sha256: (bytes: Uint8Array) => string): string {
    const at = this.locate(path) ?? path;
    const known = this.#digests.get(at);
    if (known !== undefined) return known;
    const digest = sha256(this.fs.readFileSync(at) as Uint8Array);
    if (this.#held.has(at)) this.#digests.set(at, digest);
    return digest;
  }

  /** A program has opened a file to read it. @param isWritten and to write it as well */
  noteOpened(path: string, isWritten: boolean): void {
    const recording = this.#recording;
    const at = recording && this.locate(path);
    if (at && (OF_A_PROCESS.test(at) || (isWritten && this.#isHosts(at)))) recording.isBroken = true;
    else if (at && this.#isHosts(at)) recording.read.add(at);
  }

  /**
   * The place that an absolute path leads to, whether or not something is there; undefined where its folder is not.
   * @throws whatever the tree throws
   */
  locate(path: string): string | undefined {
    const slash = path.lastIndexOf('/');
    const folder = this.#folder(path.slice(0, slash) || '/');
    const name = path.slice(slash + 1);
    if (folder === undefined || name === '' || name === '.') return folder;
    if (name === '..') return this.#above(folder);
    const at = below(folder, name);
    // Where a link leads nowhere, a program may put something in its place.
    return (this.#kindOf(at) === 'link' && this.#links.get(at)) || at;
  }

  /** How the path of a file is told to others: without '.' and '..', and other links as they are written. */
  nameOf(path: string, at = this.locate(path)): string {
    const folded = normalise(path);
    return at === undefined || folded === path || this.locate(folded) === at ? folded : this.#placeFor(path);
  }

  /** Makes the names in a directory visible to a program that lists it; files are read when they are asked for. */
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

  /** Names of mounted files that were asked for since they were brought in, and since the last call. */
  takeRead(): string[] {
    return this.#read.splice(0);
  }

  /** Host files that programs asked for since the last call and that lie outside what they may see. */
  takeOutside(): string[] {
    const outside = [...this.#outside];
    this.#outside.clear();
    return outside;
  }

  /** Puts a file in its place. */
  put(path: string, bytes: Uint8Array): void {
    const at = this.#placeFor(path);
    this.#makeDirectory(parent(at));
    this.fs.writeFileSync(at, bytes);
    this.#makeOwn(at, 'file');
  }

  /** Lets a host file look as if it were not there. */
  hide(path: string): void {
    this.#makeOwn(this.#placeFor(path), undefined);
  }

  /** @param path without links */
  noteDirectory(path: string): void {
    this.#makeOwn(path, 'directory');
  }

  noteWritten(path: string): void {
    const at = this.locate(path);
    if (at === undefined) return;
    this.#written.set(at, this.nameOf(path, at));
    this.#makeOwn(at, 'file');
  }

  /** Names of what programs wrote outside their own folders since the last call, and did not remove again. */
  takeWritten(): string[] {
    const written = [...this.#written].filter(([at]) => !this.#isOwn(at) && this.fs.existsSync(at));
    this.#written.clear();
    return written.map(([, name]) => name);
  }

  /** The bytes of a file that is here. */
  bytes(path: string): Uint8Array {
    this.noteOpened(path, false);
    return this.fs.readFileSync(this.locate(path) ?? path) as Uint8Array;
  }

  /** Gives a file that is here other bytes. */
  rewrite(path: string, bytes: Uint8Array): void {
    this.fs.writeFileSync(this.locate(path) ?? path, bytes);
  }

  /** The bytes of a file that a program wrote, in memory of their own, which can be handed to another thread; the file is gone. */
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

  /** Forgets a mounted file, to free its memory; it is brought in again when asked for. */
  drop(path: string): void {
    const at = this.locate(path);
    if (at === undefined || this.#known.get(at) !== 'file') return;
    this.#known.delete(at);
    this.#held.delete(at);
    this.#digests.delete(at);
    this.#asked.delete(at);
    this.fs.unlinkSync(at);
  }

  /** Forgets mounted files, those first that were not asked for the longest, until no more than `limit` bytes are kept. */
  trim(limit: number, isMeant: (path: string) => boolean): void {
    const held = [...this.#held].filter(([path]) => isMeant(path));
    let total = held.reduce((sum, [, size]) => sum + size, 0);
    for (const [path, size] of held) {
      if (total <= limit) return;
      total -= size;
      this.drop(path);
    }
  }

  /** Empties the folders that programs write to. memfs's rmSync would keep the files' memory. */
  clearOutput(): void {
    for (const folder of [OUTPUT, TEMPORARY])
      for (const name of this.fs.readdirSync(folder) as string[]) this.fs.unlinkSync(`${folder}/${name}`);
  }

  /** The place of a directory; undefined where none is there. What is not there is asked for again, since it may appear. */
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

  /** A name in the place of its directory, whatever the host has there. */
  #placeFor(path: string): string {
    return below(this.#folder(parent(path)) ?? normalise(parent(path)), path.slice(path.lastIndexOf('/') + 1));
  }

  /** What is at a place; a mounted file is brought in. */
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

  /** The same without bringing anything in, for names in a list; links are followed. */
  #peek(at: string): EntryKind | undefined {
    const mount = this.#mountOf(at);
    if (mount === undefined) return this.#kindHere(at);
    if (mount === 'none') return undefined;
    if (mount.kind !== 'link') return mount.kind;
    const place = followed(mount.tree, mount.path);
    return place === undefined ? undefined : this.#peek(place);
  }

  /** Undefined where programs write. */
  #mountOf(at: string): Lookup | 'none' | undefined {
    return this.#isOwn(at) ? undefined : lookUp(this.#mounts, at);
  }

  #kindHere(at: string): EntryKind | undefined {
    if (!this.fs.existsSync(at)) return undefined;
    return this.fs.statSync(at).isDirectory() ? 'directory' : 'file';
  }

  /** Whether programs write here; a mount at '/' must not show through. */
  #isOwn(at: string): boolean {
    return at.startsWith(`${OUTPUT}/`) || at.startsWith(`${TEMPORARY}/`);
  }

  /** Whether the host decides what is at a place. The mounts themselves are there. */
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

  /** @param at a place */
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

  /** Remembers a file of the host that a program asked for and may not see. */
  #noteOutside(path: string): void {
    const mount = this.#mounts.find((m) => m.at !== '/' && holds(m, path));
    // What is plainly missing in a directory that the program sees is nowhere else.
    if (mount && this.#isPlainlyMissing(path)) return;
    // What is in no mount may be an absolute path of the host, as a source spells it.
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
