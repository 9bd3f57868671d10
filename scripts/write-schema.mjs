// Writes schema/*.json, or to a named folder, from the zod schemas that art itself uses.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { manifestSchema } from '../dist/artifact/schema.js';
import { configSchema } from '../dist/config/config-schema.js';
import { planSchema } from '../dist/profile/plan-schema.js';
import { profileSchema } from '../dist/profile/profile-schema.js';

const folder = process.argv[2] ?? fileURLToPath(new URL('../schema', import.meta.url));
// Readers of manifests ignore unknown keys, so the schema for reading allows them.
for (const [name, schema] of [
  ['artifact', manifestSchema],
  ['config', configSchema],
  ['plan', planSchema],
  ['profile', profileSchema],
])
  writeFileSync(
    join(folder, `${name}.schema.json`),
    `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`,
  );
