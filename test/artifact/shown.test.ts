// Text from a hostile artifact on a terminal: it can neither add lines nor control the terminal.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type AnyManifest, soundArtifact, textOf } from '../support/artifact.js';
import { art, project, REPOSITORY } from '../support/project.js';

const EVIL = 'x\x1b]0;evil\x07\u009b2J\u202eevil\nart: all is well\u2028';
let text: string;
let archive: Buffer;

beforeAll(async () => {
  const made = await soundArtifact();
  const manifest: AnyManifest = made.manifest;
  manifest.package = EVIL;
  manifest.targets = [EVIL];
  manifest.schema_version = '1.0';
  for (const entry of manifest.entries) Object.assign(entry, { target: EVIL, type: 'ir' });
  manifest.provenance.flags = [EVIL];
  manifest.provenance.art = EVIL;
  text = textOf(manifest);
  archive = made.archive;
});

const evil = () => join(project({ 'a/artifact.json': text, 'a/artifact.tar.gz': archive }), 'a');

/** The output has no control or format characters, and no line that the artifact added. */
function expectHarmless(output: string): void {
  expect(output).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
  expect(output).not.toMatch(/^art: all is well/m);
}

test.each([
  ['inspect', []],
  ['inspect', ['--json']],
  ['inspect', ['--symbols']],
  ['verify', []],
  ['extract', ['--out', 'out']],
  ['extract', ['--target', 'none']],
  ['rebuild', []],
  ['convert', ['--to', 'dir', '--out', 'dir']],
])('art %s %j', (command, args) => {
  const at = evil();
  const { stdout, stderr } = art([command, at, ...args], { cwd: join(at, '..') });
  expect(stdout + stderr).not.toBe('');
  expectHarmless(stdout);
  expectHarmless(stderr);
  if (args[0] === '--json') expect(JSON.parse(stdout).artifact.package).toBe(EVIL);
});

test('art diff', async () => {
  const made = await soundArtifact();
  const other = project({ 'artifact.json': textOf(made.manifest), 'artifact.tar.gz': made.archive });
  for (const args of [[], ['--json']]) {
    const { status, stdout, stderr } = art(['diff', evil(), other, ...args]);
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toContain('evil');
    expectHarmless(stdout);
  }
});

test('who reads no further ends nothing with a stack', () => {
  const [node, main] = [process.execPath, join(REPOSITORY, 'dist/cli/main.js')];
  for (const args of [`inspect '${evil()}'`, `inspect --json '${evil()}'`, '--help']) {
    const script = `'${node}' '${main}' ${args} | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect([args, stdout, stderr]).toEqual([args, '0\n', '']);
  }
});
