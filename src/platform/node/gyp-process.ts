// The process in which GYP runs. CPython as WebAssembly needs V8 with its default flags, while this command's own
// process has changed them for the compiler. The request comes on the standard input, the answer goes to the standard
// output, both as JSON.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { join } from 'pathe';
import type { loadPyodide as LoadPyodide, PyodideInterface } from 'pyodide';
import { messageOf } from '../../errors.js';
import type { GypAnswer, GypRequest } from '../addon-host.js';
import { openMemory, pylibOf } from './gyp-memory.js';

/** The folder for art's own files in Python's file system. */
const OWN = '/art';
const GENERATOR = `${OWN}/generator.py`;
const EVALUATED = `${OWN}/evaluated.json`;
/** Where GYP's modules are in every process, since stored memory contains their paths. */
const PYLIB = `${OWN}/pylib`;
/**
 * The environment in which Python starts: nothing of the user's, since its memory may be stored. The order of sets, and so
 * that of GYP's targets, is the same with stored memory and without.
 */
const ENVIRONMENT = { HOME: OWN, PYTHONHASHSEED: '0' };
/** Python's own folders and those of devices: the host's folders of these names are not mounted. */
const NOT_MOUNTED: ReadonlySet<string> = new Set(['art', 'dev', 'proc', 'sys', 'lib']);
/** Exit status of a shell for a command that was not found. */
const NOT_FOUND = 127;
const MAX_OUTPUT = 1 << 26;

/** A started Python. */
interface Python {
  api: PyodideInterface;
  /** The lines that it has printed. */
  lines: string[];
}

/** @throws Error if the package pyodide does not work */
async function answerTo(request: GypRequest): Promise<GypAnswer> {
  const kept = await openMemory(request);
  if (kept?.memory)
    try {
      const python = await start(request, { _loadSnapshot: kept.memory });
      place(python.api, request);
      return evaluate(python, request);
    } catch {} // Pyodide calls this experimental. What is wrong with the build file is not thrown.
  const python = await startAfresh(request, kept !== undefined);
  const { api, lines } = python;
  const refused = (error: unknown): GypAnswer => ({
    status: 1,
    output: textOf([...lines, messageOf(error)]),
    evaluated: undefined,
  });
  api.globals.set('pylib', PYLIB);
  try {
    api.runPython(request.preparation);
  } catch (error) {
    return refused(error);
  }
  await kept?.keep(() => api.makeMemorySnapshot());
  place(api, request);
  try {
    return evaluate(python, request);
  } catch (error) {
    return refused(error);
  }
}

/** Starts Python from its files, such that its memory can be stored if it is to be kept. */
async function startAfresh(request: GypRequest, isKept: boolean): Promise<Python> {
  if (isKept)
    try {
      return await start(request, { _makeSnapshot: true });
    } catch {} // It fails without the option too if the package does not work.
  return start(request, {});
}

/** Starts Python, from its files or from memory. */
async function start({ pyodide, nodeGyp }: GypRequest, memory: Parameters<typeof LoadPyodide>[0]): Promise<Python> {
  const { loadPyodide } = (await import(pathToFileURL(join(pyodide, 'pyodide.mjs')).href)) as typeof import('pyodide');
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const api = await loadPyodide({ stdout: print, stderr: print, env: ENVIRONMENT, ...memory });
  api.FS.mkdirTree(PYLIB);
  // If node-gyp has no GYP, Python says that it does not find it.
  if (existsSync(pylibOf(nodeGyp))) api.FS.mount(api.FS.filesystems.NODEFS, { root: pylibOf(nodeGyp) }, PYLIB);
  return { api, lines };
}

/** Gives Python the host's files and commands, and what the request says. */
function place(api: PyodideInterface, request: GypRequest): void {
  const { FS } = api;
  mountHost(FS);
  FS.writeFile(GENERATOR, request.generator);
  api.registerJsModule('art', { run: (command: unknown, shell: boolean, cwd: string) => run(command, shell, cwd) });
  FS.chdir(request.directory);
  const argv = request.args.map((arg) => arg.replace('{generator}', GENERATOR));
  api.globals.set('argv', api.toPy(argv));
  api.globals.set('env', api.toPy({ ...definedIn(process.env), HOME: OWN }));
}

/** Evaluates the build file. @throws Error if Python ends otherwise than by itself */
function evaluate({ api, lines }: Python, request: GypRequest): GypAnswer {
  const { FS } = api;
  const status = Number(api.runPython(request.driver));
  const isThere = status === 0 && FS.analyzePath(EVALUATED).exists;
  return {
    status,
    output: textOf(lines),
    evaluated: isThere ? FS.readFile(EVALUATED, { encoding: 'utf8' }) : undefined,
  };
}

const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

/** The environment, without variables for another Python. */
const definedIn = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !/^PYTHON/.test(entry[0]),
    ),
  );

/** Mounts the host's folders for Python, at the same paths. */
function mountHost(FS: PyodideInterface['FS']): void {
  for (const name of readdirSync('/')) {
    if (NOT_MOUNTED.has(name) || !lstatSync(`/${name}`).isDirectory()) continue;
    FS.mkdirTree(`/${name}`);
    FS.mount(FS.filesystems.NODEFS, { root: `/${name}` }, `/${name}`);
  }
}

/** Runs a command for Python. @returns exit status, standard output, standard error */
function run(command: unknown, shell: boolean, cwd: string): [number, Uint8Array, Uint8Array] {
  const words = typeof command === 'string' ? [command] : (command as { toJs(): string[] }).toJs();
  const options = { cwd, stdio: ['ignore', 'pipe', 'pipe'] as ('ignore' | 'pipe')[], maxBuffer: MAX_OUTPUT };
  const made = shell
    ? spawnSync(words.join(' '), { ...options, shell: true })
    : spawnSync(words[0] as string, words.slice(1), options);
  const bytes = (buffer: Buffer | null) => new Uint8Array(buffer ?? []);
  const signal = made.signal ? 128 + (constants.signals[made.signal] ?? 0) : 1;
  const status =
    (made.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT' ? NOT_FOUND : (made.status ?? signal);
  return [status, bytes(made.stdout), bytes(made.stderr)];
}

const request = JSON.parse(readFileSync(0, 'utf8')) as GypRequest;
const answer = Buffer.from(JSON.stringify(await answerTo(request)));
for (let at = 0; at < answer.length; ) at += writeSync(1, answer, at);
