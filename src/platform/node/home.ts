import { homedir } from 'node:os';

/**
 * The user's home directory; undefined where the system names none, as for a user without an entry in passwd(5).
 * @param env a process's environment
 */
export function homeOf(env: Readonly<Record<string, string | undefined>>): string | undefined {
  try {
    return env.HOME || homedir();
  } catch {
    return undefined;
  }
}
