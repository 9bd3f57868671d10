// The four layouts: conversion between any two loses nothing, all are read in the same way, and broken ones are refused
// in the same way.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, convert, LAYOUTS, type Layout, openArtifact, sign, verify } from 'art-aot';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { soundArtifact, textOf } from '../support/artifact.js';
import { available, run, scratch } from '../support/native.js';
import { art, project, sha256 } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';

const folder = scratch();
const signed = join(folder, 'archive');
const key = join(folder, 'key');
const place = (layout: Layout) => join(folder, layout === 'json' ? 'json.json' : layout);
const FILES = ['artifact.json', 'artifact.tar.gz', 'artifact.sigstore.json'];

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{"name":"@scope/größe","version":"1.0.0+x"}');
  writeFileSync(join(folder, 'größe.c'), '#include <stdio.h>\nint main(void) { puts("made by art"); return 0; }\n');
  await build({ inputs: [join(folder, 'größe.c')], out: signed, targets: ['x86_64'], link: 'hello' });
  expect(art(['keygen', '--out', key, '--type', 'ed25519', '--no-passphrase']).status).toBe(0);
  await sign(signed, { key: `${key}.key` });
  for (const to of LAYOUTS) if (to !== 'archive') await convert(signed, { to, out: place(to) });
});

/** The digests of all files in a folder, or of a single file, by path. */
function contents(at: string): Record<string, string> {
  if (statSync(at).isFile()) return { '': sha256(readFileSync(at)) };
  const names = readdirSync(at, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.filter((n) => statSync(join(at, n)).isFile()).map((n) => [n, sha256(readFileSync(join(at, n)))]),
  );
}

describe.each(LAYOUTS)('from %s', (from) => {
  test.each(LAYOUTS)('to %s, the same bytes as from anywhere else', async (to) => {
    const out = join(project({}), 'out.json');
    await convert(place(from), { to, out });
    expect(contents(out)).toEqual(contents(place(to)));
  });

  test('it is verified, read and unpacked as any other', async () => {
    expect(await verify(place(from), { keys: [`${key}.pub`] })).toEqual([]);
    const artifact = await openArtifact(place(from));
    expect(artifact.layout).toBe(from);
    expect(sha256(artifact.manifestBytes)).toBe(sha256(readFileSync(join(signed, 'artifact.json'))));
    for (const entry of artifact.entries()) expect(sha256(await artifact.read(entry))).toBe(entry.sha256);
    const out = project({});
    await artifact.extract(out, { type: 'executable' });
    expect(run(join(out, 'executables/x86_64-unknown-linux-musl/hello'), [])).toBe('made by art\n');
  });
});

test('art convert says where it wrote, and what it does not know', () => {
  const out = join(project({}), 'new');
  expect(art(['convert', signed, '--to', 'dir', '--out', out])).toMatchObject({ status: 0, stdout: `${out}\n` });
  expect(statSync(join(out, 'executables/x86_64-unknown-linux-musl/hello')).mode & 0o111).not.toBe(0);
  expect(art(['convert', signed, '--to', 'dir', '--out', out]).stderr).toContain('is not an empty folder');
  expect(art(['convert', signed, '--to', 'zip', '--out', out]).status).toBe(2);
  expect(art(['convert', signed, '--to', 'json', '--out', out]).stderr).toContain("does not end in '.json'");
  const taken = art(['convert', signed, '--to', 'json', '--out', 'artifact.json'], { cwd: scratch() });
  expect(taken).toEqual({
    status: 2,
    stdout: '',
    stderr: "art: error: 'artifact.json' is the name of a manifest: name the file otherwise\n",
  });
  expect(art(['convert', join(out, 'none'), '--to', 'json', '--out', `${out}.json`])).toMatchObject({ status: 1 });
});

