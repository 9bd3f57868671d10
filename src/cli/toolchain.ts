// `art toolchain`: writes what a build system needs to compile with art.
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import {
  BUILD_SYSTEMS,
  type BuildSystem,
  CMAKE_PLATFORM,
  emulatorsOf,
  runScript,
  START,
  startScript,
  timeOf,
  toolchainFile,
  WRAPPED,
  wrapperScript,
} from '../config/build-systems.js';
import { ArtError, messageOf } from '../errors.js';
import { findSysroots } from '../index.js';
import { parseTargets, type Target } from '../targets/targets.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';
import { nativeClient } from './resident/native-client.js';

interface Options extends CommonFlags {
  target: string;
  wrappers?: string;
}

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const HOST = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const SCRIPT_MODE = 0o755;
const EXAMPLES = `
examples:
  art toolchain cmake --target aarch64 > aarch64.cmake && cmake --toolchain aarch64.cmake …
  art toolchain meson --target aarch64 > aarch64.ini   && meson setup --cross-file aarch64.ini …
  eval "$(art toolchain env --target aarch64)"         && ./configure --host=aarch64-linux-musl && make
`;

/** `art toolchain <system>`: writes the scripts and prints the file. */
export function toolchainCommand(): Command {
  const command = new Command('toolchain')
    .description('print the toolchain file with which a build system compiles with art')
    .usage('[options] cmake|meson|env')
    .argument('<system>', 'cmake: a toolchain file; meson: a cross file; env: CC, CXX, AR… for the shell')
    .option('--target <target>', 'x86_64, aarch64, or a full triple (default: this machine)', HOST)
    .option('--wrappers <dir>', "folder for the scripts that the file names (default: a folder in the user's cache)")
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false);
  return addCommonOptions(command, { quiet: 'write the scripts, and print errors only' }).action(
    async (system: string, options: Options) => {
      const { file, ...made } = await prepare(system, options);
      say(options, { ...made, file }, file);
    },
  );
}

/** Writes the scripts. @returns among others `file`, the text of the file that the build system reads */
async function prepare(system: string, options: Options) {
  if (!BUILD_SYSTEMS.includes(system as BuildSystem))
    throw new ArtError('INVALID_OPTION', `unknown build system '${system}': expected ${BUILD_SYSTEMS.join(', ')}`);
  if (process.platform === 'win32')
    throw new ArtError(
      'CANNOT_RUN',
      'art toolchain writes scripts for a Unix shell, which Windows lacks: use it in WSL',
    );
  const target = parseTargets([options.target])[0] as Target;
  const shown = options.wrappers ?? defaultFolder(target);
  const { ART_SYSROOT } = process.env;
  // Stored in the script, since editors start it with an environment of their own.
  const sysroots = ART_SYSROOT ? findSysroots(ART_SYSROOT) : undefined;
  let wrappers: string;
  try {
    mkdirSync(shown, { recursive: true });
    wrappers = placeOf(shown);
    const art = (await nativeClient(wrappers, MAIN)) ?? [process.execPath, MAIN];
    writeScript(join(wrappers, START), startScript(art, sysroots));
    for (const name of WRAPPED) writeScript(join(wrappers, name), wrapperScript(name, target));
    if (target.libc === 'wasi-libc') {
      writeScript(join(wrappers, 'run'), runScript([process.execPath, MAIN]));
      mkdirSync(join(wrappers, dirname(CMAKE_PLATFORM.path)), { recursive: true });
      writeFileSync(join(wrappers, CMAKE_PLATFORM.path), CMAKE_PLATFORM.text);
    }
  } catch (cause) {
    if (cause instanceof ArtError) throw cause; // the program is damaged
    throw new ArtError(
      'OUTPUT_NOT_WRITABLE',
      `cannot write scripts to '${shown}' (${messageOf(cause)}): choose another place with --wrappers`,
      { cause },
    );
  }
  const found = () =>
    emulatorsOf(target)
      .map(findProgram)
      .find((path) => path !== undefined);
  const emulator = target.libc === 'wasi-libc' ? join(wrappers, 'run') : found();
  const native = target.architecture === HOST && target.format === 'ELF';
  const file = toolchainFile(system as BuildSystem, { wrappers, target, native, ...(emulator && { emulator }) });
  return { system, target: target.triple, wrappers, file };
}

/** Writes a script in one step, since another process may run it. An identical one is left untouched. */
function writeScript(path: string, text: string): void {
  const time = timeOf(createHash('sha256').update(text).digest('hex'));
  if (isWritten(path, text, time)) return;
  const temporary = `${path}-${process.pid}`;
  try {
    writeFileSync(temporary, text, { mode: SCRIPT_MODE });
    chmodSync(temporary, SCRIPT_MODE);
    utimesSync(temporary, time, time);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function isWritten(path: string, text: string, time: number): boolean {
  try {
    const { mtimeMs, mode } = statSync(path);
    return mtimeMs === time * 1000 && (mode & 0o777) === SCRIPT_MODE && readFileSync(path, 'utf8') === text;
  } catch {
    return false; // it is not there
  }
}

/** The absolute path of a directory, for build systems; '..' after a link means the parent of its target. */
const placeOf = (directory: string) =>
  directory.split('/').includes('..') ? realpathSync.native(directory) : resolve(directory);

/** The default folder. It is the same for every run of an installation, so that build folders stay valid. */
function defaultFolder({ triple }: Target): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const installation = createHash('sha256').update(MAIN).digest('hex').slice(0, 8);
  return join(cache, 'art', installation, triple);
}

function findProgram(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
