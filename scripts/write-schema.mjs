// Writes schema/artifact.schema.json from the zod schema that the program itself uses.
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { manifestSchema } from '../dist/artifact/schema.js';

// A reader passes over unknown keys, so the schema of what is read allows them.
const schema = z.toJSONSchema(manifestSchema, { io: 'input' });
const text = `${JSON.stringify(schema, null, 2)}\n`;
writeFileSync(process.argv[2] ?? new URL('../schema/artifact.schema.json', import.meta.url), text);
