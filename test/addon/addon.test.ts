// `art addon`: builds small packages on a machine without any program except Node, and loads them.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { buildAddon } from '../../src/index.js';
import { addon, helloPackage, inNode, pathOfNode } from '../support/addon.js';
import { art, project, REPOSITORY, sha256 } from '../support/project.js';

const INPUTS = join(REPOSITORY, 'test/inputs/node_modules');

test('an add-on in C is built on a PATH with Node alone, where require looks', () => {
  const root = project(helloPackage());
  const { status, stdout, stderr } = addon([root]);
  expect(stderr).toContain('[1/1] ../src/hello.c');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^build\/Release\/hello\.node {2}[\d.]+ KiB {2}linux-/);
  expect(inNode('addon.add(2, 3)', join(root, 'build/Release/hello.node'))).toBe(5);
});

test('one in C++ with node-addon-api comes with its C++ library', () => {
  const root = project({});
  cpSync(join(INPUTS, 'microtime'), root, { recursive: true });
  cpSync(join(INPUTS, 'node-addon-api'), join(root, 'node_modules/node-addon-api'), { recursive: true });
  const { status, stdout } = addon(['--json'], { cwd: root });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    addons: [{ path: 'build/Release/microtime.node', napi: true }],
  });
  const micros = inNode('addon.now()', join(root, 'build/Release/microtime.node')) as number;
  expect(Math.abs(micros / 1000 - Date.now())).toBeLessThan(600_000);
});

test('actions, rules, copies, a static library and a program of one target are made in the order of what needs them', () => {
  const root = project({
    'package.json': '{"name":"parts"}',
    'binding.gyp': `{
      'targets': [
        { 'target_name': 'generated', 'type': 'none', 'hard_dependency': 1,
          'actions': [{ 'action_name': 'write', 'inputs': ['write.js'], 'outputs': ['<(SHARED_INTERMEDIATE_DIR)/extra.h'],
            'action': ['node', 'write.js', '<(SHARED_INTERMEDIATE_DIR)/extra.h'] }],
          'direct_dependent_settings': { 'include_dirs': ['<(SHARED_INTERMEDIATE_DIR)'] } },
        { 'target_name': 'part', 'type': 'static_library', 'dependencies': ['generated'], 'sources': ['part.c', 'words.list'],
          'rules': [{ 'rule_name': 'list', 'extension': 'list', 'process_outputs_as_sources': 1,
            'outputs': ['<(INTERMEDIATE_DIR)/<(RULE_INPUT_ROOT).c'],
            'action': ['node', 'rule.js', '<(RULE_INPUT_PATH)', '<(INTERMEDIATE_DIR)/<(RULE_INPUT_ROOT).c'] }] },
        { 'target_name': 'hello', 'dependencies': ['part'], 'sources': ['hello.c'], 'defines': ['EXTRA=part()+listed()'],
          'cflags': ['-include part.h'], 'include_dirs': ['.'],
          'copies': [{ 'destination': '<(PRODUCT_DIR)/data', 'files': ['write.js'] }] },
      ] }`,
    'write.js': "require('fs').writeFileSync(process.argv[2], '#define EXTRA_PART 100\\n')",
    'rule.js': `const fs = require('fs');
fs.writeFileSync(process.argv[3], 'int listed(void) { return ' + parseInt(fs.readFileSync(process.argv[2])) + '; }');`,
    'words.list': '1000\n',
    'part.h': 'int part(void); int listed(void);\n',
    'part.c': '#include "extra.h"\nint part(void) { return EXTRA_PART; }\n',
    'hello.c': helloPackage()['src/hello.c'] as string,
  });
  const { status, stderr } = addon([root]);
  expect(stderr).not.toContain('error');
  expect(status).toBe(0);
  expect(inNode('addon.add(2, 3)', join(root, 'build/Release/hello.node'))).toBe(1105);
  expect(existsSync(join(root, 'build/Release/data/write.js'))).toBe(true);
});

/** A project with the small package installed, without running any scripts. */
const app = (files: Record<string, string> = {}) =>
  project({
    'package.json': JSON.stringify({ name: 'app', version: '1.0.0', dependencies: { hello: 'file:./hello' } }),
    ...Object.fromEntries(Object.entries(helloPackage()).map(([name, text]) => [`node_modules/hello/${name}`, text])),
    'node_modules/hello/package.json': JSON.stringify({ name: 'hello', version: '1.0.0' }),
    ...files,
  });

/** A PATH with only Node, npm, and the shell that npm needs. */
function pathOfNpm(): string {
  const folder = pathOfNode();
  symlinkSync(realpathSync(join(dirname(process.execPath), 'npm')), join(folder, 'npm'));
  symlinkSync('/bin/sh', join(folder, 'sh'));
  return folder;
}

const npm = (words: string[], cwd: string, env: Record<string, string> = {}) =>
  spawnSync('npm', words, {
    cwd,
    encoding: 'utf8',
    env: { HOME: cwd, PATH: pathOfNpm(), ART_NO_CACHE: '1', npm_config_update_notifier: 'false', ...env },
  });

