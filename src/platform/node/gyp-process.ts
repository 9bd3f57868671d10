// The process in which GYP runs. CPython as WebAssembly needs V8 with its default flags, while this command's own
// process has changed them for the compiler. The request comes on the standard input, the answer goes to the standard
// output, both as JSON.
import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { join } from 'pathe';
import type { PyodideInterface } from 'pyodide';
import { messageOf } from '../../errors.js';
import type { GypAnswer, GypRequest } from '../addon-host.js';

/** The folder for art's own files in Python's file system. */
const OWN = '/art';
const GENERATOR = `${OWN}/generator.py`;
const EVALUATED = `${OWN}/evaluated.json`;
/** Python's own folders and those of devices: the host's folders of these names are not mounted. */
const NOT_MOUNTED: ReadonlySet<string> = new Set(['art', 'dev', 'proc', 'sys', 'lib']);
/** Exit status of a shell for a command that was not found. */
const NOT_FOUND = 127;
const MAX_OUTPUT = 1 << 26;

async function evaluate(request: GypRequest): Promise<GypAnswer> {
  let output = '';
  const print = (line: string) => {
    output += `${line}\n`;
  };
  const python = await startPython(request.pyodide, print);
  const { FS } = python;
  mountHost(FS);
  FS.writeFile(GENERATOR, request.generator);
  python.registerJsModule('art', { run: (command: unknown, shell: boolean, cwd: string) => run(command, shell, cwd) });
  FS.chdir(request.directory);
  const argv = request.args.map((arg) => arg.replace('{generator}', GENERATOR));
  python.globals.set('argv', python.toPy(argv));
  python.globals.set('pylib', join(request.nodeGyp, 'gyp', 'pylib'));
  let status: number;
  try {
    status = Number(python.runPython(request.driver));
  } catch (error) {
    status = 1;
    print(messageOf(error));
  }
  const isThere = status === 0 && FS.analyzePath(EVALUATED).exists;
  return { status, output, evaluated: isThere ? FS.readFile(EVALUATED, { encoding: 'utf8' }) : undefined };
}

async function startPython(directory: string, print: (line: string) => void): Promise<PyodideInterface> {
  const { loadPyodide } = (await import(
    pathToFileURL(join(directory, 'pyodide.mjs')).href
  )) as typeof import('pyodide');
  return loadPyodide({ stdout: print, stderr: print, env: { ...definedIn(process.env), HOME: OWN } });
}

/** The environment, without variables for another Python. */
const definedIn = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !/^PYTHON/.test(entry[0]),
    ),
  );

/** Mounts the host's folders for Python, at the same paths. */
function mountHost(FS: PyodideInterface['FS']): void {
  FS.mkdirTree(OWN);
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
const answer = Buffer.from(JSON.stringify(await evaluate(request)));
for (let at = 0; at < answer.length; ) at += writeSync(1, answer, at);
