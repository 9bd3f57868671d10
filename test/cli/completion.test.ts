// Completion in real shells, and the manual page.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { available, run } from '../support/native.js';
import { art, project, REPOSITORY } from '../support/project.js';

const CASES: [line: string, offered: string[], notOffered: string[]][] = [
  ['art ver', ['verify'], ['build']],
  ['art build --manifest', ['--manifest-only'], ['--emit']],
  ['art profile sh', ['show'], ['merge']],
  ['art profile merge --', ['--out', '--json'], ['--target']],
  ['art convert --to o', ['oci'], ['json']],
  ['art build --sou', [], ['--sources']],
];

function script(shell: string): string {
  const { status, stdout } = art(['completion', shell]);
  expect(status).toBe(0);
  const file = join(project({}), 'script');
  writeFileSync(file, stdout);
  return file;
}

test('bash completes commands, options and values', () => {
  const file = script('bash');
  for (const [line, offered, notOffered] of CASES) {
    const words = line.split(' ');
    const complete = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _art; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const found = run('bash', ['-c', complete, file, ...words]).split('\n');
    expect(found, line).toEqual(expect.arrayContaining(offered));
    for (const word of notOffered) expect(found, line).not.toContain(word);
  }
});

test('fish completes them, and says what they do', () => {
  if (!available('fish')) return;
  const file = script('fish');
  for (const [line, offered, notOffered] of CASES) {
    const found = run('fish', ['--no-config', '-c', `source ${file}; complete -C '${line}'`]).split('\n');
    const words = found.map((text) => text.split('\t', 1)[0]);
    expect(words, line).toEqual(expect.arrayContaining(offered));
    for (const word of notOffered) expect(words, line).not.toContain(word);
    if (offered.length > 0)
      expect(
        found.some((text) => /\t./.test(text)),
        line,
      ).toBe(true);
  }
});

test('zsh reads its script, and knows a command by it', () => {
  if (!available('zsh')) return;
  const file = script('zsh');
  const lines = `autoload -Uz compinit && compinit -D; source ${file}; print $_comps[art]
    _describe() { print -l -- \${(P)\${@[-1]}}; }; _files() { print files; }
    words=(art profile me) CURRENT=3 PREFIX=me _art; words=(art build --o) CURRENT=3 PREFIX=--o _art`;
  const { status, stdout, stderr } = spawnSync('zsh', ['-f', '-c', lines], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split('\n')[0]).toBe('_art');
  expect(stdout).toMatch(/^merge:\S/m);
  expect(stdout).toMatch(/^--out:where to write/m);
});

test('another shell is named', () => {
  const { status, stderr } = art(['completion', 'tcsh']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^art: error: .*tcsh.*bash, zsh, fish/);
});

test('the manual page has every command and its options', () => {
  const page = readFileSync(join(REPOSITORY, 'dist/cli/art.1'), 'utf8');
  const plain = page.replaceAll('\\-', '-');
  const commands = art(['--help'])
    .stdout.match(/^ {2}(\w+) .*$/gm)
    ?.map((line) => line.trim().split(/\s/, 1)[0]);
  expect(commands?.length).toBeGreaterThan(15);
  for (const command of commands ?? []) expect(plain).toContain(`.SS art ${command}`);
  expect(plain).toContain('.B --with-profile <file>');
  if (!available('groff')) return;
  const { status, stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-P-cbou'], {
    input: page,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('art build');
});
