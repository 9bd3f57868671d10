// Add-ons for tests: small packages, and a PATH with only Node.
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { art, type CliOptions, type CliResult, project, REPOSITORY } from './project.js';

/** Adds two numbers, in C and N-API. */
export const HELLO_C = `#include <node_api.h>
static napi_value add(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value words[2], result;
  double a, b;
  napi_get_cb_info(env, info, &count, words, NULL, NULL);
  napi_get_value_double(env, words[0], &a);
  napi_get_value_double(env, words[1], &b);
  napi_create_double(env, a + b + EXTRA, &result);
  return result;
}
NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "add", NAPI_AUTO_LENGTH, add, NULL, &function);
  napi_set_named_property(env, exports, "add", function);
  return exports;
}
`;

/** A package with one target; \`more\` are further keys of it. */
export const helloPackage = (more = ''): Record<string, string> => ({
  'package.json': JSON.stringify({ name: '@me/hello', version: '1.2.0' }),
  'binding.gyp': `{ 'targets': [{ 'target_name': 'hello', 'sources': ['src/hello.c'],
    'defines': ['EXTRA=<!(node -p 2-2)'], ${more} }] }\n`,
  'src/hello.c': HELLO_C,
});

/** A folder with Node and nothing else: no Python, no make, no compiler. */
export function pathOfNode(): string {
  const folder = join(project({}), 'bin');
  mkdirSync(folder);
  symlinkSync(process.execPath, join(folder, 'node'));
  return folder;
}

/** Runs \`art addon\` where no other program is found. */
export const addon = (args: string[], options: CliOptions = {}): CliResult =>
  art(['addon', ...args], { ...options, env: { PATH: pathOfNode(), ...options.env } });

/** Loads an add-on in Node. @returns the value of an expression with it, by way of JSON */
export function inNode(expression: string, file: string, node: string[] = [process.execPath]): unknown {
  const [program, ...args] = node as [string, ...string[]];
  const script = `const addon = require(${JSON.stringify(file)}); process.stdout.write(JSON.stringify(${expression}))`;
  const { status, stdout, stderr } = spawnSync(program, [...args, '-e', script], { encoding: 'utf8', cwd: REPOSITORY });
  expect(stderr + (status ?? 'no status')).toBe('0');
  return JSON.parse(stdout);
}
