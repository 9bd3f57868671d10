// `art cache`: shows, checks and removes the cached results of earlier builds.
import { existsSync, statSync } from 'node:fs';
import { Command } from 'commander';
import { resolve } from 'pathe';
import { ArtError } from '../errors.js';
import { cacheStats, clearCache, defaultCache, verifyCache } from '../index.js';
import { cacheVariables } from './cache-variables.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';
import { humanSize } from './result.js';

interface Flags extends CommonFlags {
  cacheDir?: string;
}

const PLACE = `
The cache is the folder of --cache-dir, else of ART_CACHE_DIR, else the user's own. ART_CACHE_SIZE, such as 10G, is its largest size (default 5G).
`;

/** `art cache`, with its subcommands. */
export function cacheCommand(setStatus: (status: number) => void): Command {
  const command = new Command('cache').description(
    'the results of earlier builds: count them, check them, remove them',
  );
  const add = (name: string, description: string, run: (directory: string, flags: Flags) => void | Promise<void>) =>
    command.addCommand(
      addCommonOptions(
        new Command(name)
          .description(description)
          .option('--cache-dir <dir>', "a cache folder other than the user's own")
          .allowExcessArguments(false)
          .addHelpText('after', PLACE),
      ).action((flags: Flags) => run(directoryOf(flags), flags)),
    );
  add('stats', 'print where it is, what it holds, and how often it was used', (directory, flags) => {
    const stats = cacheStats(directory, cacheVariables(process.env).cacheSize);
    const { results, contents, bytes, maxBytes, hits, misses } = stats;
    const asked = hits + misses;
    const share = asked === 0 ? '' : ` (${Math.floor((hits / asked) * 100)} %)`;
    const lines = [
      directory,
      `  ${results} results, ${contents} outputs  ${humanSize(bytes)} of ${humanSize(maxBytes)}`,
      `  ${hits} of ${asked} results were found${share}`,
    ];
    say(flags, stats, `${lines.join('\n')}\n`);
  });
  add('clear', 'remove all results', (directory, flags) => {
    const cleared = clearCache(directory);
    say(flags, { directory, ...cleared }, `${cleared.files} files removed, ${humanSize(cleared.bytes)}\n`);
  });
  add('verify', 'read all results, and remove damaged ones', async (directory, flags) => {
    const { files, damaged } = await verifyCache(directory);
    const lines = [...damaged.map((path) => `damaged, and removed: ${path}`), `${files} files read`];
    say(flags, { directory, files, damaged }, `${lines.join('\n')}\n`);
    setStatus(damaged.length > 0 ? 1 : 0);
  });
  return command;
}

function directoryOf({ cacheDir }: Flags): string {
  const named = cacheDir ?? process.env.ART_CACHE_DIR;
  const directory = named ? resolve(named) : defaultCache();
  if (directory && existsSync(directory) && !statSync(directory).isDirectory())
    throw new ArtError('INVALID_OPTION', `the cache '${directory}' is no folder: name one with --cache-dir`);
  if (directory) return directory;
  throw new ArtError('INVALID_OPTION', 'no folder for the cache is known on this system: name one with --cache-dir');
}
