// The web worker that compiles. It first gets its program, then for each build the files, and then requests one after
// another.
import type { AssetName } from '../../assets/pinned.js';
import { ArtError } from '../../errors.js';
import { prepareAgain } from '../../toolchain/instances.js';
import type { CommandRequest, CommandResult, CompileRequest, CompileResult } from '../../toolchain/requests.js';
import { Service } from '../../toolchain/service.js';
import { sysrootTrees } from '../../toolchain/sysroot.js';
import { tarTree } from '../../toolchain/tar-tree.js';
import type { ProgramName, Tracer } from '../../toolchain/trace.js';
import { Volume } from '../../toolchain/volume.js';
import type { Mount } from '../types.js';
import { FileIndex, treesAmong } from './files.js';
import { hashBytes } from './sha256.js';

/** The first message: what stays the same for all builds. */
export interface WorkerSetup {
  llvm: WebAssembly.Module;
}

/** The message before the requests of a build. */
export interface WorkerProject {
  /** The files by absolute path. */
  files: ReadonlyMap<string, Blob>;
  mounts: readonly Mount[];
  /** The archives of the sysroots that its targets may need, as uncompressed tars. */
  archives: ReadonlyMap<AssetName, Blob>;
}

/** More archives, which a request turned out to need. */
export interface WorkerArchives {
  archives: ReadonlyMap<AssetName, Blob>;
}

export type WorkerRequest = CompileRequest | CommandRequest;
export type WorkerResult = CompileResult | CommandResult;
/**
 * The answer if a request needs an archive that the worker does not have; the request is then sent again together with
 * the archive.
 */
export interface WorkerLack {
  lacks: AssetName;
}
/** Messages during a request: the current tool, and what it prints. */
export type WorkerNews = { began: ProgramName | undefined } | { printed: Uint8Array };

/** Exists only in workers, so TypeScript's types for pages do not declare it. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

const readBlob = (blob: Blob) => new Uint8Array(new FileReaderSync().readAsArrayBuffer(blob));

/** Remembers the results of a function by its arguments. */
function kept<A extends string[], T>(make: (...args: A) => T): (...args: A) => T {
  const made = new Map<string, T>();
  return (...args) => {
    const key = args.join(':');
    const value = made.get(key) ?? make(...args);
    made.set(key, value);
    return value;
  };
}

const tell = (news: WorkerNews) => self.postMessage(news);
/** Reports by messages, since most pages may not use shared memory. */
const trace: Tracer = {
  begin: (began) => tell({ began }),
  print: (bytes) => tell({ printed: bytes.slice() }),
};

/** Thrown when a request looks into an archive that the worker does not have. */
class ArchiveLacking extends ArtError {
  constructor(readonly archive: AssetName) {
    super('PROGRAM_CORRUPT', `the archive ${archive} has not come`);
  }
}

/** Makes the service for the files of a build; the sysroots are opened once. */
function setUp({ llvm }: WorkerSetup): (project: WorkerProject) => Service {
  const open = kept((asset: string) => {
    const blob = known.get(asset as AssetName);
    if (!blob) throw new ArchiveLacking(asset as AssetName);
    return readBlob(blob);
  });
  const tree = kept((asset: string, below: string) => tarTree(open(asset), below));
  return ({ files, mounts, archives }) => {
    learn({ archives });
    const index = new FileIndex(files);
    const trees = [...treesAmong(index, mounts, readBlob), ...sysrootTrees(tree)];
    return new Service(llvm, () => new Volume(trees), hashBytes, trace);
  };
}

/** The archives that the worker has. */
const known = new Map<AssetName, Blob>();

function learn({ archives }: WorkerArchives): void {
  for (const [name, blob] of archives) known.set(name, blob);
}

function answer(request: WorkerRequest): void {
  try {
    const { result, transfer } = service.answer(request);
    self.postMessage(result satisfies WorkerResult, { transfer });
  } catch (thrown) {
    if (!(thrown instanceof ArchiveLacking)) throw thrown;
    self.postMessage({ lacks: thrown.archive } satisfies WorkerLack);
  }
  // Prepares for the next request while the worker is idle.
  setTimeout(prepareAgain);
}

let serve: (project: WorkerProject) => Service;
let service: Service;

self.onmessage = ({ data }: MessageEvent<WorkerSetup | WorkerProject | WorkerArchives | WorkerRequest>) => {
  if ('llvm' in data) serve = setUp(data);
  else if ('mounts' in data) service = serve(data);
  else if ('archives' in data) learn(data);
  else answer(data);
};
