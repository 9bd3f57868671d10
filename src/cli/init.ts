import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { ArtError, messageOf } from '../errors.js';
import { CONFIG_NAME, suggestConfig } from '../index.js';
import { printable } from '../text/printable.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';

/** `art init`: writes an art.config.json for the working directory. An existing one is not changed. */
export function initCommand(): Command {
  const command = new Command('init')
    .description(`write an ${CONFIG_NAME} for the sources in this directory`)
    .allowExcessArguments(false);
  return addCommonOptions(command).action(async (common: CommonFlags) => {
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
    const { sources = [] } = config;
    say(
      common,
      { written: CONFIG_NAME, package: name, config },
      `${CONFIG_NAME}: package ${printable(name)}, sources ${printable(sources.join(' '))}; run art build\n`,
    );
  });
}
