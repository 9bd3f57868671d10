import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, REPOSITORY } from '../support/project.js';

const committed = readFileSync(join(REPOSITORY, 'schema/artifact.schema.json'), 'utf8');

test('schema/artifact.schema.json is what the zod schema says (else run: npm run schema)', () => {
  const fresh = join(project({}), 'schema.json');
  const { status, stderr } = spawnSync(process.execPath, [join(REPOSITORY, 'scripts/write-schema.mjs'), fresh], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(committed).toBe(readFileSync(fresh, 'utf8'));
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
