// The files that docs/scale.md tells its readers to write.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/project.js';

/** The code blocks in one language in a section of the page, in order. @throws Error if there are none */
export function blocksUnder(title: string, language: string): string[] {
  const page = readFileSync(join(REPOSITORY, 'docs/scale.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  const blocks = [...section.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, text]) => text as string,
  );
  if (blocks.length === 0) throw new Error(`docs/scale.md has no block of ${language} under '${title}'`);
  return blocks;
}
