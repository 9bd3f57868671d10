import { Command } from 'commander';
import { writePageFiles } from '../index.js';

/** `art browser`: what a page needs, in one folder for a web server. */
export function browserCommand(): Command {
  return new Command('browser')
    .description('write the files that a web page needs to build in the browser')
    .requiredOption('--out <dir>', 'a folder that a web server gives to pages')
    .allowExcessArguments(false)
    .action(async ({ out }: { out: string }) => {
      for (const name of await writePageFiles(out)) process.stdout.write(`${name}\n`);
    });
}
