// How `art cc` speaks to the resident process: one connection a command, on which
// the client sends a line of JSON, and the server answers with one and ends it.
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
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

/** Tells installations and versions of this package apart, while it is developed as well. */
export const IDENTITY = `${fileURLToPath(import.meta.url)} ${statSync(fileURLToPath(import.meta.url)).mtimeMs} ${process.version}`;

/**
 * The server's socket, in a folder that only its owner can enter; undefined where
 * that cannot be had, and then there is no resident process.
 */
export function socketPath(): string | undefined {
  const { uid } = userInfo();
  const folder = join(process.env.XDG_RUNTIME_DIR || tmpdir(), `art-${uid}`);
  const name = createHash('sha256')
    .update(fileURLToPath(import.meta.url))
    .digest('hex')
    .slice(0, 16);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) return undefined;
  } catch {
    return undefined;
  }
  const path = join(folder, `${name}.sock`);
  return Buffer.byteLength(path) < 104 ? path : undefined; // sun_path
}