test('an artifact is signed where its signature has a place beside it', async () => {
  const out = join(project({}), 'dir');
  await convert(signed, { to: 'dir', out });
  rmSync(join(out, 'artifact.sigstore.json'));
  expect(await verify(out, { keys: [`${key}.pub`] })).toEqual(['it has no signature (artifact.sigstore.json)']);
  await sign(out, { key: `${key}.key` });
  expect(contents(out)).toEqual(contents(place('dir')));
  for (const layout of ['json', 'oci'] as const)
    await expect(sign(place(layout), { key: `${key}.key` })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('each is read over the web', async () => {
  const server = createServer((request, response) => {
    const path = join(folder, decodeURIComponent(request.url as string));
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) response.end(readFileSync(path));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    for (const path of ['archive/', 'archive/artifact.json', 'dir/', 'dir/manifest.json', 'json.json', 'oci/'])
      expect([path, await verify(`${base}/${path}`, { keys: [`${key}.pub`] })]).toEqual([path, []]);
    await expect(verify(`${base}/none/`)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
  } finally {
    server.close();
  }
});

describe('a directory', () => {
  const object = 'objects/x86_64-unknown-linux-musl/größe.c.o';
  const broken = async (change: (at: string) => void) => {
    const at = join(project({}), 'dir');
    cpSync(place('dir'), at, { recursive: true });
    change(at);
    const problems = await verify(at, { keys: [`${key}.pub`] });
    const out = join(project({}), 'out');
    return { problems, extract: () => openArtifact(at).then((a) => a.extract(out)) };
  };
  test.each<[string, (at: string) => void, string]>([
    ['without an entry', (at) => rmSync(join(at, object)), `'${object}' is missing`],
    [
      'with a changed entry',
      (at) => writeFileSync(join(at, object), readFileSync(join(at, object)).fill(1, 64, 65)),
      'has another sha256',
    ],
    ['with a longer entry', (at) => writeFileSync(join(at, object), 'x', { flag: 'a' }), 'has more than its'],
    ['with a shorter entry', (at) => writeFileSync(join(at, object), 'x'), `'${object}' has 1 bytes, not`],
    [
      'with a link to the same bytes',
      (at) => {
        writeFileSync(join(at, '../outside'), readFileSync(join(at, object)));
        rmSync(join(at, object));
        symlinkSync('../../../outside', join(at, object));
      },
      'is a link',
    ],
    [
      'with a linked folder',
      (at) => {
        cpSync(join(at, 'objects'), join(at, '../elsewhere'), { recursive: true });
        rmSync(join(at, 'objects'), { recursive: true });
        symlinkSync('../elsewhere', join(at, 'objects'));
      },
      "'objects' is a link",
    ],
    [
      'with a pipe',
      (at) => {
        rmSync(join(at, object));
        spawnSync('mkfifo', [join(at, object)]);
      },
      'is not a regular file',
    ],
  ])('%s', async (_, change, message) => {
    const { problems, extract } = await broken(change);
    expect(problems.join('\n')).toContain(message);
    await expect(extract()).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
  });

  test('with more than the manifest says', async () => {
    const { problems } = await broken((at) => {
      mkdirSync(join(at, 'more'));
      writeFileSync(join(at, 'objects/extra.o'), '');
      symlinkSync('/etc/passwd', join(at, 'link'));
    });
    expect(problems).toEqual([
      "'link' is a link",
      "'more' is not in the manifest",
      "'objects/extra.o' is not in the manifest",
    ]);
  });

  test('with more than the manifest says is not converted, as it is not verified', async () => {
    const at = join(project({}), 'dir');
    cpSync(place('dir'), at, { recursive: true });
    writeFileSync(join(at, 'objects/extra.o'), '');
    const out = join(project({}), 'out');
    await expect(convert(at, { to: 'archive', out })).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      message: expect.stringContaining("'objects/extra.o' is not in the manifest"),
    });
    expect(existsSync(out)).toBe(false);
  });

  test('whose entry would be its manifest is not made', async () => {
    const made = await soundArtifact([{ path: 'Manifest.json', bytes: Buffer.from('x') }]);
    const at = project({ 'a/artifact.json': textOf(made.manifest), 'a/artifact.tar.gz': made.archive });
    await expect(convert(join(at, 'a'), { to: 'dir', out: join(at, 'b') })).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
    });
    expect(readdirSync(at)).toEqual(['a']);
  });
});

