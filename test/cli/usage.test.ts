import { expect, test } from 'vitest';
import { art, project } from '../support/project.js';

/** Wrong usage gives exit status 2, one line on stderr, and nothing on stdout. */
function misuse(...args: string[]): string {
  const { status, stdout, stderr } = art(args);
  expect([status, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
  return stderr;
}

test('--help names every option of the command, and where clang flags go', () => {
  const { status, stdout, stderr } = art(['build', '--help']);
  expect([status, stderr]).toEqual([0, '']);
  for (const option of [
    '--config <file>',
    '--compile-commands <file>',
    '--package <name>',
    '--out <dir>',
    '--target <list>',
    '--emit <list>',
    '--manifest-only',
    '--cache-dir',
    '--no-cache',
    '--jobs <n>',
    '--timeout <s>',
    '--json',
    '--quiet',
    '--help',
    '-O<n>',
    '-isystem <dir>',
    'SOURCE_DATE_EPOCH',
  ])
    expect(stdout).toContain(option);
  expect(art(['--help']).stdout).toMatch(/^Usage: art .*Commands:\n\s+build /s);
});

test('--version prints the version, before and after the command', () => {
  for (const args of [['--version'], ['build', '--version']])
    expect(art(args)).toEqual({ status: 0, stdout: '0.1.0\n', stderr: '' });
});

test('help and version are had in every way that people try', () => {
  const help = art(['--help']).stdout;
  for (const args of [['-h'], ['help'], ['help', '-h'], ['help', '--help']])
    expect(art(args)).toEqual({ status: 0, stdout: help, stderr: '' });
  const build = art(['build', '--help']).stdout;
  for (const args of [
    ['build', '-h'],
    ['help', 'build'],
    ['build', 'src', '-O2', '-h'],
  ])
    expect(art(args)).toEqual({ status: 0, stdout: build, stderr: '' });
  for (const words of [['link'], ['verify'], ['toolchain'], ['profile'], ['profile', 'merge']]) {
    const { status, stdout } = art([...words, '-h']);
    expect([status, stdout.split('\n')[0]]).toEqual([0, expect.stringContaining(`Usage: art ${words.join(' ')} `)]);
    expect(art(['help', ...words]).stdout).toBe(stdout);
  }
  for (const args of [['-v'], ['-V'], ['version']])
    expect(art(args)).toEqual({ status: 0, stdout: '0.1.0\n', stderr: '' });
  for (const args of [
    ['cc', '--help'],
    ['help', 'cc'],
  ])
    expect(art(args, { env: { ART_NO_DAEMON: '1' } }).stdout).toMatch(/^OVERVIEW: clang LLVM compiler\n/);
  for (const args of [
    ['help', 'frobnicate'],
    ['frobnicate', '--help'],
    ['help', 'help'],
  ])
    expect(misuse(...args)).toMatch(/^art: error: unknown command '(frobnicate|help)': expected build, link/);
});

test('help is wrapped at words in a terminal of any width, and says no default twice', () => {
  const words = (text: string) => text.split(/\s+/).filter(Boolean);
  const commands = ['build', 'link', 'verify', 'extract', 'inspect', 'diff', 'rebuild', 'plan', 'toolchain', 'browser'];
  for (const command of [[], ['profile', 'merge'], ...commands.map((name) => [name])]) {
    const help = (columns: number) => {
      const { status, stdout } = art([...command, '--help'], { env: { COLUMNS: String(columns) } });
      expect(status).toBe(0);
      return stdout;
    };
    const whole = help(500);
    expect(whole).not.toMatch(/default: (\[\]|")/);
    for (const columns of [30, 79]) {
      const text = help(columns);
      expect(words(text)).toEqual(words(whole));
      // In a narrow terminal a column of options is wider than it.
      const long = text.split('\n').filter((line) => line.length > columns && line.trim().includes(' '));
      if (columns >= 50) expect(long).toEqual([]);
    }
  }
});

test('no command, or one that does not exist, says which there are', () => {
  const { status, stdout, stderr } = art([]);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/Commands:\n\s+build /);
  expect(misuse('frobnicate')).toMatch(
    /^art: error: unknown command 'frobnicate': expected build, link, run, verify, extract, [a-z, ]*\btoolchain\b[a-z, ]*\n$/,
  );
});

test('nothing to build is wrong usage', () => {
  expect(misuse('build')).toMatch(/^art: error: nothing to build: name at least one file or directory/);
});

test('an unknown option is named, with the options there are', () => {
  expect(misuse('build', 'x.c', '--bogus')).toMatch(
    /^art: error: unknown option '--bogus': expected --config, --compile-commands, --package, --out, --target, --emit, --link, --with-profile, --plan, --instrument, --sysroot, --sign, --manifest-only, --cache-dir, --no-cache, --remote-cache, --remote-cache-key, --remote-cache-read-only, --remote-cache-insecure, --shard, --watch, --report, --report-base, --jobs/,
  );
  expect(misuse('build', 'x.c', '--targets', 'x86_64')).toContain('Did you mean --target?');
  expect(misuse('--bogus')).toMatch(
    /unknown option '--bogus': expected --version, --help or build, link, [a-z, ]*\bverify, extract, [a-z, ]*\btoolchain\b/,
  );
});

test('unknown targets and kinds are named, with the valid ones', () => {
  expect(misuse('build', 'x.c', '--target', 'x86_64,mips')).toMatch(/unknown target 'mips': expected x86_64, aarch64/);
  expect(misuse('build', 'x.c', '--emit', 'object,exe')).toMatch(
    /unknown emit kind 'exe': expected bitcode, object, asm, ir/,
  );
});

test.each([
  [['--jobs', 'many'], /'--jobs <n>' argument 'many' is invalid. Expected a number/],
  [['--jobs', '0'], /'jobs' must be a whole number from 1/],
  [['--timeout', '-3'], /'--timeout <s>' argument '-3' is invalid/],
  [['--timeout', '0'], /'timeout' must be seconds, more than 0/],
  [['--out'], /'--out <dir>' argument missing/],
  [['--package', ''], /'package' must be 1 to 214 characters/],
  [['--target', ','], /'targets' is empty/],
])('%j is refused by name', (args, message) => {
  expect(misuse('build', 'x.c', ...args)).toMatch(message);
});

test.each([
  [['-o', 'x.o'], '-o', 'artifacts go to the directory that --out names'],
  [['-ox.o'], '-ox.o', '--out'],
  [['-c'], '-c', '--emit'],
  [['-S'], '-S', '--emit'],
  [['-E'], '-E', '--emit'],
  [['-emit-llvm'], '-emit-llvm', '--emit'],
  [['-target', 'x86_64'], '-target', 'use the --target option of art'],
  [['-march=native'], '-march=native', 'name a CPU'],
  [['-MMD'], '-MMD', 'dependency files'],
  [['-flto=thin'], '-flto=thin', 'bitcode is part of the artifact'],
  [['-fprofile-generate'], '-fprofile-generate', '--instrument'],
  [['-isysroot/usr'], '-isysroot/usr', 'use the --sysroot option of art'],
  [['-save-temps'], '-save-temps', 'no temporary files'],
  [['-m32'], '-m32', '--target'],
  [['-m16'], '-m16', '--target'],
  [['-mx32'], '-mx32', '--target'],
  [['-mbig-endian'], '-mbig-endian', 'has no target of that kind'],
  [['-mabi=ilp32'], '-mabi=ilp32', 'has no target of that kind'],
  [['-Xclang', '-triple', '-Xclang', 'i386-linux'], '-Xclang -triple', 'use the --target option of art'],
  [['-Xclang=-triple'], '-Xclang=-triple', 'use the --target option of art'],
  [['-Xclang', '-ast-dump'], '-Xclang -ast-dump', 'compile nothing'],
  [['-mllvm', '-help'], '-mllvm -help', 'compile nothing'],
  [['-###'], '-###', 'compile nothing'],
  [['-print-search-dirs'], '-print-search-dirs', 'compile nothing'],
  [['--print-targets'], '--print-targets', 'compile nothing'],
  [['--analyze'], '--analyze', 'art cc accepts it'],
  [['-ftime-trace'], '-ftime-trace', 'is not part of an artifact'],
  [['-fstack-usage'], '-fstack-usage', 'is not part of an artifact'],
  [['-Wp,-MD,x.d'], '-Wp,-MD,x.d', 'dependency files'],
  [['-Xpreprocessor', '-MD'], '-Xpreprocessor -MD', 'dependency files'],
  [['-include-pch', 'x.pch'], '-include-pch', 'include the header itself'],
  [['-ivfsoverlay', 'x.yaml'], '-ivfsoverlay', 'cannot see the file or directory'],
  [['-fmodule-map-file=x'], '-fmodule-map-file=x', 'cannot see the file or directory'],
  [['-fsanitize-ignorelist=x'], '-fsanitize-ignorelist=x', 'cannot see the file or directory'],
  [['-D'], '-D', 'needs a value after it'],
])('clang flags %j are refused by name, before and after --', (flags, name, why) => {
  for (const args of [
    ['build', 'x.c', ...flags],
    ['build', 'x.c', '--', ...flags],
  ]) {
    const message = misuse(...args);
    expect(message).toContain(`clang flag '${name}'`);
    expect(message).toContain(why);
  }
});

test('sources and response files after -- are refused by name', () => {
  expect(misuse('build', 'x.c', '--', '-O2', 'y.c')).toContain("'y.c' cannot be used here: sources go before the --");
  expect(misuse('build', 'x.c', '--', '@flags')).toContain("'@flags' cannot be used here: response files are not read");
});

test('a missing file is a failure, not wrong usage', () => {
  const { status, stdout, stderr } = art(['build', 'nowhere.c'], { cwd: project({}) });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^art: error: no such file or directory: 'nowhere\.c' \(looked in '.*'\)\n$/);
});

test('after --, what has clang only answer is refused by name', () => {
  for (const flag of ['--help', '--version', '--print-supported-cpus'])
    expect(misuse('build', 'x.c', '--', flag)).toContain(
      `clang flag '${flag}' cannot be used here: it makes clang print`,
    );
});
