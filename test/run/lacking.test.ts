// If a program needs something that WASI lacks, every command with a target names it, and says in one line what to do.
import { expect, test } from 'vitest';
import { art, project } from '../support/project.js';

const THREADS = 'WASI has no threads; leave them out, or build for another target';
const EXCEPTIONS = 'WASI has no exceptions; return errors, or end the program with abort()';
const PROCESSES = 'WASI has no processes; leave this out, or build for another target';

test.each([
  [['-pthread'], THREADS],
  [['-c', '-pthread'], THREADS],
  [['-fexceptions'], EXCEPTIONS],
  [['-fwasm-exceptions'], EXCEPTIONS],
  [
    ['-shared'],
    'WASI has no shared libraries; make a static one with art ar, or a program without main() with -mexec-model=reactor',
  ],
  [['-static-pie'], 'a WASI program has no address that could change; leave it out'],
  [['--coverage'], "art has no profile runtime for WASI; count with another target's programs"],
])('art cc %j', (flags, why) => {
  const cwd = project({ 'a.cpp': 'int main() {}\n' });
  const { status, stderr } = art(['c++', '--target=wasm32-wasip1', 'a.cpp', ...flags], { cwd });
  expect([status, stderr]).toEqual([1, `art: error: '${flags.at(-1)}' cannot be used here: ${why}\n`]);
});

test.each([
  ['throw', 'int main() { throw 1; }\n', EXCEPTIONS],
  ['catch', 'int main() { try { return 1; } catch (int) { return 2; } }\n', EXCEPTIONS],
  ['std::thread', '#include <thread>\nint main() { std::thread t; }\n', THREADS],
  ['std::mutex', '#include <mutex>\nstd::mutex m;\nint main() {}\n', THREADS],
  ['fork', '#include <unistd.h>\nint main() { return fork(); }\n', PROCESSES],
  [
    'socket',
    '#include <sys/socket.h>\nint main() { return socket(1, 1, 0); }\n',
    'WASI opens no sockets; leave this out, or build for another target',
  ],
])('a program with %s', (_, source, why) => {
  const cwd = project({ 'a.cpp': source });
  const built = art(['c++', '--target=wasm32-wasip1', 'a.cpp', '-o', 'a'], { cwd });
  expect([built.status, built.stderr]).toEqual([1, expect.stringMatching(/^a\.cpp:\d+:\d+: error: /)]);
  expect(built.stderr.split('\n').at(-2)).toBe(`art: note: ${why}`);
  const artifact = art(['build', 'a.cpp', '--target', 'wasm32-wasip1', '--out', 'out'], { cwd });
  expect(artifact.status).toBe(1);
  expect(artifact.stderr).toContain(`art: note: ${why}\n`);
  // Other targets have it, so there is no message.
  expect(art(['c++', '-fsyntax-only', 'a.cpp'], { cwd })).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('a header that needs a library besides says which', () => {
  const cwd = project({ 'a.c': '#include <signal.h>\nint main(void) { return raise(SIGUSR1); }\n' });
  const plain = art(['cc', '--target=wasm32-wasip1', 'a.c'], { cwd });
  expect([plain.status, plain.stderr]).toEqual([1, expect.stringContaining('_WASI_EMULATED_SIGNAL')]);
  const flags = ['-D_WASI_EMULATED_SIGNAL', '-lwasi-emulated-signal'];
  expect(art(['cc', '--target=wasm32-wasip1', 'a.c', ...flags, '-o', 'a'], { cwd })).toMatchObject({ status: 0 });
});

test('art build and art link say the same', () => {
  const cwd = project({ 'a.c': 'int main(void) { return 0; }\n' });
  const build = (...args: string[]) =>
    art(['build', 'a.c', '--target', 'wasm32-wasip1', '--out', 'out', ...args], { cwd });
  expect(build('--', '-pthread')).toMatchObject({
    status: 2,
    stderr: `art: error: the flag '-pthread' cannot be used for wasm32-wasip1: ${THREADS}\n`,
  });
  expect(build('--instrument')).toMatchObject({
    status: 2,
    stderr: `art: error: 'instrument' cannot be used for wasm32-wasip1: art has no profile runtime for WASI; count with another target's programs\n`,
  });
  expect(build()).toMatchObject({ status: 0 });
  const { status, stderr } = art(['link', 'out', '--shared', '-o', 'a.so'], { cwd });
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining("'-shared' cannot be used here: WASI has no shared libraries"),
  ]);
});
