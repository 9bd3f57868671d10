// Artifacts as inputs of `art link`: in any layout, with the same options as in other commands.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, convert, generateKeys, link, sign } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { art, sha256 } from '../support/project.js';

const folder = scratch();
const at = (name: string) => join(folder, name);
const output = at('out.o');
const LAYOUTS = ['made', 'made/artifact.json', 'dir', 'dir/manifest.json', 'one.json', 'oci', 'oci/index.json'];

beforeAll(async () => {
  writeFileSync(at('package.json'), '{"name":"linked","version":"1.0.0"}');
  writeFileSync(at('a.ll'), 'define i32 @a() {\n  ret i32 0\n}\n');
  await build({ cwd: folder, inputs: ['a.ll'], out: at('made'), targets: ['x86_64'] });
  for (const name of ['ours', 'other']) await generateKeys(at(name), 'ed25519', undefined);
  await sign(at('made'), { key: at('ours.key') });
  for (const to of ['dir', 'oci'] as const) await convert(at('made'), { to, out: at(to) });
  await convert(at('made'), { to: 'json', out: at('one.json') });
});

test.each(LAYOUTS)('%s gives the same object', async (input) => {
  const options = { inputs: [input], output, kind: 'relocatable', cwd: folder, keys: [at('ours.pub')] } as const;
  const wanted = {
    sha256: sha256(readFileSync(at('made/artifact.json'))),
    package: 'linked',
    notBefore: 0,
    maxSize: 1 << 20,
  };
  const { size } = await link({ ...options, ...wanted });
  expect(size).toBeGreaterThan(300);
  // Each of these options is checked.
  for (const [change, code] of [
    [{ keys: [at('other.pub')] }, 'SIGNATURE_INVALID'],
    [{ sha256: '0'.repeat(64) }, 'MANIFEST_INVALID'],
    [{ package: 'other' }, 'MANIFEST_INVALID'],
    [{ notBefore: 1 }, 'MANIFEST_INVALID'],
    [{ maxSize: 10 }, 'ARCHIVE_INVALID'],
  ] as const)
    await expect(link({ ...options, ...wanted, ...change })).rejects.toMatchObject({ code });
});

test('an artifact by its URL', async () => {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(at(`made${request.url}`)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/artifact.json`;
    const made = await link({ inputs: [url], output, kind: 'relocatable', keys: [at('ours.pub')] });
    expect(made.size).toBeGreaterThan(300);
  } finally {
    server.close();
  }
});

describe('the command', () => {
  const run = (...args: string[]) => art(['link', '-r', '-o', 'command.o', ...args], { cwd: folder });

  test('takes the options that all commands take which open artifacts', () => {
    const options = ['--key', 'ours.pub', '--package', 'linked', '--not-before', '1970-01-01', '--max-size', '1M'];
    expect(run('made', ...options, '--quiet')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(run('--key', 'other.pub', 'made')).toMatchObject({
      status: 1,
      stderr:
        'art: error: the artifact is not signed as asked: its signature was not made with a key that is trusted here\n',
    });
  });

  test('refuses them where no artifact is among the inputs', () => {
    run('made');
    expect(art(['link', '-r', '-o', 'again.o', 'command.o', '--key', 'ours.pub'], { cwd: folder })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no artifact among the inputs'),
    });
    expect(readdirSync(folder)).not.toContain('again.o');
  });

  test('a folder that is no artifact is named', () => {
    writeFileSync(at('x.json'), '{}');
    expect(run('.').stderr).toMatch(
      /^art: error: '.*' is no artifact: it has no artifact.json, manifest.json or oci-layout\n$/,
    );
    expect(run('x.json').stderr).toMatch(/^art: error: artifact.json: schema_version: is missing/);
  });
});