describe('a JSON file', () => {
  const text = () => readFileSync(place('json'), 'utf8');
  const problems = async (changed: string) => {
    const at = project({ 'x.json': changed });
    return (await verify(join(at, 'x.json'), { keys: [`${key}.pub`] }).catch((e) => [`${e.code}: ${e.message}`])).join(
      '\n',
    );
  };

  test('is read however it is spaced, and whoever wrote it', async () => {
    const json = JSON.parse(text());
    expect(await problems(JSON.stringify(json))).toBe('');
    expect(await problems(`\n ${JSON.stringify(json, null, '\t')}\r\n`)).toBe('');
    const python = 'import json,sys; json.dump(json.load(sys.stdin), sys.stdout)';
    const { stdout } = spawnSync('python3', ['-c', python], { input: text(), encoding: 'utf8' });
    expect(await problems(stdout)).toBe('');
  });

  test.each<[string, (json: Record<string, unknown> & { blobs: string[] }) => unknown, string]>([
    ['a blob less', (j) => j.blobs.pop(), 'expected ,'],
    ['a blob more', (j) => j.blobs.push(''), 'expected ]'],
    ['two blobs exchanged', (j) => j.blobs.reverse(), 'bytes'],
    ['a blob that is no base64', (j) => (j.blobs[0] = `*${j.blobs[0]?.slice(1)}`), 'a blob is not base64'],
    ['a blob without its padding', (j) => (j.blobs = j.blobs.map((b) => b.replace(/=+$/, ''))), 'a blob is not base64'],
    ['no signature', (j) => (j.signature = null), 'it has no signature'],
    ['another signature', (j) => (j.signature = '{}'), 'is no Sigstore bundle'],
    ['another manifest', (j) => (j.manifest = `${j.manifest} `), "'artifact.json' is not the one that was signed"],
    ['keys of its own', (j) => (j.more = 1), 'expected }'],
    ['a later media type', (j) => (j.mediaType = 'application/vnd.art-aot.artifact.v2+json'), 'its mediaType is'],
  ])('with %s', async (_, change, message) => {
    const json = JSON.parse(text());
    change(json);
    expect(await problems(JSON.stringify(json))).toContain(message);
  });

  test('with more white space than anyone writes', async () => {
    const spaced = (bytes: number) => text().replace('"blobs": [', `"blobs":${' '.repeat(bytes)}[`);
    expect(await problems(spaced(60_000))).toBe('');
    const started = process.cpuUsage();
    expect(await problems(spaced(20_000_000))).toContain('more white space than the 65536 bytes allowed in a row');
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
  });

  test('with bits in its base64 that stand for nothing', async () => {
    const bits =
      /"([A-Za-z0-9+/]*)([AQgw])==",?\n/.exec(text()) ?? /"([A-Za-z0-9+/]*)([AEIMQUYcgkosw048])=",?\n/.exec(text());
    const at = (bits?.index as number) + 1 + (bits?.[1]?.length as number);
    const next = String.fromCharCode(text().charCodeAt(at) + 1);
    expect(await problems(text().slice(0, at) + next + text().slice(at + 1))).toContain('in its one spelling');
  });

  test('any bytes come out as they went in, however they are cut', async () => {
    const bytes = fc.uint8Array({ maxLength: 5000 });
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 4 }), async (all) => {
        const members = all.map((b, i) => ({ path: `asm/${i}.s`, bytes: Buffer.from(b) }));
        const { manifest, archive } = await soundArtifact(members);
        const at = project({ 'artifact.json': textOf(manifest), 'artifact.tar.gz': archive });
        await convert(at, { to: 'json', out: join(at, 'x.json') });
        const { blobs } = JSON.parse(readFileSync(join(at, 'x.json'), 'utf8'));
        expect(blobs).toEqual(members.map(({ bytes: b }) => b.toString('base64')));
        const back = join(at, 'back');
        await convert(join(at, 'x.json'), { to: 'archive', out: back });
        expect(readFileSync(join(back, 'artifact.tar.gz')).equals(archive)).toBe(true);
      }),
      { numRuns: propertyRuns(15) },
    );
  });

  test('cut off or changed anywhere is refused, and never takes this program down', async () => {
    const made = await soundArtifact();
    const at = project({ 'artifact.json': textOf(made.manifest), 'artifact.tar.gz': made.archive });
    await convert(at, { to: 'json', out: join(at, 'x.json') });
    const whole = readFileSync(join(at, 'x.json'));
    const meaning = (bytes: Buffer) => JSON.stringify(JSON.parse(bytes.toString()));
    const { manifestDigest } = await openArtifact(join(at, 'x.json'));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 2),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (i, bits, cut) => {
          const changed = cut ? whole.subarray(0, i) : Buffer.from(whole);
          if (!cut) changed[i] = (changed[i] as number) ^ bits;
          writeFileSync(join(at, 'y.json'), changed);
          const failures = await verify(join(at, 'y.json'), { sha256: manifestDigest }).catch((e) => [e.code]);
          if (failures.length === 0) expect(meaning(changed)).toBe(meaning(whole));
        },
      ),
      { numRuns: propertyRuns(150) },
    );
  });
});

