// The scripts of docs/scale.md on a real Slurm: an array of parts; one worker is killed while it builds.
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { art, digests, REPOSITORY } from '../support/project.js';
import { until } from '../support/resident.js';
import { canRunSlurm, startSlurm } from '../support/slurm.js';
import { blocksUnder } from './documented.js';

const folder = scratch();
const MINUTES = 60_000;

test.skipIf(!canRunSlurm())(
  'an array of eight, with a worker killed in mid-job, comes to the bytes of one build',
  async () => {
    const project = join(folder, 'project');
    cpSync(join(REPOSITORY, 'fixtures/hello'), project, { recursive: true });
    // Enough work that a worker can be killed during it.
    const functions = Array.from({ length: 400 }, (_, i) => `int f${i}(int x) { return x * ${i} + f(x); }\n`).join('');
    for (let i = 0; i < 8; i++)
      writeFileSync(
        join(project, `src/unit${i}.c`),
        `static int f(int x) { return x + ${i}; }\n${functions.replaceAll(/int f(\d)/g, `int u${i}_$1`)}`,
      );
    mkdirSync(join(project, 'node_modules/.bin'), { recursive: true });
    symlinkSync(join(REPOSITORY, 'dist/cli/main.js'), join(project, 'node_modules/.bin/art'));
    const [parts, merge] = blocksUnder('Slurm', 'bash') as [string, string];
    writeFileSync(join(project, 'parts.sh'), parts);
    writeFileSync(join(project, 'merge.sh'), merge);

    const where = join(folder, 'slurm');
    mkdirSync(where);
    const slurm = await startSlurm(where, ['w1', 'w2']);
    const log = (part: number) => readFileSync(join(project, `part-${part}.log`), 'utf8');
    const id = slurm.run('sbatch', ['--parsable', 'parts.sh'], project).trim();
    slurm.run('sbatch', [`--dependency=afterok:${id}`, '--kill-on-invalid-dep=yes', 'merge.sh'], project);

    // The part that worker w2 builds; w2 is killed when it has begun to compile.
    const running = () =>
      slurm
        .run('squeue', ['-h', '-t', 'R', '-w', 'w2', '-o', '%a %K'], project)
        .trim()
        .split('\n')
        .map((line) => Number(line.split(' ')[1]))
        .filter((part) => part > 0);
    let lost = 0;
    await until(() => {
      lost = running()[0] ?? 0;
      return lost > 0 && existsSync(join(project, `part-${lost}.log`)) && log(lost).includes(`part ${lost} of 8, `);
    }, 240);
    expect(slurm.killWorker('w2')).toBeGreaterThan(1);
    expect(existsSync(join(project, `artifact-parts/${lost}-of-8/part.json`))).toBe(false);
    await until(() => slurm.run('sinfo', ['-h', '-n', 'w2', '-o', '%T'], project).startsWith('down'), 120);
    slurm.startWorker('w2');

    await until(() => existsSync(join(project, 'artifact/artifact.json')), 900);
    // The part was started twice.
    expect(log(lost).split(`part ${lost} of 8, `)).toHaveLength(3);
    const one = art(['build', 'src', '-O2', '--link', 'hello', '--out', 'whole', '--quiet'], { cwd: project });
    expect(one).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(digests(join(project, 'artifact'))).toEqual(digests(join(project, 'whole')));
  },
  30 * MINUTES,
);
