// Opening, verifying and unpacking valid and hostile artifacts.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { build, openArtifact, verify as verifyArtifact } from 'art-aot';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { art, project, sha256 } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';

const folder = scratch();
const artifact = join(folder, 'artifact');
const read = (name: string) => readFileSync(join(artifact, name));

beforeAll(async () => {
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'package.json'), '{"name":"sample","version":"1.0.0"}');
  writeFileSync(join(folder, 'src/main.c'), '#include <stdio.h>\nint main(void) { puts("made by art"); return 0; }\n');
  writeFileSync(join(folder, 'src/other.S'), '.globl other\nother: ret\n');
  await build({ inputs: [join(folder, 'src')], out: artifact, flags: ['-O2'], link: 'hello' });
});

/** A copy of the artifact with another archive, and a manifest that fits the archive unless `change` alters it. */
function altered(archive: Buffer, change: (manifest: ReturnType<typeof manifestJson>) => void = () => {}): string {
  const manifest = manifestJson();
  manifest.archive.sha256 = sha256(archive);
  manifest.archive.size = archive.length;
  change(manifest);
  return project({ 'artifact.json': JSON.stringify(manifest), 'artifact.tar.gz': archive });
}
const manifestJson = () => JSON.parse(read('artifact.json').toString());

describe('openArtifact', () => {
  test('lists, filters and reads entries', async () => {
    const opened = await openArtifact(artifact);
    const objects = opened.entries({ target: 'x86_64', type: 'object' });
    expect(objects.map((e) => e.path)).toEqual([
      'objects/x86_64-unknown-linux-musl/src/main.c.o',
      'objects/x86_64-unknown-linux-musl/src/other.S.o',
    ]);
    const [first] = objects;
    expect(sha256(await opened.read(first as (typeof objects)[number]))).toBe(first?.sha256);
    await expect(opened.read('objects/none.o')).rejects.toMatchObject({ code: 'NO_SUCH_ENTRY' });
  });

  test('the same from bytes, from a stream and by URL', async () => {
    const path = 'objects/aarch64-unknown-linux-musl/src/main.c.o';
    const expected = sha256(await (await openArtifact(artifact)).read(path));
    const server = createServer((request, response) => {
      const name = request.url?.slice(1) as string;
      // A signature is requested, but there is none.
      if (name === 'artifact.sigstore.json') response.writeHead(404).end();
      else response.end(read(name));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/artifact.json`;
    const stream = new Blob([read('artifact.tar.gz')]).stream();
    try {
      for (const source of [
        url,
        { manifest: read('artifact.json'), archive: read('artifact.tar.gz') },
        { manifest: read('artifact.json').toString(), archive: stream },
      ])
        expect(sha256(await (await openArtifact(source)).read(path))).toBe(expected);
    } finally {
      server.close();
    }
  });
});

describe('a stream', () => {
  const manifest = () => read('artifact.json');

  test('is read once, by however many that ask at the same time', async () => {
    async function* pieces() {
      const archive = read('artifact.tar.gz');
      const reused = new Uint8Array(500);
      for (let at = 0; at < archive.length; at += 500) {
        reused.set(archive.subarray(at, at + 500));
        yield reused.subarray(0, archive.length - at);
      }
    }
    const opened = await openArtifact({ manifest: manifest(), archive: pieces() });
    const all = await Promise.all(opened.entries().map((entry) => opened.read(entry)));
    expect(all.map((bytes) => sha256(bytes))).toEqual(opened.entries().map((entry) => entry.sha256));
  });

  test('without end is left where it has more than was declared', async () => {
    let given = 0;
    let closed = false;
    async function* endless() {
      try {
        for (;;) {
          given += 1 << 16;
          yield new Uint8Array(1 << 16);
        }
      } finally {
        closed = true;
      }
    }
    const opened = await openArtifact({ manifest: manifest(), archive: endless() });
    expect((await opened.examine()).join()).toContain('cannot be read on');
    expect([given <= manifestJson().archive.size + (1 << 17), closed]).toEqual([true, true]);
  });
});

describe('a URL', () => {
  /** Serves the artifact; `answer` makes the responses. */
  async function served(answer: (url: URL, response: ServerResponse) => void, use: (base: string) => Promise<void>) {
    const server = createServer((request, response) => answer(new URL(request.url as string, 'http://x'), response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.close();
    }
  }
  const send = (url: URL, response: ServerResponse) => {
    const file = join(artifact, url.pathname.slice(1));
    if (existsSync(file) && statSync(file).isFile()) response.end(readFileSync(file));
    else response.writeHead(404).end();
  };

  test("may hold what gives access, which the artifact's other files take as well", () =>
    served(
      (url, response) => (url.search === '?sig=a%2Fb' ? send(url, response) : response.writeHead(403).end()),
      async (base) => {
        for (const path of ['artifact.json', '']) expect(await verifyArtifact(`${base}/${path}?sig=a%2Fb`)).toEqual([]);
      },
    ));

  test('may be of a server that answers 403 where nothing is: no signature is needed without a key', () =>
    served(
      (url, response) =>
        url.pathname.endsWith('.sigstore.json') ? response.writeHead(403).end() : send(url, response),
      async (base) => {
        const path = 'objects/aarch64-unknown-linux-musl/src/main.c.o';
        expect((await (await openArtifact(`${base}/artifact.json`)).read(path)).length).toBeGreaterThan(0);
        expect(await verifyArtifact(`${base}/artifact.json`)).toEqual([]);
        const key = join(folder, 'made.pub');
        art(['keygen', '--out', join(folder, 'made'), '--no-passphrase']);
        expect(await verifyArtifact(`${base}/artifact.json`, { keys: [key] })).toEqual([
          expect.stringContaining('403'),
        ]);
      },
    ));

  test('may be written in capitals, and may be of a file', () =>
    served(send, async (base) => {
      expect(await verifyArtifact(base.replace('http', 'HTTP').concat('/artifact.json'))).toEqual([]);
      for (const source of [pathToFileURL(artifact), `${pathToFileURL(artifact)}/artifact.json`])
        expect(await verifyArtifact(source)).toEqual([]);
      expect(art(['verify', String(pathToFileURL(artifact))]).status).toBe(0);
      await expect(verifyArtifact('file://elsewhere/x')).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
    }));

  test('whose server ends the connection in the middle, or cannot be reached: the URL and the reason are named', () =>
    served(
      (url, response) => {
        if (url.pathname.endsWith('.sigstore.json')) return void response.writeHead(404).end();
        const bytes = read(url.pathname.split('/').at(-1) as string);
        if (url.pathname.startsWith('/archive') && url.pathname.endsWith('.json')) return void response.end(bytes);
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
      },
      async (base) => {
        const failure = (path: string) => openArtifact(`${base}/${path}`).catch(({ code, message }) => [code, message]);
        expect(await failure('manifest/artifact.json')).toEqual([
          'INPUT_NOT_FOUND',
          `cannot fetch '${base}/manifest/artifact.json' (other side closed)`,
        ]);
        const opened = await openArtifact(`${base}/archive/artifact.json`);
        expect(await opened.examine()).toEqual([
          `cannot be read on: cannot fetch '${base}/archive/artifact.tar.gz' (other side closed)`,
        ]);
        await expect(openArtifact('http://127.0.0.1:1/')).rejects.toMatchObject({
          code: 'INPUT_NOT_FOUND',
          message: expect.stringMatching(/^cannot fetch 'http:\/\/127.0.0.1:1\/artifact.json' \((?!fetch failed).+\)$/),
        });
      },
    ));

  test('whose server unpacks the archive on the way: it is said', () =>
    served(
      (url, response) => {
        if (url.pathname.endsWith('.gz')) response.setHeader('Content-Encoding', 'gzip');
        send(url, response);
      },
      async (base) => {
        expect((await verifyArtifact(`${base}/artifact.json`)).join()).toContain("comes with 'Content-Encoding: gzip'");
      },
    ));
});

describe('art extract', () => {
  test('unpacks what is asked for, and programs can be run', () => {
    const out = project({});
    expect(art(['extract', artifact, '--out', out, '--type', 'executable', '--target', 'x86_64']).status).toBe(0);
    const program = join(out, 'executables/x86_64-unknown-linux-musl/hello');
    expect(execFileSync(program, { encoding: 'utf8' })).toBe('made by art\n');
    expect(readdirSync(out)).toEqual(['executables']);
    expect(statSync(program).mode & 0o111).not.toBe(0);
  });

  test('a link in the way is not followed', () => {
    const elsewhere = project({});
    const out = project({});
    symlinkSync(elsewhere, join(out, 'objects'));
    const { status, stderr } = art(['extract', artifact, '--out', out, '--type', 'object']);
    expect(status).toBe(1);
    expect(stderr).toContain("objects' is in the way");
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test('nothing appears of an archive that is not sound, not even the directory', () => {
    const archive = read('artifact.tar.gz');
    const out = join(project({}), 'new');
    const bad = project({
      'artifact.json': read('artifact.json'),
      'artifact.tar.gz': Buffer.concat([archive, archive]),
    });
    expect(art(['extract', bad, '--out', out])).toMatchObject({ status: 1, stdout: '' });
    expect(existsSync(out)).toBe(false);
  });

  test('a disk that takes no more is what is named, not the archive', () => {
    const out = join(project({}), 'new');
    // Limits files to one block, which is 512 or 1024 bytes depending on the shell.
    const under = ['sh', '-c', 'ulimit -f 1; exec "$@"', 'sh'];
    const { status, stderr } = art(['extract', artifact, '--out', out, '--type', 'executable'], { under });
    expect([status, stderr]).toEqual([1, expect.stringContaining(`cannot unpack to '${out}' (EFBIG`)]);
    expect(existsSync(out)).toBe(false);
  });

  test('a filter that nothing passes is an error', () => {
    expect(art(['extract', artifact, '--type', 'wasm']).stderr).toContain('types bitcode, executable/aarch64');
  });
});

describe('art verify', () => {
  const verify = (path: string, ...args: string[]) => art(['verify', path, ...args]);

  test('a sound artifact', () => {
    expect(verify(artifact)).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(verify(artifact, '--json').stdout)).toEqual({ ok: true, failures: [], signature: 'none' });
  });

  test('every failure has a line', () => {
    const tar = gunzipSync(read('artifact.tar.gz'));
    for (const at of [tar.indexOf('made by art'), tar.lastIndexOf('made by art')]) tar.write('MADE', at);
    const { status, stderr } = verify(altered(gzipSync(tar)));
    expect(status).toBe(1);
    expect(stderr.trim().split('\n').length).toBeGreaterThan(1);
    expect(stderr).toContain('has another sha256\n');
  });

  test.each([
    ['a second gzip member', () => Buffer.concat([read('artifact.tar.gz'), gzipSync('')]), 'bytes after its end'],
    [
      'a tar that goes on',
      () => gzipSync(Buffer.concat([gunzipSync(read('artifact.tar.gz')), Buffer.alloc(512)])),
      'after its end',
    ],
    ['a truncated file', () => read('artifact.tar.gz').subarray(0, -20), 'end is missing'],
    ['no gzip', () => Buffer.from('#!/bin/sh\n'), 'cannot be read on'],
  ])('%s', (_, archive, message) => {
    const result = verify(altered(archive()));
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(message);
  });

  test.each([
    ['a link', (tar: Buffer) => header(tar, (h) => h.write('2', 156)), 'is not a regular file'],
    ['a device', (tar: Buffer) => header(tar, (h) => h.write('3', 156)), 'is not a regular file'],
    [
      'a path upwards',
      (tar: Buffer) => header(tar, (h) => h.fill(0, 0, 100).write('../../evil', 0)),
      "'../../evil' is not in the manifest",
    ],
    ['an absolute path', (tar: Buffer) => header(tar, (h) => h.fill(0, 0, 100).write('/etc/evil', 0)), "'/etc/evil"],
    ['a size of 8 GB', (tar: Buffer) => header(tar, (h) => h.write('77777777777', 124)), 'has 8589934591 bytes'],
    ['a size in base 256', (tar: Buffer) => header(tar, (h) => h.writeUInt8(0x80, 124)), 'not written in octal'],
    ['a name with a NUL inside', (tar: Buffer) => header(tar, (h) => h.write('a\0b', 0)), 'bytes after its end'],
  ])('hostile: %s', (_, change, message) => {
    const tar = gunzipSync(read('artifact.tar.gz'));
    change(tar);
    const result = verify(altered(gzipSync(tar)));
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(message);
  });

  test.each([
    [
      'names that differ in case',
      (m: { entries: { path: string }[] }) =>
        ((m.entries[1] as { path: string }).path = (m.entries[0] as { path: string }).path.toUpperCase()),
      'one name where case is ignored',
    ],
    [
      'a path upwards',
      (m: { entries: { path: string }[] }) => ((m.entries[0] as { path: string }).path = '../x'),
      'relative path',
    ],
    [
      'an object as bitcode',
      (m: { entries: { type: string }[] }) =>
        ((m.entries.find((e) => e.type === 'object/x86_64') as { type: string }).type = 'bitcode'),
      'is no bitcode',
    ],
    [
      'another machine',
      (m: { entries: { type: string; target: string }[] }) =>
        Object.assign(m.entries.find((e) => e.type === 'object/x86_64') as object, {
          type: 'object/aarch64',
          target: 'aarch64-unknown-linux-musl',
        }),
      'is an ELF object for x86_64',
    ],
    [
      'another triple',
      (m: { entries: { type: string; target: string }[] }) =>
        ((m.entries.find((e) => e.type === 'bitcode') as { target: string }).target = 'x86_64-unknown-linux-musl'),
      'is bitcode for aarch64',
    ],
  ])('a manifest with %s', (_, change, message) => {
    const result = verify(altered(read('artifact.tar.gz'), change));
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(message);
  });

  test('entries that are too large together are not read', () => {
    expect(verify(artifact, '--max-size', '10').stderr).toContain('more than the 10 allowed (--max-size)');
    expect(verify(artifact, '--max-size', 'much').status).toBe(2);
  });

  test('a huge, a deep and a polluting manifest', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const manifest of [deep, `{"__proto__":{"polluted":1},"x":${deep}}`, Buffer.alloc((1 << 26) + 1, 0x20)]) {
      const result = verify(project({ 'artifact.json': manifest, 'artifact.tar.gz': '' }));
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/^art: error: .*artifact\.json/);
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

/** Changes the first header of a tar, and corrects its checksum. */
function header(tar: Buffer, change: (header: Buffer) => void): void {
  const block = tar.subarray(0, 512);
  change(block);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}

test('every changed byte of the archive is found, and cuts and splices', async () => {
  const archive = read('artifact.tar.gz');
  const manifest = read('artifact.json');
  const sound = async (bytes: Uint8Array) =>
    (await (await openArtifact({ manifest, archive: bytes })).examine()).length === 0;
  expect(await sound(archive)).toBe(true);
  const place = fc.nat({ max: archive.length - 1 });
  await fc.assert(
    fc.asyncProperty(place, place, fc.integer({ min: 1, max: 255 }), async (at, to, bits) => {
      const flipped = Buffer.from(archive);
      flipped[at] = (flipped[at] as number) ^ bits;
      expect(await sound(flipped)).toBe(false);
      expect(await sound(archive.subarray(0, at))).toBe(false);
      const spliced = Buffer.concat([archive.subarray(0, at), archive.subarray(to)]);
      if (!spliced.equals(archive)) expect(await sound(spliced)).toBe(false);
    }),
    { numRuns: propertyRuns(20) },
  );
});
