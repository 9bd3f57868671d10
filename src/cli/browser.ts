import { Command } from 'commander';
import { writePageFiles } from '../index.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';

/** `art browser`: writes the files that a page needs into one folder, for a web server. */
export function browserCommand(): Command {
  const command = new Command('browser')
    .description('write the files that a web page needs to build in the browser')
    .requiredOption('--out <dir>', 'a folder that a web server serves')
    .allowExcessArguments(false);
  return addCommonOptions(command).action(async ({ out, ...common }: CommonFlags & { out: string }) => {
    const files = await writePageFiles(out);
    say(common, { files }, files.map((name) => `${name}\n`).join(''));
  });
}
