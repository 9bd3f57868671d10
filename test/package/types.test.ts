// The type declarations, compiled in projects that check the types of libraries too and declare as few types as
// possible.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type { Manifest, ReadManifest } from '../../src/artifact/manifest.js';
import type { draftSchema, manifestSchema } from '../../src/artifact/schema.js';
import type { Config } from '../../src/config/config-file.js';
import type { configSchema } from '../../src/config/config-schema.js';
import { project, REPOSITORY } from '../support/project.js';

/** Code that compiles in every project. */
const ANYWHERE = `
import * as everything from 'art-aot';
import { ArtError, BuildFailedError, build, check, diff, inspect, link, openArtifact, openCommands, rebuild } from 'art-aot';
import { parseManifest, showProfile, sign, VERSION } from 'art-aot';
import type { Artifact, BuildOptions, Config, LinkOptions, Manifest, ReadManifest } from 'art-aot';

export const names: string[] = Object.keys(everything);
export const version: string = VERSION;
export const config: Config = { sources: ['src'], fileFlags: { 'src/**': ['-O3'] }, emit: ['object'] };
export const options: BuildOptions = {
  inputs: ['src'],
  flags: ['-O2'],
  onEvent: (event) => event.type === 'warning' && names.push(event.message),
};
export const linking: LinkOptions = { inputs: ['artifact'], output: 'program' };

export async function main(): Promise<Manifest> {
  const { manifest, units } = await build(options);
  const sizes: (number | null)[] = manifest.entries.map(({ size }) => size);
  const artifact: Artifact = await openArtifact('artifact', { keys: ['release.pub'] });
  for (const entry of artifact.entries({ type: 'object' })) sizes.push((await artifact.read(entry)).length);
  await openArtifact({ manifest: '{}', archive: new Uint8Array(units) });
  await artifact.extract('out', { target: 'x86_64' });
  const read: ReadManifest = await parseManifest('{}');
  // @ts-expect-error in a manifest of version 0.1 it may be null
  read.provenance.flags;
  // @ts-expect-error there is no such key
  manifest.nothing;
  // @ts-expect-error there is no such option
  await build({ input: ['src'] });
  // @ts-expect-error it is a list
  config.sources = 'src';
  await Promise.all([link(linking), sign('artifact', { key: 'release.key' }), inspect('artifact'), rebuild('artifact')]);
  await Promise.all([check('artifact'), diff('a', 'b'), showProfile('default.profraw'), openCommands(1).close()]);
  return manifest;
}

export function explain(error: unknown): string {
  if (error instanceof BuildFailedError) return error.failures.map(({ unit, message }) => unit + message).join();
  return error instanceof ArtError ? error.code : '';
}
`;

/** Code for projects that declare the classes of the web. */
const WITH_WEB = `
import { build, openArtifact } from 'art-aot';

export async function web(response: Response): Promise<void> {
  await build({ signal: new AbortController().signal });
  await openArtifact(new URL('https://example.org/artifact/'));
  await openArtifact({ manifest: new Blob([]), archive: new Blob([]) });
  if (response.body) await openArtifact({ manifest: '{}', archive: response.body });
  // @ts-expect-error no signal, though it looks like one
  await build({ signal: { aborted: false } });
  // @ts-expect-error a stream of texts
  await openArtifact({ manifest: '{}', archive: new ReadableStream<string>() });
}
`;

/** Code for projects that do not declare these classes, and get such objects in other ways. */
const WITHOUT_WEB = `
import { build, openArtifact } from 'art-aot';

export async function elsewhere(signal: { readonly aborted: boolean }, url: { readonly href: string }): Promise<void> {
  await build({ signal });
  await openArtifact(url);
}
`;

const IN_A_PAGE = `
import * as everything from 'art-aot/browser';
import { build, link, openArtifact, type Files, type LoadEvent, verify } from 'art-aot/browser';

export async function page(folder: FileSystemDirectoryHandle, input: HTMLInputElement): Promise<Uint8Array> {
  const given: Files[] = [folder, { 'main.c': 'int x;', 'a.bin': new Blob([]) }, new Map([['b.c', 'int b;']])];
  for (const file of input.files ?? []) given.push({ [file.name]: file });
  const seen: (LoadEvent | { type: string })[] = [];
  for (const files of given)
    await build({ files, assets: new URL('https://example.org/art/'), onEvent: (event) => seen.push(event) });
  const { manifest, artifact } = await build({ files: folder, flags: ['-O2'], signal: AbortSignal.timeout(1000) });
  await openArtifact(artifact);
  await verify('/artifact/', { keys: [manifest.package] });
  // @ts-expect-error there is no folder to write to
  await build({ files: folder, out: 'artifact' });
  return (await link({ files: folder, inputs: ['made'], output: Object.keys(everything).join() })).bytes;
}
`;

/**
 * An empty project in which the package is installed as npm does it, with the types of the dependencies that TypeScript
 * reads.
 */
function consumer(files: Record<string, string>): string {
  const root = project({ 'package.json': '{ "type": "module" }', ...files });
  const place = join(root, 'node_modules/art-aot');
  const { dependencies } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
  for (const name of ['package.json', 'dist/index.d.ts', 'dist/browser.d.ts']) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    cpSync(join(REPOSITORY, name), join(place, name));
  }
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    const link = join(root, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(REPOSITORY, 'node_modules', name), link);
  }
  return root;
}

const WEB = ['ES2022', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'];
const PROJECTS = [
  { module: 'node16', types: [], lib: ['ES2022'] },
  { module: 'esnext', moduleResolution: 'bundler', types: [], lib: ['ES2022'] },
  { module: 'nodenext', types: [], lib: ['ES2022'] },
  { module: 'nodenext', types: ['node'], lib: ['ES2022'] },
  { module: 'nodenext', types: [], lib: WEB },
  { module: 'nodenext', types: ['node'], lib: WEB },
];
const CASES = ['typescript5', 'typescript'].flatMap((compiler) =>
  PROJECTS.map(({ types, lib, ...resolution }) => {
    const declared = [...types, ...(lib === WEB ? ['DOM'] : [])].join(' and ') || 'neither';
    return [`${compiler}, ${Object.values(resolution)}, ${declared}`, { compiler, types, lib, resolution }] as const;
  }),
);

test.each(CASES)('a project that checks libraries compiles: %s', async (_, { compiler, types, lib, resolution }) => {
  const root = consumer({
    'anywhere.ts': ANYWHERE,
    'further.ts': types.length > 0 || lib === WEB ? WITH_WEB : WITHOUT_WEB,
    'page.ts': lib === WEB ? IN_A_PAGE : '',
    'tsconfig.json': JSON.stringify({
      compilerOptions: { ...resolution, types, lib, target: 'es2022', strict: true, skipLibCheck: false, noEmit: true },
    }),
  });
  const tsc = join(REPOSITORY, 'node_modules', compiler, 'bin/tsc');
  const said = await promisify(execFile)(process.execPath, [tsc, '-p', root]).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }) => `${stdout}${stderr}`,
  );
  expect(said).toBe('');
});

test('the types of manifests and configs are those of the schemas', () => {
  expectTypeOf<z.infer<typeof manifestSchema>>().toEqualTypeOf<Manifest>();
  expectTypeOf<z.infer<typeof draftSchema>>().toEqualTypeOf<ReadManifest>();
  expectTypeOf<z.infer<typeof configSchema>>().toEqualTypeOf<Config>();
});
