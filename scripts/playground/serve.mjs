// Serves the playground on this machine.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '../../examples/playground/serve.mjs';
import { writeSite } from './site.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const site = join(root, 'examples/playground/site');
const { writePageFiles } = await import(join(root, 'dist/index.js'));
await writeSite(site, { writePageFiles });
console.log((await serve(site, Number(process.env.PORT ?? 8000))).url);
