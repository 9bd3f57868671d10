import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';

const WITHOUT_OVERRIDE = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--inh-caps', '-all'];

/**
 * A command that runs another without root's right to read and write everything,
 * so that file modes count. Nothing where the tests do not run as root.
 */
export function unprivileged(context: TestContext): string[] {
  if (process.getuid?.() !== 0) return [];
  const works = spawnSync(WITHOUT_OVERRIDE[0] as string, [...WITHOUT_OVERRIDE.slice(1), 'true']).status === 0;
  if (!works) context.skip('root cannot be held to file modes here: setpriv is missing or not allowed');
  return WITHOUT_OVERRIDE;
}
