// The client as a native program, which starts in a hundredth of the time of Node. art compiles it itself.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCommands } from '../../index.js';
import { commandRequest } from './command.js';
import { INSTALLATION, installationName } from './identity.js';

/**
 * Compiles the client into a folder, unless it is there.
 * @param main the command's main module, which does what the client cannot do
 * @returns the words that start it, to be followed by the name of a compiler command; undefined if no such program is
 *   possible on this machine
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
    // Written in one step: another process may do the same at the same time, or may be running the program.
    const { status } = await pool.run(commandRequest(request));
    return status === 0;
  } finally {
    await pool.close();
  }
}
