// The program's object reader in this process, for tests that read many files.
import type { Contents } from '../../src/inspect/contents.js';
import type { Compiler } from './compiler.js';

/** The result of a run: the contents, or why there are none. */
export interface Inspected {
  status: number;
  stderr: string;
  contents: Contents | undefined;
}

export function inspectWith(compiler: Compiler, bytes: Uint8Array, ...options: string[]): Inspected {
  const args = [...options, '--name=input', '--output=contents.json', 'input'];
  const run = compiler.tool({ input: bytes }, 'inspect', ...args);
  const { status, stderr } = run;
  return { status, stderr, contents: status === 0 ? JSON.parse(run.output('contents.json').toString()) : undefined };
}