const nodeGypPath = () => art(['addon', '--node-gyp-path']).stdout.trim();

test('npm rebuild runs it in place of node-gyp', () => {
  const root = app();
  mkdirSync(join(root, 'node_modules/.bin'));
  symlinkSync(nodeGypPath(), join(root, 'node_modules/.bin/node-gyp'));
  const { status, stdout, stderr } = npm(['rebuild', '--foreground-scripts'], root);
  expect(stderr).toMatch(/gyp info using art@.*\n(.|\n)*gyp info ok\n/);
  expect(stdout).toContain('rebuilt dependencies successfully');
  expect(status).toBe(0);
  expect(inNode('addon.add(1, 1)', join(root, 'node_modules/hello/build/Release/hello.node'))).toBe(2);
});

test.each([
  ['the environment', () => ({ env: { npm_config_node_gyp: nodeGypPath() }, files: {} })],
  ['.npmrc', () => ({ env: {}, files: { '.npmrc': `node-gyp=${nodeGypPath()}\n` } })],
])('a package’s own script runs it, as %s says', (_, told) => {
  const { env, files } = told();
  const root = project({
    ...files,
    'package.json': JSON.stringify({ name: 'own', version: '1.0.0', scripts: { native: 'node-gyp --version' } }),
  });
  const { stdout } = npm(['run', '--silent', 'native'], root, env);
  expect(stdout).toMatch(/^art \d/);
});

test("node-gyp's steps: clean removes what was built, and build wants configure", () => {
  const root = project({ ...helloPackage(), 'build/Release/hello.node': '' });
  const run = (words: string[]) => art(['node-gyp', ...words], { cwd: root });
  expect(run(['clean']).status).toBe(0);
  expect(existsSync(join(root, 'build'))).toBe(false);
  const failed = run(['build']);
  expect(failed.stderr).toMatch(/gyp ERR! .*run configure first.*\n(.|\n)*gyp ERR! not ok\n$/);
  expect(failed.status).toBe(1);
});

test('what was built before is found, and not built again', () => {
  const root = project(helloPackage());
  const cache = join(root, 'cache');
  const use = () => {
    const { status, stderr } = addon(['--cache-dir', cache, '--quiet', root], { env: { ART_NO_CACHE: '' } });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return JSON.parse(art(['cache', 'stats', '--cache-dir', cache, '--json']).stdout);
  };
  expect(use()).toMatchObject({ hits: 0, misses: 2 });
  const first = readFileSync(join(root, 'build/Release/hello.node'));
  rmSync(join(root, 'build'), { recursive: true });
  expect(use()).toMatchObject({ hits: 2, misses: 2 });
  expect(readFileSync(join(root, 'build/Release/hello.node')).equals(first)).toBe(true);
});

/** Evaluates a build file, with a folder as the cache. @returns the defines of its target, and what was printed */
function evaluated(cache: string, defined: string, files: Record<string, string>) {
  const root = project({ 'package.json': '{"name":"evaluated"}', ...files });
  const { status, stderr } = art(['node-gyp', 'configure'], {
    cwd: root,
    env: { PATH: pathOfNode(), ART_NO_CACHE: '', ART_CACHE_DIR: cache, GYP_DEFINES: `told=${defined}` },
  });
  const result = join(root, 'build/art-evaluated.json');
  const [target] = existsSync(result)
    ? (Object.values(JSON.parse(readFileSync(result, 'utf8')).evaluated.targets) as [
        { configurations: { Release: { defines: string[] } } },
      ])
    : [];
  return { status, stderr, defines: target?.configurations.Release.defines ?? [] };
}

/** A build file that uses the environment, a command of the host and its folder. */
const ASKING = {
  'binding.gyp': `{ 'targets': [{ 'target_name': 'x', 'type': 'none',
    'defines': ['TOLD=<(told)', 'RAN=<!(node -p 6*7)', 'READ=<!(node read.js)'] }] }`,
  'read.js': 'console.log(require("./package.json").name)',
};

