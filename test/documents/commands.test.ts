// Runs every command of every page, from top to bottom, in a fresh clone.
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { available, run } from '../support/native.js';
import { project, REPOSITORY } from '../support/project.js';
import { commands as compilerCommands } from '../support/resident.js';
import { type Command, commandsOf, isAsShown } from './blocks.js';

const PAGES = ['README.md', ...readdirSync(join(REPOSITORY, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);
const { env } = compilerCommands();

/** A folder with the files of a clone, and with what `npm ci` puts there. */
function clone(): string {
  const root = join(project({}), 'art');
  const files = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).split('\0');
  for (const name of [...files.filter((path) => path !== '' && existsSync(join(REPOSITORY, path))), 'dist']) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    cpSync(join(REPOSITORY, name), join(root, name), { recursive: true, verbatimSymlinks: true });
  }
  // Folders of its own with a link for each package, so that nothing a page says can reach this repository.
  for (const folder of ['node_modules', 'node_modules/.bin']) {
    mkdirSync(join(root, folder));
    for (const name of readdirSync(join(REPOSITORY, folder)).filter((entry) => entry !== '.bin'))
      symlinkSync(join(REPOSITORY, folder, name), join(root, folder, name));
  }
  return root;
}

/**
 * A replacement for npm in pages: `npm ci` does nothing, installing the package links this one, scripts run. It can do
 * nothing else.
 */
const NPM = `#!/usr/bin/env bash
set -e
case "$*" in
  ci) ;;
  'install --save-dev art-aot')
    mkdir -p node_modules/.bin
    ln -s "$ART_CLONE" node_modules/art-aot
    node -p 'Object.entries(require("art-aot/package.json").bin).map((names) => names.join(" ")).join("\\n")' |
      while read -r name file; do ln -s "../art-aot/$file" "node_modules/.bin/$name"; done ;;
  'run '*) exec "$ART_NPM" "$@" ;;
  *) echo "npm $*: not known to this test" >&2; exit 1 ;;
esac
`;

/** cosign is hard to install on some systems, so it may be missing even where all other tools must exist. */
function canRun(needs: readonly string[]): boolean {
  if (!needs.includes('cosign') || spawnSync('cosign', ['version']).status === 0) return available(...needs);
  console.log('skipped, not installed: cosign');
  return false;
}

/** Milliseconds for the commands of a page: on a busy machine they take ten times as long as on a quiet one. */
const LIMIT = 1_200_000;

/** Between what the commands print. */
const MARK = '\x1e';

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Runs them in one shell. @returns for each what it printed and its exit status, undefined where the shell did not come to it */
async function runAll(commands: readonly Command[], root: string) {
  const script = commands.map(({ text, isScript }) => {
    const line = isScript ? `bash -ec ${quoted(text)}` : `eval ${quoted(text)}`;
    return `${line} </dev/null\nprintf '${MARK}%s${MARK}' $?\n`;
  });
  const beside = dirname(root);
  mkdirSync(join(beside, 'bin'));
  writeFileSync(join(beside, 'bin/npm'), NPM, { mode: 0o755 });
  writeFileSync(join(beside, 'script'), script.join(''));
  const { CI: _, FORCE_COLOR: __, NO_COLOR: ___, SOURCE_DATE_EPOCH: ____, ...own } = process.env;
  const { stdout } = await promisify(execFile)('bash', ['-c', 'exec bash "$0" 2>&1', join(beside, 'script')], {
    cwd: root,
    env: {
      ...own,
      ...env,
      PATH: `${join(beside, 'bin')}:${own.PATH}`,
      ART_CLONE: root,
      ART_NPM: run('sh', ['-c', 'command -v npm']).trim(),
      XDG_CACHE_HOME: join(beside, 'cache'),
      npm_config_offline: 'true',
    },
    maxBuffer: 1 << 28,
    timeout: LIMIT, // what has been printed by then is shown
  }).catch((error: { stdout: string }) => error);
  const parts = stdout.split(MARK);
  return commands.map((_, i) => ({ printed: parts[2 * i] ?? '', status: parts[2 * i + 1] }));
}

test.each(PAGES)(
  '%s: its commands run in their order, and print what it shows',
  { timeout: LIMIT + 60_000 },
  async (page) => {
    const commands = commandsOf(readFileSync(join(REPOSITORY, page), 'utf8')).filter(({ needs }) => canRun(needs));
    if (commands.length === 0) return;
    const results = await runAll(commands, clone());
    const shown: string[] = [];
    const seen: string[] = [];
    for (const [i, { line, text, prints }] of commands.entries()) {
      const { printed, status } = results[i] as (typeof results)[number];
      const begin = `${page}:${line}: $ ${text}\n`;
      const isRight = status === '0' && (prints === undefined || isAsShown(printed, prints));
      shown.push(`${begin}${prints ?? ''}`);
      seen.push(
        isRight ? `${begin}${prints ?? ''}` : `${begin}${printed}exit status ${status ?? ': the shell has ended'}\n`,
      );
    }
    expect(seen.join('')).toBe(shown.join(''));
  },
);
