// Publishes artifacts that were built before, by the code that builds publish with.
// argv: the module of the staging, the output directory, for how many seconds (0: once each), and folders of artifacts.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [module, out, seconds, ...artifacts] = process.argv.slice(2);
const { stageInDirectory } = await import(module);
const NAMES = ['artifact.tar.gz', 'artifact.sigstore.json', 'artifact.json'];
const [archive, ...small] = NAMES;

async function publish(artifact) {
  const there = small.filter((name) => existsSync(join(artifact, name)));
  const files = new Map(there.map((name) => [name, readFileSync(join(artifact, name))]));
  const staging = await stageInDirectory(out);
  await staging.append(readFileSync(join(artifact, archive)));
  for await (const _ of await staging.readBack());
  await staging.publish({ archive, files, removed: small.filter((name) => !files.has(name)) });
  await staging.discard();
}

const end = performance.now() + Number(seconds) * 1000;
let published = 0;
do {
  for (const artifact of artifacts) {
    await publish(artifact);
    published++;
  }
} while (performance.now() < end);
process.stdout.write(`${published}\n`);
