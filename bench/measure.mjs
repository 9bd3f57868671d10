// Runs a program and says how long it took and how much memory it needed.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const SAMPLE_EVERY_MS = 20;

/** What one run took. `peak` is in bytes, null where the system has no /proc. */
/** @typedef {{ seconds: number, peak: number | null }} Sample */

function lines(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended
  }
}

/** A process and all below it. */
function family(pid) {
  const children = lines(`/proc/${pid}/task/${pid}/children`).trim();
  return [pid, ...children.split(' ').filter(Boolean).flatMap(family)];
}

/** The most memory that each living process of the family has held so far, added up. */
function memoryOf(pid) {
  let total = 0;
  for (const member of family(pid)) {
    const peak = /^VmHWM:\s*(\d+) kB$/m.exec(lines(`/proc/${member}/status`));
    if (peak) total += Number(peak[1]) * 1024;
  }
  return total;
}

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {{ input?: string, cwd?: string, env?: NodeJS.ProcessEnv }} [options] `input` goes to its standard input
 * @returns {Promise<Sample>}
 * @throws Error with what it printed, where it fails
 */
export async function measure(command, args, { input = '', cwd, env } = {}) {
  const printed = [];
  const started = performance.now();
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {}); // it may end without reading
  child.stdin.end(input);
  child.stdout.on('data', (chunk) => printed.push(chunk));
  child.stderr.on('data', (chunk) => printed.push(chunk));
  const stop = () => child.kill();
  process.once('exit', stop);
  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, memoryOf(child.pid));
  }, SAMPLE_EVERY_MS);
  try {
    const { status, ended } = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', () => {
        const ended = performance.now();
        child.on('close', (status) => resolve({ status, ended }));
      });
    });
    if (status !== 0) throw new Error(`'${command}' ended with status ${status}:\n${Buffer.concat(printed)}`);
    return { seconds: (ended - started) / 1000, peak: peak || null };
  } finally {
    clearInterval(sampling);
    process.off('exit', stop);
  }
}

/** @param {number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
