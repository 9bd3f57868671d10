import { spawnSync } from 'node:child_process';
import { build } from 'art-aot';
import { describe, expect, test } from 'vitest';
import { available } from '../support/native.js';
import { project } from '../support/project.js';

/** Plans a unit with these flags, without building it, and reports what happens to each flag. */
async function judged(flags: readonly string[]) {
  const entry = { directory: '.', file: 'a.c', arguments: ['gcc', ...flags, '-c', 'a.c'] };
  const cwd = project({ 'a.c': 'int a;\n', 'package.json': '{"name":"p"}', 'c.json': JSON.stringify([entry]) });
  const warnings: string[] = [];
  const plan = build({
    compileCommands: 'c.json',
    cwd,
    out: 'out',
    targets: ['x86_64'],
    manifestOnly: true,
    onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
  });
  return plan.then(
    ({ manifest }) => ({ kept: manifest.provenance.flags, warnings, refused: [] as string[] }),
    (error: Error) => ({
      kept: [],
      warnings,
      refused: [...error.message.matchAll(/^ {2}'(.*)' of a\.c: .+$/gm)].map(([, flag]) => flag as string),
      message: error.message,
    }),
  );
}

test('what no program notices is left out, and one warning names it all', async () => {
  const flags = [
    ...['-fno-var-tracking-assignments', '-fconserve-stack', '-fno-ipa-cp-clone', '-fipa-pta', '-fdump-tree-all'],
    ...['-fno-allow-store-data-races', '-fno-canonical-system-headers', '-fmodules-ts', '-fmodule-mapper=a.modmap'],
    ...['-fdeps-format=p1689r5', '-fivopts', '-Wno-maybe-uninitialized', '-Werror=format-overflow=2', '-gstabs'],
  ];
  const { kept, warnings } = await judged(['-O2', ...flags, '-Wall', '-Wformat=2', '-falign-loops=32']);
  expect(kept).toEqual(['-O2', '-Wall', '-Wformat=2', '-falign-loops=32']);
  expect(warnings).toEqual([
    `'c.json': left out what only gcc knows, of a.c; programs mean the same without: ${flags.join(' ')}`,
  ]);
});

test('what a program may notice is an error that names every such flag', async () => {
  const flags = [
    ...['-mpreferred-stack-boundary=3', '-fplan9-extensions', '-mindirect-branch=thunk-extern', '-fno-weak'],
    ...['-fsingle-precision-constant', '-funsigned-bitfields', '-fwide-exec-charset=UTF-16', '-mabm', '-fhardened'],
    ...['-fno-tree-loop-distribute-patterns', '-ffixed-rbx', '-fno-toplevel-reorder', '-fstrong-eval-order'],
  ];
  const { refused, message } = (await judged(['-fipa-pta', ...flags])) as { refused: string[]; message: string };
  expect(refused).toEqual(flags);
  expect(message).toMatch(/^'c\.json' has flags that cannot be used here:\n/);
});

/** All flags of this machine's gcc that begin with -f, -m or -W, on and off, and with a value if they take one. */
function gccFlags(): string[] {
  const env = { ...process.env, LC_ALL: 'C' };
  const cwd = project({}); // with some of them gcc writes files
  const gcc = (...args: string[]) => spawnSync('gcc', args, { encoding: 'utf8', env, cwd, maxBuffer: 1 << 26 });
  const flags = new Set<string>();
  for (const kind of ['optimizers', 'common', 'target', 'c', 'c++', 'warnings', 'undocumented', 'joined'])
    for (const line of gcc('-Q', `--help=${kind}`).stdout.split('\n')) {
      const [, flag, rest = ''] = /^ {2}(-[fmW][^\s=<[,]*=?)(\S*)/.exec(line) ?? [];
      if (flag === undefined || /\[available in (?!C)/.test(line)) continue;
      const needsValue = /^<|^\[(?!=)/.test(rest) || flag.endsWith('=') || flag.endsWith('-');
      flags.add(needsValue ? `${flag}1` : flag);
      if (rest.startsWith('[=')) flags.add(`${flag}=1`);
      if (needsValue) continue;
      const no = /^-.no-/.test(flag);
      flags.add(no ? flag.replace('no-', '') : `${flag.slice(0, 2)}no-${flag.slice(2)}`);
    }
  // Flags that print something, end gcc, or change its messages about other flags.
  const ends =
    /help|(?<!con)version$|self-test|preprocessed|diagnostics-(color|format|urls)|syntax-only|message-length|plugin|time-report|^-f(dis|en)able-1$|convert=|for-scope/;
  const all = [...flags].filter((flag) => !ends.test(flag) && !/^-Wfatal-errors|^-Werror/.test(flag));
  const other = new Set<string>();
  for (const language of ['c', 'c++']) {
    const compiler = gcc(`-print-prog-name=${language === 'c' ? 'cc1' : 'cc1plus'}`).stdout.trim();
    const wrong = new Set<string>();
    for (let at = 0; at < all.length; at += 60) {
      const args = ['-quiet', '-fsyntax-only', '/dev/null', ...all.slice(at, at + 60)];
      const { stderr } = spawnSync(compiler, args, { encoding: 'utf8', env, cwd });
      for (const [, flag] of stderr.matchAll(/command-line option '([^']*)'/g)) wrong.add(flag as string);
    }
    for (const flag of all) if (wrong.has(flag)) other.add(`${language} ${flag}`);
  }
  return all.filter((flag) => !other.has(`c ${flag}`) || !other.has(`c++ ${flag}`));
}

describe.runIf(available('gcc', 'clang-22'))("gcc's own list", () => {
  test('of every flag art says that it goes, that it cannot, or clang knows it', async () => {
    const flags = gccFlags();
    expect(flags.length).toBeGreaterThan(1200);
    const { refused } = await judged(flags);
    const { kept } = await judged(flags.filter((flag) => !refused.includes(flag)));
    const unknown = new Set<string>();
    const said = /(?:unknown argument:?|unknown warning option|optimization flag|does not support) '(-[^']*)'/g;
    for (const language of ['c', 'c++'])
      for (let at = 0; at < kept.length; at += 100) {
        const some = kept.slice(at, at + 100).filter((flag) => !/^-f(plugin|time-report|diagnostics)/.test(flag));
        // After an error clang no longer checks the warning flags.
        for (const flags of [some, some.filter((flag) => flag.startsWith('-W'))]) {
          const options = ['-fsyntax-only', '-fno-color-diagnostics', '-x', language, '/dev/null'];
          const { stderr } = spawnSync('clang-22', [...flags, ...options], { encoding: 'utf8', cwd: project({}) });
          for (const [, flag] of stderr.matchAll(said)) unknown.add(flag as string);
        }
      }
    expect([...unknown]).toEqual([]);
  }, 300_000);
});
