// The two that are compared: art, and native clang doing the same work.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
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
 */

/**
 * art, as a command in a new process, from its start to the published artifact.
 * @param {Work} work
 * @param {string} node the Node to run it with
 * @param {string} scratch a directory for the artifact
 */
export function runArt(work, node, scratch) {
  const options = ['-O2', '--quiet', '--jobs', String(AT_ONCE), '--out', join(scratch, 'artifact')];
  const what = ['--target', work.targets.join(','), '--emit', work.emit.join(',')];
  return measure(node, [join(ROOT, 'dist/cli/main.js'), 'build', ...options, ...what, ...work.inputs]);
}

/**
 * Native clang: a process for each unit, target and kind of output, two at once.
 * It writes plain files: no digests, no archive.
 * @param {Work} work
 * @param {string} headers a directory with the headers that art uses, a folder a triple
 * @param {string} scratch a directory for the outputs
 */
export function runNative(work, headers, scratch) {
  const out = join(scratch, 'native');
  mkdirSync(out, { recursive: true });
  const commands = work.units.flatMap((unit) =>
    work.targets.flatMap((target) =>
      work.emit.map((kind) => nativeArguments(unit, `${target}-unknown-linux-musl`, kind, headers, out)),
    ),
  );
  const input = commands.map((command) => `${command.map((arg) => `"${arg}"`).join(' ')}\n`).join('');
  return measure('xargs', ['-L', '1', '-P', String(AT_ONCE), NATIVE], { input });
}

function nativeArguments(unit, triple, kind, headers, out) {
  const kindFlags = kind === 'bitcode' ? ['-emit-llvm', '-c'] : ['-c'];
  const file = `${basename(unit)}.${triple}.${kind === 'bitcode' ? 'bc' : 'o'}`;
  return ['-O2', `--target=${triple}`, `--sysroot=${join(headers, triple)}`, ...kindFlags, unit, '-o', join(out, file)];
}

/** Unpacks the headers that art uses, so that both sides compile the same text. */
export function unpackHeaders(directory) {
  mkdirSync(directory, { recursive: true });
  const archive = join(ROOT, 'wasm/sysroot/dist/musl-headers.tar.gz');
  const { status, stderr } = spawnSync('tar', ['-xzf', archive, '-C', directory], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cannot unpack '${archive}': ${stderr}`);
  return directory;
}
