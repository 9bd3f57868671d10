import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, REPOSITORY } from '../support/project.js';

const read = (name: string, folder = join(REPOSITORY, 'schema')) => readFileSync(join(folder, name), 'utf8');
const committed = read('artifact.schema.json');

test('schema/*.json are what the zod schemas say (else run: npm run schema)', () => {
  const fresh = project({});
  const { status, stderr } = spawnSync(process.execPath, [join(REPOSITORY, 'scripts/write-schema.mjs'), fresh], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  for (const name of ['artifact', 'config', 'plan', 'profile'].map((schema) => `${schema}.schema.json`))
    expect(read(name)).toBe(read(name, fresh));
});

test('the JSON Schema requires every key of version 1.0 and allows others', () => {
  const schema = JSON.parse(committed);
  expect(schema.required).toEqual([
    'schema_version',
    'package',
    'profile_hash',
    'targets',
    'entries',
    'archive',
    'provenance',
  ]);
  expect(committed).not.toContain('"additionalProperties": false');
});

test('the JSON Schema of art.config.json requires no key and allows no other', () => {
  const schema = JSON.parse(read('config.schema.json'));
  expect(schema).not.toHaveProperty('required');
  expect(schema.additionalProperties).toBe(false);
});
