// How `art cc` speaks to the resident process: one connection a command, on which
// the client sends a line of JSON, and the server answers with one and ends it. A
// line before the answer says that it begins to write the command's files.
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A command, as the client was given it. */
export interface Request {
  /** What the client is; the server must be the same. */
  identity: string;
  program: string;
  args: readonly string[];
  directory: string;
  /** Base64. */
  stdin: string;
  env: Record<string, string>;
  color: boolean;
  umask: number;
}

export interface Response {
  status: number;
  /** Base64. */
  stdout: string;
  stderr: string;
  /** The server is another version: it ends, and the client starts a new one. */
  stale?: true;
}

/** From here on the command must not be run again by another: it may not be one that can be done twice, such as `ar q`. */
export const WRITING = 'writing\n';

/** Tells installations, versions of this package (while it is developed as well) and of Node apart. */
export const IDENTITY = `${fileURLToPath(import.meta.url)} ${statSync(fileURLToPath(import.meta.url)).mtimeMs} ${process.version}`;

/** What the socket of such servers is called, without its ending. */
export const SOCKET_NAME = createHash('sha256').update(IDENTITY).digest('hex').slice(0, 16);

/**
 * The socket of the server that is the same as this process, in a folder that only its owner
 * can enter; undefined where that cannot be had, and then there is no resident process.
 */
export function socketPath(): string | undefined {
  // Not userInfo(): in a container the user may have no entry in passwd(5).
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  const folder = join(process.env.XDG_RUNTIME_DIR || tmpdir(), `art-${uid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) return undefined;
  } catch {
    return undefined;
  }
  const path = join(folder, `${SOCKET_NAME}.sock`);
  return Buffer.byteLength(path) < 104 ? path : undefined; // sun_path
}
