import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { ArtError, messageOf } from '../errors.js';
import { CONFIG_NAME, suggestConfig } from '../index.js';

/** `art init`: writes an art.config.json for the working directory; one that is there stays as it is. */
export function initCommand(): Command {
  return new Command('init')
    .description(`write an ${CONFIG_NAME} for the sources in this directory`)
    .allowExcessArguments(false)
    .action(async () => {
      const { config, package: name } = await suggestConfig(process.cwd());
      try {
        writeFileSync(CONFIG_NAME, `${JSON.stringify(config, null, 2)}\n`, { flag: 'wx' });
      } catch (cause) {
        throw (cause as NodeJS.ErrnoException).code === 'EEXIST'
          ? new ArtError('CONFIG_EXISTS', `there is an ${CONFIG_NAME} here already: edit it, or remove it first`, {
              cause,
            })
          : new ArtError('OUTPUT_NOT_WRITABLE', `cannot write '${CONFIG_NAME}': ${messageOf(cause)}`, { cause });
      }
      process.stdout.write(
        `${CONFIG_NAME}: package ${name}, sources ${(config.sources ?? []).join(' ')}; run art build\n`,
      );
    });
}
