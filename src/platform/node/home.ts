import { homedir } from 'node:os';

/**
 * The user's home directory; undefined if the system knows none, as for a user without an entry in passwd(5).
 * @param env the environment variables of a process
 */
export function homeOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  try {
    return env.HOME || homedir();
  } catch {
    return undefined;
  }
}