describe('an OCI image layout', () => {
  const json = (...path: string[]) => JSON.parse(readFileSync(join(place('oci'), ...path), 'utf8'));
  const blob = (digest: string) => ['blobs', ...digest.split(':')];

  test('is what the image spec 1.1 asks for, with a name for all that it holds', () => {
    expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    const index = json('index.json');
    expect(index).toMatchObject({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json' });
    const [descriptor] = index.manifests;
    expect(descriptor.annotations['org.opencontainers.image.ref.name']).toBe('scope-gr-e-1.0.0-x');
    const manifest = json(...blob(descriptor.digest));
    expect(manifest.artifactType).toBe('application/vnd.art-aot.artifact.v1');
    expect(manifest.config.mediaType).toBe('application/vnd.oci.empty.v1+json');
    expect(
      manifest.layers.map((l: { mediaType: string; annotations: object }) => [
        l.mediaType,
        Object.values(l.annotations),
      ]),
    ).toEqual([
      ['application/vnd.art-aot.manifest.v1+json', ['artifact.json']],
      ['application/vnd.art-aot.archive.v1.tar+gzip', ['artifact.tar.gz']],
      ['application/vnd.dev.sigstore.bundle.v0.3+json', ['artifact.sigstore.json']],
    ]);
    for (const { digest, size, mediaType } of [descriptor, manifest.config, ...manifest.layers]) {
      const bytes = readFileSync(join(place('oci'), ...blob(digest)));
      expect([mediaType, `sha256:${sha256(bytes)}`, bytes.length]).toEqual([mediaType, digest, size]);
    }
    for (const [i, name] of FILES.entries())
      expect(manifest.layers[i].digest).toBe(`sha256:${sha256(readFileSync(join(signed, name)))}`);
  });

  test.runIf(available('skopeo'))('skopeo copies it, to the same artifact', async () => {
    const at = project({});
    run('skopeo', ['copy', '--quiet', `oci:${place('oci')}:scope-gr-e-1.0.0-x`, `dir:${at}/dir`]);
    run('skopeo', ['copy', '--quiet', `dir:${at}/dir`, `oci:${at}/oci:again`]);
    const digest = (layout: string) => JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests[0].digest;
    expect(digest(`${at}/oci`)).toBe(digest(place('oci')));
    for (const name of FILES) {
      const bytes = readFileSync(join(signed, name));
      expect(readFileSync(join(at, 'dir', sha256(bytes))).equals(bytes)).toBe(true);
    }
  });

  const broken = async (file: string, change: (json: never) => void) => {
    const at = join(project({}), 'oci');
    cpSync(place('oci'), at, { recursive: true });
    const path = join(at, file);
    const parsed = JSON.parse(readFileSync(path, 'utf8'));
    change(parsed as never);
    writeFileSync(path, JSON.stringify(parsed));
    return (await verify(at)).join('\n');
  };
  // biome-ignore lint/suspicious/noExplicitAny: it is broken in ways that a type forbids
  test.each<[string, string, (json: any) => void, string]>([
    ['another version', 'oci-layout', (j) => (j.imageLayoutVersion = '2.0.0'), 'its imageLayoutVersion is "2.0.0"'],
    ['no manifests', 'index.json', (j) => delete j.manifests, 'it has no index.json: manifests'],
    ['the manifest twice', 'index.json', (j) => j.manifests.push(j.manifests[0]), 'has 2 manifests with artifactType'],
    ['another artifact', 'index.json', (j) => (j.manifests[0].artifactType = 'x'), 'has 0 manifests with artifactType'],
    ['a path for a digest', 'index.json', (j) => (j.manifests[0].digest = 'sha256:../../../x'), 'a sha256 digest'],
    ['another digest', 'index.json', (j) => (j.manifests[0].digest = `sha256:${'0'.repeat(64)}`), 'is missing'],
    ['another size', 'index.json', (j) => (j.manifests[0].size += 1), 'has not the size and the digest'],
    ['a null', 'index.json', (j) => (j.manifests = [null]), 'expected descriptors'],
  ])('with %s', async (_, file, change, message) => {
    expect(await broken(file, change)).toContain(message);
  });

  /** Changes the image manifest, and makes the index refer to the changed one. */
  // biome-ignore lint/suspicious/noExplicitAny: it is broken in ways that a type forbids
  async function withImage(change: (image: any) => void, files: (at: string) => void = () => {}): Promise<string> {
    const at = join(project({}), 'oci');
    cpSync(place('oci'), at, { recursive: true });
    const index = json('index.json');
    const image = json(...blob(index.manifests[0].digest));
    change(image);
    const bytes = JSON.stringify(image);
    rmSync(join(at, ...blob(index.manifests[0].digest)));
    writeFileSync(join(at, 'blobs/sha256', sha256(bytes)), bytes);
    Object.assign(index.manifests[0], { digest: `sha256:${sha256(bytes)}`, size: bytes.length });
    writeFileSync(join(at, 'index.json'), JSON.stringify(index));
    files(at);
    return (await verify(at)).join('\n');
  }
  const TITLE = 'org.opencontainers.image.title';

  // biome-ignore lint/suspicious/noExplicitAny: it is broken in ways that a type forbids
  test.each<[string, (image: any) => void, string]>([
    ['a layer more', (i) => i.layers.push(i.layers[2]), 'expected layers of the types'],
    ['layers in another order', (i) => i.layers.reverse(), 'expected layers of the types'],
    ['a layer of another type', (i) => (i.layers[2].mediaType = 'text/plain'), 'expected layers of the types'],
    ['another title', (i) => (i.layers[0].annotations[TITLE] = '../../x'), 'the titles of its layers are not'],
    ['another title of the archive', (i) => (i.layers[1].annotations[TITLE] = '../x'), "title than 'artifact.tar.gz'"],
    ['no title', (i) => delete i.layers[2].annotations, 'the titles of its layers are not'],
    ['a config of its own', (i) => (i.config = i.layers[0]), 'its config is not the empty one'],
  ])('with %s', async (_, change, message) => {
    expect(await withImage(change)).toContain(message);
  });

  test('with files and links that it does not name, and a key twice', async () => {
    const more = (at: string) => {
      writeFileSync(join(at, 'blobs/sha256/junk'), '');
      symlinkSync('/etc/passwd', join(at, 'evil'));
    };
    expect(await withImage(() => {})).toBe('');
    expect((await withImage(() => {}, more)).split('\n')).toEqual([
      "'blobs/sha256/junk' is not in its index",
      "'evil' is a link",
    ]);
    const at = join(project({}), 'oci');
    cpSync(place('oci'), at, { recursive: true });
    const index = readFileSync(join(at, 'index.json'), 'utf8');
    writeFileSync(join(at, 'index.json'), index.replace('{', '{"schemaVersion":1,'));
    expect((await verify(at)).join()).toContain('has the key "schemaVersion" twice in one object');
  });

  test('with a changed blob, each of them', async () => {
    for (const name of readdirSync(join(place('oci'), 'blobs/sha256'))) {
      const at = join(project({}), 'oci');
      cpSync(place('oci'), at, { recursive: true });
      const path = join(at, 'blobs/sha256', name);
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      writeFileSync(path, bytes);
      expect((await verify(at)).length).toBeGreaterThan(0);
    }
  });
});
