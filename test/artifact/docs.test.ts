// docs/format.md and docs/consuming.md: the examples are correct, and the commands work.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { build, convert, sign, verify } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { preAuthEncoding } from '../../src/trust/dsse.js';
import { soundArtifact } from '../support/artifact.js';
import { available, run, scratch } from '../support/native.js';
import { art, project, REPOSITORY, sha256 } from '../support/project.js';

const page = (name: string) => readFileSync(join(REPOSITORY, 'docs', name), 'utf8');

/** The code of a page in one language. */
function blocks(name: string, language: string): string[] {
  return [...page(name).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map((m) => m[1] as string);
}

describe('docs/format.md', () => {
  const digests = [...page('format.md').matchAll(/`([0-9a-f]{64})`/g)].map((m) => m[1]);

  test('its test vectors hold', async () => {
    const [manifest = ''] = blocks('format.md', 'json');
    const archive = Buffer.from(blocks('format.md', 'base64')[0] ?? '', 'base64');
    expect([sha256(manifest), Buffer.byteLength(manifest)]).toEqual([digests[0], 1121]);
    expect(await verify({ manifest, archive }, { sha256: digests[0] as string })).toEqual([]);
    const parsed = JSON.parse(manifest);
    expect(`${JSON.stringify(parsed, null, 2)}\n`).toBe(manifest);
    expect(parsed.archive.tar_sha256).toBe(sha256(gunzipSync(archive)));
    const hex = /in hex `([0-9a-f]+)`/.exec(page('format.md'))?.[1] as string;
    const made = await soundArtifact([
      { path: parsed.entries[0].path, bytes: Buffer.from('a: ret\n') },
      { path: parsed.entries[1].path, bytes: Buffer.from(hex, 'hex') },
    ]);
    expect(made.archive.equals(archive)).toBe(true);

    const at = project({ 'a/artifact.json': manifest, 'a/artifact.tar.gz': archive });
    await convert(join(at, 'a'), { to: 'json', out: join(at, 'x.json') });
    await convert(join(at, 'a'), { to: 'oci', out: join(at, 'oci') });
    const index = readFileSync(join(at, 'oci/index.json'));
    expect([
      sha256(readFileSync(join(at, 'x.json'))),
      JSON.parse(index.toString()).manifests[0].digest.slice('sha256:'.length),
      sha256(index),
    ]).toEqual(digests.slice(1));
    expect(page('format.md')).toContain(`\`${Buffer.from(preAuthEncoding(Buffer.from('{}')))}\``);
  });

  test('it names every key of the manifest', async () => {
    const schema = JSON.parse(readFileSync(join(REPOSITORY, 'schema/artifact.schema.json'), 'utf8'));
    const { entries, archive } = schema.properties;
    for (const key of [
      ...Object.keys(schema.properties),
      ...Object.keys(entries.items.properties),
      ...Object.keys(archive.anyOf[0].properties),
    ])
      expect(page('format.md')).toMatch(new RegExp(`^\\|.*\`(entries\\[\\]|archive)?\\.?${key}\``, 'm'));
  });
});

describe('docs/consuming.md', () => {
  const folder = scratch();

  beforeAll(async () => {
    cpSync(join(REPOSITORY, 'fixtures/hello'), join(folder, 'hello'), { recursive: true });
    await build({ inputs: ['src'], cwd: join(folder, 'hello'), out: join(folder, 'artifact') });
    expect(art(['keygen', '--out', join(folder, 'release'), '--no-passphrase']).status).toBe(0);
    await sign(join(folder, 'artifact'), { key: join(folder, 'release.key') });
    await convert(join(folder, 'artifact'), { to: 'json', out: join(folder, 'artifact.json.json') });
  });

  /** Two folders: one with the artifact, and one with a byte changed in its archive. */
  function places(): [string, string] {
    return ['sound', 'broken'].map((name) => {
      const at = join(project({}), name);
      mkdirSync(at);
      for (const file of ['artifact', 'release.pub', 'artifact.json.json'])
        cpSync(join(folder, file), join(at, file), { recursive: true });
      if (name === 'broken')
        for (const [file, where] of [
          ['artifact/artifact.tar.gz', 0.5],
          ['artifact.json.json', 0.9],
        ] as const) {
          const bytes = readFileSync(join(at, file));
          const i = Math.floor(bytes.length * where);
          bytes[i] = bytes[i] === 0x41 ? 0x42 : 0x41;
          writeFileSync(join(at, file), bytes);
        }
      return at;
    }) as [string, string];
  }
  /** The block of the page that has this word. */
  const shellScript = (word: string) => blocks('consuming.md', 'sh').find((text) => text.includes(word)) as string;
  const entries = () => JSON.parse(readFileSync(join(folder, 'artifact/artifact.json'), 'utf8')).entries;

  test('the shell reads it, and refuses a broken one', () => {
    const script = shellScript('set -eu');
    const [sound, broken] = places();
    run('sh', ['-c', script], sound);
    expect(run(join(sound, 'hello'), [])).toBe('Hello, world!\n');
    expect(readFileSync(join(sound, 'entries.sha256'), 'utf8').trimEnd().split('\n')).toHaveLength(entries().length);
    expect(spawnSync('sh', ['-c', script], { cwd: broken }).status).not.toBe(0);
  });

  test.runIf(spawnSync('cosign', ['version']).status === 0)('cosign accepts its signature', () => {
    const [sound] = places();
    const script = shellScript('cosign');
    run('sh', ['-c', script], sound);
    writeFileSync(join(sound, 'artifact/artifact.json'), '{}');
    expect(spawnSync('sh', ['-c', script], { cwd: sound }).status).not.toBe(0);
  });

  test('Python reads it, in both layouts, and refuses broken ones', () => {
    const scripts = blocks('consuming.md', 'python');
    expect(scripts).toHaveLength(2);
    const listed = entries().map((e: { size: number; path: string }) => `${e.size} ${e.path}\n`);
    for (const script of scripts) {
      const [sound, broken] = places();
      expect(run('python3', ['-c', script], sound).endsWith(listed.join(''))).toBe(true);
      expect(spawnSync('python3', ['-c', script], { cwd: broken }).status).toBe(1);
    }
  });

  test.runIf(available('cmake', 'ninja', 'cc'))('CMake links it, and refuses a broken one', () => {
    for (const at of places()) {
      writeFileSync(join(at, 'CMakeLists.txt'), blocks('consuming.md', 'cmake')[0] ?? '');
      const { status, stderr } = spawnSync('cmake', ['-G', 'Ninja', '-S', '.', '-B', 'build'], {
        cwd: at,
        encoding: 'utf8',
      });
      if (at.endsWith('broken')) expect(stderr).toContain('has the sha256');
      else expect([status, stderr]).toEqual([0, '']);
      if (at.endsWith('broken')) continue;
      run('ninja', ['-C', 'build'], at);
      expect(run(join(at, 'build/hello'), [])).toBe('Hello, world!\n');
    }
  });
});
