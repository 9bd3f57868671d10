// Build systems with art as their compiler: each configures, builds, tests and installs the same project, for this
// machine and for another.
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { available, run, scratch } from '../support/native.js';
import { art, REPOSITORY } from '../support/project.js';
import { commands } from '../support/resident.js';

const WORDS = join(REPOSITORY, 'fixtures/projects/words');
const MINUTES = 60_000;
const EM = { x86_64: 62, aarch64: 183 };

const { env } = commands();
/** Compilers that build systems start use the resident process of this test, and no flags from the environment. */
Object.assign(process.env, env);

/** The folder of Debian's glibc for aarch64, in which qemu looks for it. */
const ARM_ROOT = '/usr/aarch64-linux-gnu';
process.env.QEMU_LD_PREFIX = ARM_ROOT;

const isFull = process.env.ART_FULL !== undefined;
/** npm test builds for one glibc target, npm run test:full for all. */
const TARGETS = isFull
  ? (['x86_64-linux-gnu', 'aarch64-linux-gnu'] as const)
  : (['x86_64', 'aarch64', 'x86_64-linux-gnu'] as const);

describe.each(TARGETS)('%s', (target) => {
  const [architecture, , libc = 'musl'] = target.split('-') as ['x86_64' | 'aarch64', string?, string?];
  /** Builds for glibc 2.28, which has no strlcpy; configure must find that out. */
  const isGnu = libc === 'gnu';
  const isOneOfGnu = isGnu && !isFull;
  const folder = scratch();
  const source = join(folder, 'a source');
  const wrappers = join(folder, 'the wrappers');
  const emulator = architecture === 'x86_64' ? [] : ['qemu-aarch64-static'];
  const isThere = (...commands: string[]) =>
    available(...commands, ...emulator) && (!isGnu || architecture === 'x86_64' || existsSync(ARM_ROOT));

  beforeAll(() => cpSync(WORDS, source, { recursive: true }));

  const toolchain = (system: string, name: string) => {
    const { status, stdout, stderr } = art([
      'toolchain',
      system,
      '--target',
      target,
      '--wrappers',
      system === 'env' ? join(folder, 'wrappers') : wrappers,
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    writeFileSync(join(folder, name), stdout);
    return join(folder, name);
  };

  /** Checks the program: it counts words, throws and catches, and is for the right machine. */
  function check(program: string): void {
    const bytes = readFileSync(program);
    expect(bytes.readUInt16LE(18)).toBe(EM[architecture]);
    expect(bytes.includes('/ld-linux-')).toBe(isGnu);
    const [command = '', ...args] = [...emulator, program, 'beta, gamma, delta'];
    expect(run(command, args)).toBe('words 1.2.3: 2\n');
  }

  /** When a header changes, what includes it is built again, and nothing else. */
  function checkRebuild(object: string, build: () => string): void {
    const before = statSync(object).mtimeMs;
    build();
    expect(statSync(object).mtimeMs).toBe(before);
    const later = new Date(Date.now() + 5000);
    utimesSync(join(source, 'src/words.h'), later, later);
    build();
    expect(statSync(object).mtimeMs).toBeGreaterThan(before);
    const now = new Date(Date.now() - 5000);
    utimesSync(join(source, 'src/words.h'), now, now);
  }

  const generator = architecture === 'x86_64' ? 'Unix Makefiles' : 'Ninja';
  it.skipIf(!isThere('cmake', 'ninja'))(
    `CMake with ${generator}`,
    () => {
      const build = join(folder, generator);
      const file = toolchain('cmake', 'toolchain.cmake');
      run('cmake', [
        '-G',
        generator,
        '-S',
        source,
        '-B',
        build,
        '--toolchain',
        file,
        '-DCMAKE_BUILD_TYPE=Release',
        `-DEXPECT_STRLCPY=${isGnu ? 'OFF' : 'ON'}`,
      ]);
      run('cmake', ['--build', build]);
      check(join(build, 'words'));
      expect(run('ctest', ['--test-dir', build])).toContain('100% tests passed');
      checkRebuild(join(build, 'CMakeFiles/program.dir/src/main.cpp.o'), () => run('cmake', ['--build', build]));
      const prefix = join(folder, `installed ${generator}`);
      const size = statSync(join(build, 'words')).size;
      run('cmake', ['--install', build, '--prefix', prefix, '--strip']);
      check(join(prefix, 'bin/words'));
      expect(statSync(join(prefix, 'bin/words')).size).toBeLessThan(size);
      expect(existsSync(join(prefix, 'lib/libwords.a'))).toBe(true);
    },
    5 * MINUTES,
  );

  it.skipIf(isOneOfGnu || !isThere('meson', 'ninja'))(
    'Meson',
    () => {
      const build = join(folder, 'meson');
      run('meson', [
        'setup',
        '--cross-file',
        toolchain('meson', 'cross.ini'),
        '--buildtype=release',
        `-Dstrlcpy=${!isGnu}`,
        build,
        source,
      ]);
      run('meson', ['compile', '-C', build]);
      check(join(build, 'words'));
      const tested = run('meson', ['test', '-C', build]);
      expect(tested).toMatch(/Ok: +1 *\nExpected Fail: +1 *\nFail: +0/);
      checkRebuild(join(build, 'words.p/src_main.cpp.o'), () => run('ninja', ['-C', build]));
    },
    5 * MINUTES,
  );

  // configure and libtool do not support paths with spaces.
  const shell = (text: string, cwd: string) => run('bash', ['-euc', `source ../env; ${text}`], cwd);

  // This takes the longest, and only builds for another machine differ here.
  const isForOther = isFull || architecture === 'aarch64';
  it.skipIf(!isForOther || !isThere('autoreconf', 'libtoolize', 'automake', 'make'))(
    'configure, make and libtool',
    () => {
      toolchain('env', 'env');
      const configured = join(folder, 'configured');
      const build = join(folder, 'built');
      cpSync(source, configured, { recursive: true });
      mkdirSync(build);
      run('autoreconf', ['-i'], configured);
      shell(
        `EXPECT_STRLCPY=${isGnu ? 'no' : 'yes'} ../configured/configure --host=${architecture}-linux-${libc} --prefix=/usr`,
        build,
      );
      shell('make -j2', build);
      check(join(build, 'words'));
      expect(shell('make', build)).not.toContain('.cpp');
      shell('make install-strip DESTDIR="$PWD/installed"', build);
      check(join(build, 'installed/usr/bin/words'));
    },
    5 * MINUTES,
  );

  it.skipIf(isOneOfGnu || !isThere('make'))(
    'plain make',
    () => {
      toolchain('env', 'env');
      const build = join(folder, 'plain');
      mkdirSync(build);
      cpSync(WORDS, join(folder, 'words'), { recursive: true });
      shell('make -j2 -f ../words/plain.mk', build);
      check(join(build, 'words'));
      expect(shell('make -f ../words/plain.mk', build)).toContain('is up to date');
    },
    5 * MINUTES,
  );
});

describe.each([
  ['art-cc', 'art-c++', 'art-ar', 'art-ranlib'],
  ['art cc', 'art c++', 'art ar', 'art ranlib'],
])('CC=%j', (CC, CXX, AR, RANLIB) => {
  const folder = scratch();
  const bin = join(folder, 'bin');
  const source = join(folder, 'source');

  beforeAll(() => {
    cpSync(WORDS, source, { recursive: true });
    mkdirSync(bin);
    const { bin: files } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
    for (const [word, file] of Object.entries(files)) symlinkSync(join(REPOSITORY, file as string), join(bin, word));
  });

  const shell = (text: string) => {
    const variables = Object.entries({ CC, CXX, AR, RANLIB }).map(([name, value]) => `export ${name}='${value}'; `);
    return run('bash', ['-euc', `${variables.join('')}PATH="${bin}:$PATH"; ${text}`], folder);
  };
  const COUNTED = /words 1\.2\.3: 2\n$/;

  // npm test tries each spelling with one of the two.
  const isShort = CC === 'art-cc';
  it.skipIf(!available('cmake', 'ninja') || (isShort && !isFull))('CMake', { timeout: 5 * MINUTES }, () => {
    const words = shell(`cmake -G Ninja -S source -B cmake; ninja -C cmake; cmake/words 'beta, gamma, delta'`);
    expect(words).toMatch(COUNTED);
  });

  it.skipIf(!available('meson', 'ninja') || !(isShort || isFull))('Meson', { timeout: 5 * MINUTES }, () => {
    expect(shell(`meson setup meson source; ninja -C meson; meson/words 'beta, gamma, delta'`)).toMatch(COUNTED);
  });
});

test('an unknown build system, and a folder that cannot be written, are named', () => {
  expect(art(['toolchain', 'scons'])).toEqual({
    status: 2,
    stdout: '',
    stderr: "art: error: unknown build system 'scons': expected cmake, meson, env\n",
  });
  const { status, stderr } = art(['toolchain', 'env', '--wrappers', '/dev/null/x']);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^art: error: cannot write scripts to '\/dev\/null\/x' \(.*\): choose another place with --wrappers\n$/,
  );
  expect(art(['toolchain', 'env', '--target', 'mips']).stderr).toMatch(/unknown target 'mips'/);
});