test('Python starts from the memory that an earlier run stored, without what that run was told', () => {
  const cache = project({});
  /** The stored memory; results of this package are none. */
  const stored = () => {
    const [name, ...more] = (readdirSync(join(cache, 'results-1/ac'), { recursive: true }) as string[]).filter(
      (path) => path.length > 64,
    );
    expect(more).toEqual([]);
    const path = join(cache, 'results-1/ac', name as string);
    return { path, inode: statSync(path).ino };
  };
  const use = (told: string) =>
    expect(evaluated(cache, told, ASKING)).toMatchObject({
      status: 0,
      defines: expect.arrayContaining([`TOLD=${told}`, 'RAN=42', 'READ=evaluated']),
    });
  use('first-word');
  const { path, inode } = stored();
  const first = readFileSync(path);
  expect(first.length).toBeGreaterThan(10_000_000);
  expect(first.includes('first-word')).toBe(false);
  use('second');
  const refused = evaluated(cache, 'third', { 'binding.gyp': "{ 'targets': [\n{ 'sources': ['x.c' } ] }" });
  expect(refused.stderr).toMatch(/GYP refuses '.*binding\.gyp':\ngyp ERR! binding\.gyp:2:\d+: closing parenthesis/);
  expect(refused.status).toBe(1);
  // Neither run made it again, so both started from it.
  expect(stored().inode).toBe(inode);

  const damaged = Buffer.from(first);
  damaged[damaged.length >> 1] = (first[first.length >> 1] as number) ^ 1;
  const foreign = Buffer.from('not the memory of Python');
  for (const bytes of [damaged, Buffer.concat([Buffer.from(sha256(foreign)), foreign])]) {
    writeFileSync(path, bytes);
    use('again');
    expect(readFileSync(path).length).toBe(first.length);
  }
  expect(JSON.parse(art(['cache', 'verify', '--cache-dir', cache, '--json']).stdout)).toMatchObject({ damaged: [] });
  expect(JSON.parse(art(['cache', 'stats', '--cache-dir', cache, '--json']).stdout).bytes).toBeGreaterThan(10_000_000);
});

test('what uses a function of Node whose signature has a type of libstdc++ is refused, by its name', () => {
  const root = project({
    'binding.gyp': "{ 'targets': [{ 'target_name': 'store', 'sources': ['store.cc'] }] }",
    'store.cc': `#include <node.h>
      void make(const v8::FunctionCallbackInfo<v8::Value> &info) {
        auto store = v8::ArrayBuffer::NewBackingStore(info.GetIsolate(), 8);
        info.GetReturnValue().Set(v8::ArrayBuffer::New(info.GetIsolate(), std::move(store)));
      }
      NODE_MODULE_INIT() { NODE_SET_METHOD(exports, "make", make); }`,
  });
  const { status, stderr } = addon([root]);
  expect(stderr).toMatch(
    /art: error: Node will not load 'store':\n {2}it uses v8::ArrayBuffer::New\(v8::Isolate\*, std::shared_ptr<v8::BackingStore>\), whose signature has std::shared_ptr: Node was built with another C\+\+ library/,
  );
  expect(status).toBe(1);
});

test.each([
  ['no build file', {}, 2, /no binding\.gyp in '.*'/, 1],
  [
    'a build file that GYP refuses, with the place',
    { 'binding.gyp': "{ 'targets': [\n{ 'sources': ['x.c' } ] }" },
    2,
    /GYP refuses '.*binding\.gyp':\nbinding\.gyp:2:\d+: closing parenthesis/,
    2,
  ],
  [
    'an action whose program is not there',
    helloPackage(
      "'actions': [{ 'action_name': 'ask', 'inputs': [], 'outputs': ['x.h'], 'action': ['python3', 'ask.py'] }]",
    ),
    1,
    /the action 'ask' of target 'hello' cannot run 'python3' \(.*ENOENT.*\): python3 ask\.py/,
    1,
  ],
  [
    'a later N-API than the Node has',
    helloPackage("'cflags': ['-DNO'], 'defines+': ['NAPI_VERSION=99']"),
    2,
    /target 'hello' asks for version 99 of N-API \(NAPI_VERSION\), and Node [\d.]+ has \d+/,
    2,
  ],
  [
    'a header that is not there, in clang’s words, and where it was looked for',
    { ...helloPackage("'include_dirs': ['own']"), 'src/hello.c': '#include <systemd/sd-bus.h>\n' },
    1,
    /fatal error: 'systemd\/sd-bus\.h' file not found(.|\n)*note: 'systemd\/sd-bus\.h' was looked for in .*\/own, art's own headers for (x86_64|aarch64)/,
    1,
  ],
])('%s', (_, files, __, message, status) => {
  const result = addon([project(files as Record<string, string>)]);
  expect(result.stderr).toMatch(message);
  expect(result.status).toBe(status);
});

test('headers that are nowhere are asked for in a line', async () => {
  const root = project(helloPackage());
  const { status, stderr } = addon(['--node-version', '23.0.0', root], {
    env: { XDG_CACHE_HOME: root, npm_config_nodedir: '' },
  });
  expect(stderr).toBe(
    'art: error: no headers of Node 23.0.0: name a folder that has them with --nodedir, install node-api-headers where the add-on uses N-API only, or say --download\n',
  );
  expect(status).toBe(1);
  await expect(buildAddon({ directory: root, arch: 'mips' })).rejects.toMatchObject({ code: 'UNKNOWN_TARGET' });
});

test('words that do not go together are wrong usage', () => {
  expect(art(['addon', '--platform', 'linux-x64']).stderr).toContain('--platform is for --prebuild');
  expect(art(['addon', '--prebuild', '--platform', 'beos-x64', project({})]).stderr).toMatch(
    /unknown platform 'beos-x64': expected linux-x64-glibc/,
  );
});

test('node-gyp.js is what is beside the command', () => {
  const { stdout } = art(['addon', '--node-gyp-path', '--json']);
  expect(readFileSync(JSON.parse(stdout).nodeGyp, 'utf8')).toContain('main.js');
});
