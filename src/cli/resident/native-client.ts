// The client as a program of this machine, which starts in a hundredth of Node's time: art compiles it.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCommands } from '../../index.js';
import { commandRequest } from './command.js';
import { INSTALLATION, installationName } from './identity.js';

/**
 * Makes sure that a folder holds the client.
 * @param main the command's main module, which does what the client cannot
 * @returns the words that start it, before the name of a compiler command; undefined where this machine has no such program
 */
export async function nativeClient(folder: string, main: string): Promise<string[] | undefined> {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return undefined;
  const source = fileURLToPath(new URL('client.c', import.meta.url));
  const digest = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const client = join(folder, `client-${process.arch}-${digest}`);
  if (!existsSync(client) && !(await compile(source, client))) return undefined;
  return [client, process.execPath, main, installationName(), INSTALLATION];
}

async function compile(source: string, client: string): Promise<boolean> {
  const pool = openCommands(1);
  try {
    const args = ['-Os', '-static', '-s', source, '-o', client];
    const request = { program: 'clang', args, directory: '/', stdin: new Uint8Array(), env: {}, color: false };
    // Written in one step: another process may be at the same, or run it already.
    const { status } = await pool.run(commandRequest(request));
    return status === 0;
  } finally {
    await pool.close();
  }
}
