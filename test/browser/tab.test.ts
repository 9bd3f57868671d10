// art in a tab of a real browser, compared with art in Node.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, link, sign } from 'art-aot';
import { expect, test } from 'vitest';
import { describeSite } from '../support/browser.js';
import { art, project, sha256 } from '../support/project.js';
import { ENDLESS, SAME_FLAGS, SAME_SOURCES } from '../support/same.js';

const TIMED_OUT = /was not done after 8 s: .*; clang was at work and last said:\nendless\.cpp:1:2: warning: it begins/;

const SOURCES = {
  ...SAME_SOURCES,
  // This header is in an archive that no other unit here needs.
  'src/t.cpp': '#include <type_traits>\nextern "C" bool same(void) { return std::is_same_v<int, int>; }\n',
};
const OPTIONS = { inputs: ['src'], flags: SAME_FLAGS, link: 'main' };

describeSite('in a tab', (site) => {
  test('needs no headers that isolate the page', async () => {
    expect(await site.tab.run(() => [crossOriginIsolated, typeof SharedArrayBuffer])).toEqual([false, 'undefined']);
  });

  test('says what it lacks: no programs, other programs, a sysroot that does not come', async () => {
    mkdirSync(join(site.folder, 'other'));
    for (const file of readdirSync(join(site.folder, 'art')))
      writeFileSync(join(site.folder, 'other', file), 'something else');
    const failing = (assets: string, source: string) =>
      site.tab.run(
        async ({ art, given }) => {
          const error = await art.build({ ...given, targets: ['x86_64'] }).catch((e: unknown) => e);
          return [error instanceof art.ArtError && error.code, (error as Error).message];
        },
        { assets, files: { 'main.c': source } },
      );
    expect(await failing('/nowhere', 'int x;')).toEqual([
      'PROGRAM_CORRUPT',
      expect.stringMatching(/^cannot fetch 'http.*\/nowhere\/\S+' \(the server answered 404\): .*'assets'$/),
    ]);
    expect(await failing('/other/', 'int x;')).toEqual([
      'PROGRAM_CORRUPT',
      expect.stringMatching(/^'http.*\/other\/\S+' is not the \S+ of this version \(sha256 /),
    ]);
    const headers = join(site.folder, 'art/linux-headers.sysroot');
    renameSync(headers, `${headers}.away`);
    expect(await failing('/art/', 'int x;')).toEqual([
      'PROGRAM_CORRUPT',
      expect.stringContaining("/art/linux-headers.sysroot' (the server answered 404)"),
    ]);
    renameSync(`${headers}.away`, headers);
  });

  test('the same bytes as in Node, with progress', async () => {
    const root = project(SOURCES);
    const out = join(root, 'out');
    const { manifest, units } = await build({ ...OPTIONS, cwd: root, out });
    const made = await site.tab.run(
      async ({ art, given }) => {
        const events: string[] = [];
        const onEvent = (event: { type: string }) => void events.push(event.type);
        const { manifest, artifact, units } = await art.build({ ...given, onEvent });
        // Later tests use it.
        Object.assign(globalThis, { artifact });
        const types = [...new Set(events)].sort();
        return { manifest, text: artifact.manifest, archive: await art.test.hash(artifact.archive), units, types };
      },
      { ...OPTIONS, files: SOURCES },
    );
    expect(made).toMatchObject({ manifest, units, types: ['finished', 'loading', 'planned', 'started'] });
    expect(made.text).toBe(readFileSync(join(out, 'artifact.json'), 'utf8'));
    expect(made.archive).toBe(sha256(readFileSync(join(out, 'artifact.tar.gz'))));
    expect(new Set(manifest.entries.map((entry) => entry.type)).size).toBe(5);

    // Compares also what is linked from it.
    const output = join(root, 'linked');
    const inNode = await link({ inputs: [out], output, target: 'aarch64', kind: 'static-pie' });
    const linked = await site.tab.run(
      async ({ art, given }) => {
        const { manifest, archive } = (globalThis as unknown as { artifact: { manifest: string; archive: Uint8Array } })
          .artifact;
        const files = new Map<string, string | Uint8Array>([
          ['made/artifact.json', manifest],
          ['made/artifact.tar.gz', archive],
        ]);
        const { bytes, ...result } = await art.link({ ...given, files, inputs: ['made'], output: 'linked' });
        return { ...result, actual: await art.test.hash(bytes) };
      },
      { target: 'aarch64', kind: 'static-pie' as const },
    );
    expect(linked).toEqual({ ...inNode, output: 'linked', actual: sha256(readFileSync(output)) });
  });

  test('reads and verifies artifacts: from memory, streams, files and URLs, with signatures of both kinds', async () => {
    const root = project({
      'package.json': '{"name":"signed","version":"1.0.0"}',
      'a.ll': 'define void @a() {\n  ret void\n}\n',
    });
    const out = join(site.folder, 'artifact');
    await build({ inputs: ['.'], cwd: root, out, targets: ['x86_64'] });
    const keys: Record<string, string> = {};
    for (const type of ['ecdsa-p256', 'ed25519']) {
      expect(art(['keygen', '--out', join(root, type), '--type', type, '--no-passphrase']).status).toBe(0);
      keys[type] = readFileSync(join(root, `${type}.pub`), 'utf8');
    }
    for (const type of ['ecdsa-p256', 'ed25519']) {
      await sign(out, { key: join(root, `${type}.key`) });
      const [other] = Object.keys(keys).filter((k) => k !== type);
      const found = await site.tab.run(
        async ({ art, given }) => {
          const get = async (name: string) => fetch(`/artifact/${name}`, { cache: 'no-store' });
          const archive = new Uint8Array(await (await get('artifact.tar.gz')).arrayBuffer());
          const bundle = await (await get('artifact.sigstore.json')).blob();
          const manifest = await (await get('artifact.json')).text();
          const flipped = archive.map((byte, i) => (i === 200 ? byte ^ 1 : byte));
          const sources = {
            memory: { manifest, archive, bundle },
            file: { manifest: new Blob([manifest]), archive: new Blob([archive]), bundle },
            stream: { manifest, archive: new Blob([archive]).stream(), bundle },
            folder: '/artifact/',
            url: new URL('/artifact/artifact.json', location.href),
          };
          const entries: Record<string, unknown> = {};
          const verified: Record<string, unknown> = {};
          for (const [name, source] of Object.entries(sources)) {
            const opened = await art.openArtifact(source);
            const [entry] = opened.entries({ type: 'object' });
            const bytes = entry && (await opened.read(entry));
            entries[name] = bytes && (await art.test.hash(bytes)) === entry.sha256 && bytes.length === entry.size;
            if (name !== 'stream') verified[name] = await art.verify(source, { keys: [given.key] });
          }
          const other = await art.verify(sources.memory, { keys: [given.other] });
          const broken = await art.verify({ manifest, archive: flipped, bundle }, { keys: [given.key] });
          const unsigned = await art.verify({ manifest, archive }, { keys: [given.key] });
          const badKey = await art.verify(sources.memory, { keys: ['no key'] }).catch((e: unknown) => e);
          return {
            entries,
            verified,
            other,
            broken: broken.length,
            unsigned,
            badKey: (badKey as { code: string }).code,
          };
        },
        { key: keys[type] as string, other: keys[other as string] as string },
      );
      expect([type, found]).toEqual([
        type,
        {
          entries: { memory: true, file: true, stream: true, folder: true, url: true },
          verified: { memory: [], file: [], folder: [], url: [] },
          other: ['its signature was not made with a key that is trusted here'],
          broken: expect.any(Number),
          unsigned: ['it has no signature (artifact.sigstore.json)'],
          badKey: 'KEY_INVALID',
        },
      ]);
      expect(found.broken).toBeGreaterThan(0);
    }
  });

  test('a mistake in a source is said in the words of clang; a unit without an end is ended', async () => {
    const found = await site.tab.run(
      async ({ art, given }) => {
        const texts: string[] = [];
        const onEvent = (event: { type: string; text?: string }) => {
          if (event.type === 'diagnostics') texts.push(event.text ?? '');
        };
        const error = await art.build({ ...given, targets: ['x86_64'], jobs: 1, timeout: 8, onEvent }).catch((e) => e);
        const isBuildFailed = error instanceof art.BuildFailedError;
        return { isBuildFailed, code: error.code, failures: error.failures, text: texts.join('') };
      },
      {
        files: {
          'broken.c': 'int b(void) { return }',
          'endless.cpp': `#warning it begins\n${ENDLESS}`,
          'sound.c': 'int s;',
        },
      },
    );
    expect(found).toMatchObject({
      isBuildFailed: true,
      code: 'COMPILE_FAILED',
      failures: [
        { unit: 'broken.c', kind: 'diagnosed', program: 'clang' },
        { unit: 'endless.cpp', kind: 'timed-out', program: 'clang', message: expect.stringMatching(TIMED_OUT) },
      ],
    });
    expect(found.text).toMatch(/^broken\.c:1:22: error: expected expression/m);
  });

  test('a build that is cancelled ends at once', async () => {
    const [code, milliseconds] = await site.tab.run(
      async ({ art, given }) => {
        const cancel = new AbortController();
        let started = 0;
        const onEvent = (event: { type: string }) => {
          if (event.type !== 'started') return;
          setTimeout(() => {
            started = performance.now();
            cancel.abort();
          }, 500);
        };
        const error = await art.build({ ...given, onEvent, signal: cancel.signal }).catch((e) => e);
        return [error.code, performance.now() - started];
      },
      { files: { 'endless.cpp': ENDLESS }, targets: ['x86_64'] },
    );
    expect(code).toBe('CANCELLED');
    expect(milliseconds).toBeLessThan(3000);
  });

  test('a picked directory is a project; hidden folders are passed over', async () => {
    const manifest = await site.tab.run(async ({ art }) => {
      const files = await navigator.storage.getDirectory();
      const write = async (folder: FileSystemDirectoryHandle, name: string, text: string) => {
        const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
        await stream.write(text);
        await stream.close();
      };
      const sources = await files.getDirectoryHandle('src', { create: true });
      await write(files, 'art.config.json', '{"package":"picked-2","sources":["src"],"targets":["aarch64"]}');
      await write(sources, 'a.c', '#include "a.h"\nint a(void) { return A; }');
      await write(sources, 'a.h', '#define A 1\n');
      await write(await files.getDirectoryHandle('.git', { create: true }), 'broken.c', 'no C');
      return (await art.build({ files })).manifest;
    });
    expect(manifest).toMatchObject({ package: 'picked-2', targets: ['aarch64-unknown-linux-musl'] });
    expect(manifest.entries.map((entry) => entry.source)).toEqual(['src/a.c', 'src/a.c']);
    expect(manifest.provenance.sources.map((source) => source.path)).toEqual(['src/a.c', 'src/a.h']);
  });

  test.each([
    [{ files: { 'a.c': '' }, out: 'x' }, 'UNKNOWN_OPTION', "no option 'out' in a browser"],
    [{ files: { 'a.c': '' }, nonsense: 1 }, 'UNKNOWN_OPTION', "unknown option 'nonsense'"],
    [{ files: { '../a.c': '' } }, 'INVALID_OPTION', "'../a.c' in 'files' is no relative path"],
    [{ files: { '/a.c': '' } }, 'INVALID_OPTION', "'/a.c' in 'files' is no relative path"],
    [{ files: { a: '', 'a/b.c': '' } }, 'INVALID_OPTION', "'a' in 'files' is a file and a directory"],
    [{ files: { 'a.c': 1 } }, 'INVALID_OPTION', "'a.c' in 'files' must be a string"],
    [{}, 'INVALID_OPTION', "option 'files' must be"],
    [{ files: {} }, 'NO_SOURCES', ''],
    [{ files: { 'a.c': '' }, inputs: ['b.c'] }, 'INPUT_NOT_FOUND', "'b.c'"],
    [{ files: { 'a.c': '' }, assets: 'http://[' }, 'INVALID_OPTION', "option 'assets'"],
  ])('wrong usage %#: %j', async (given, code, message) => {
    const found = await site.tab.run(
      async ({ art, given }) => art.build(given as never).catch((e) => [e.code, e.message]),
      given as object,
    );
    expect(found).toEqual([code, expect.stringContaining(message)]);
  });
});
