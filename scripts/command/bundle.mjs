// Writes dist/cli: the command, bundled into a few files. Loading its modules one by one took Node longer than
// everything else that a command does before it compiles, and `art cc` is started once for every file of a build.
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { FOR_NODE } from '../bundling.mjs';
import { licences } from '../licences.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const outdir = join(root, 'dist/cli');

rmSync(outdir, { recursive: true, force: true });
// All in one folder, since each looks for the others beside itself. The command and its resident process are bundled
// together: each recognises the other by a file that both have. The rest is bundled apart, since what several bundles
// share becomes files of its own, and each file takes Node a millisecond.
const bundles = [
  { main: 'src/cli/main.ts', server: 'src/cli/resident/server.ts' },
  { 'worker-start': 'src/platform/node/worker-start.ts' },
  { 'gyp-process': 'src/platform/node/gyp-process.ts' },
  { 'wasi-worker': 'src/platform/node/wasi-worker.ts' },
];
const inputs = {};
for (const entryPoints of bundles) {
  const splitting = 'main' in entryPoints; // so that a command reads only the code that it needs
  const { metafile } = await build({ ...FOR_NODE, entryPoints, outdir, splitting });
  Object.assign(inputs, metafile.inputs);
}
writeFileSync(join(outdir, 'licences.txt'), licences(root, { inputs }));
chmodSync(join(outdir, 'main.js'), 0o755);
copyFileSync(join(root, 'src/cli/resident/client.c'), join(outdir, 'client.c'));

// The one-word compiler commands in package.json. Each is a file, since npm and pnpm start some of them through scripts
// that do not pass on the name under which they were called.
const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const [word, file] of Object.entries(bin)) {
  if (file === 'dist/cli/main.js') continue;
  const text = `#!/usr/bin/env node\nprocess.argv.splice(2, 0, '${word.replace('art-', '')}');\nawait import('./main.js');\n`;
  writeFileSync(join(root, file), text, { mode: 0o755 });
}

// The program that npm runs instead of node-gyp. npm starts it by its path, or as a command that is a link to it.
const nodeGyp = "#!/usr/bin/env node\nprocess.argv.splice(2, 0, 'node-gyp');\nawait import('./main.js');\n";
writeFileSync(join(outdir, 'node-gyp.js'), nodeGyp, { mode: 0o755 });
// The manual page, which npm install --global puts where man looks for it.
const maker = join(outdir, 'man-page.mjs');
await build({ ...FOR_NODE, entryPoints: ['src/cli/man-page.ts'], outfile: maker });
const { manPage } = await import(pathToFileURL(maker).href);
rmSync(maker);
writeFileSync(join(outdir, 'art.1'), manPage());
