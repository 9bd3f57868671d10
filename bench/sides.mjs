// The two that are compared: art, and native clang doing the same work.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(ROOT, 'dist/cli/main.js');
export const NATIVE = 'clang-22';
export const TARGETS = ['x86_64', 'aarch64'];
/** Both sides do this many things at once. */
export const AT_ONCE = 2;

/** What `program --version` says first, or undefined where there is no such program. */
export function versionOf(program) {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n', 1)[0] : undefined;
}

/**
 * @typedef {object} Work
 * @property {string[]} inputs files, or one directory
 * @property {string[]} units every source file of `inputs`
 * @property {string[]} targets
 * @property {('bitcode' | 'object')[]} emit
 * @property {string[]} [flags] of both sides, beside -O2
 * @property {boolean} [warm] art compiles in the resident process, which has done the same before
 * @property {'command' | 'script'} [dropIn] each unit is a compiler command of its own, one after the other: `art cc -c`, or the script of `art toolchain`
 */

/** A resident process of the benchmark's own. */
const residentOf = (scratch) => ({ XDG_RUNTIME_DIR: scratch, ART_NO_DAEMON: '', ART_DAEMON: '1' });

/** Ends the resident process, so that the next row has one of its own. */
export function endResident(node, scratch) {
  spawnSync(node, [MAIN, 'daemon', 'stop'], { env: { ...process.env, ...residentOf(scratch) } });
}

/** Its id; undefined where there is none. */
function residentId(node, env) {
  const { stdout } = spawnSync(node, [MAIN, 'daemon', 'status', '--json'], { env: { ...process.env, ...env } });
  return JSON.parse(stdout).pid;
}

/**
 * art, as a command in a new process, from its start to the published artifact.
 * @param {Work} work
 * @param {string} node the Node to run it with
 * @param {string} scratch a directory for the artifact
 */
export function runArt(work, node, scratch) {
  if (work.dropIn === 'command') return runCommands([node, MAIN, 'cc'], work, scratch);
  if (work.dropIn === 'script') return runCommands([script(node, scratch)], work, scratch);
  const options = ['-O2', '--quiet', '--jobs', String(AT_ONCE), '--out', join(scratch, 'artifact')];
  const what = ['--target', work.targets.join(','), '--emit', work.emit.join(',')];
  const env = work.warm ? residentOf(scratch) : { ART_NO_DAEMON: '1' };
  const helper = work.warm ? residentId(node, env) : undefined;
  const args = [MAIN, 'build', ...options, ...what, ...work.inputs, '--', ...(work.flags ?? [])];
  return measure(node, args, { env, helper });
}

/**
 * Native clang: a process for each unit, target and kind of output, two at once.
 * It writes plain files: no digests, no archive.
 * @param {Work} work
 * @param {string} headers a directory with the headers that art uses, a folder a triple
 * @param {string} scratch a directory for the outputs
 */
export function runNative(work, headers, scratch) {
  if (work.dropIn) return runCommands([NATIVE], work, scratch, headers);
  const out = join(scratch, 'native');
  mkdirSync(out, { recursive: true });
  const commands = work.units.flatMap((unit) =>
    work.targets.flatMap((target) =>
      work.emit.map((kind) => [
        ...nativeArguments(unit, `${target}-unknown-linux-musl`, kind, headers, out),
        ...(work.flags ?? []),
      ]),
    ),
  );
  const input = commands.map((command) => `${command.map((arg) => `"${arg}"`).join(' ')}\n`).join('');
  return measure('xargs', ['-L', '1', '-P', String(AT_ONCE), NATIVE], { input });
}

/** What `art toolchain` makes for build systems, made in the first run. */
export function script(node, scratch) {
  const wrappers = join(scratch, 'wrappers');
  if (!existsSync(wrappers)) execFileSync(node, [MAIN, 'toolchain', 'env', '--wrappers', wrappers], { stdio: 'pipe' });
  return join(wrappers, 'cc');
}

/** One compiler command a unit, each a process, one after the other. */
function runCommands(compiler, work, scratch, headers) {
  const triple = `${work.targets[0]}-unknown-linux-musl`;
  const sysroot = headers ? [`--sysroot=${join(headers, triple)}`] : [];
  const flags = ['-O2', `--target=${triple}`, ...sysroot, '-c', '-o', join(scratch, 'unit.o')];
  const input = work.units.map((unit) => `"${unit}"\n`).join('');
  return measure('xargs', ['-n', '1', ...compiler, ...flags], { input });
}

function nativeArguments(unit, triple, kind, headers, out) {
  const kindFlags = kind === 'bitcode' ? ['-emit-llvm', '-c'] : ['-c'];
  const file = `${basename(unit)}.${triple}.${kind === 'bitcode' ? 'bc' : 'o'}`;
  return ['-O2', `--target=${triple}`, `--sysroot=${join(headers, triple)}`, ...kindFlags, unit, '-o', join(out, file)];
}

/** Unpacks the headers that art uses, so that both sides compile the same text. */
export function unpackHeaders(directory) {
  mkdirSync(directory, { recursive: true });
  unpack('musl-headers', directory);
  for (const target of TARGETS) {
    const cxx = join(directory, `${target}-unknown-linux-musl/usr/include/c++/v1`);
    mkdirSync(cxx, { recursive: true });
    unpack('libcxx-headers', cxx);
  }
  return directory;
}

function unpack(name, directory) {
  const archive = join(ROOT, `wasm/sysroot/dist/${name}.tar.gz`);
  const { status, stderr } = spawnSync('tar', ['-xzf', archive, '-C', directory], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cannot unpack '${archive}': ${stderr}`);
}
