import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './project.js';

/** A document without its blocks of code. */
export const textOf = (document: string) =>
  readFileSync(join(REPOSITORY, document), 'utf8').replace(/^```.*?^```/gms, '');

/** The links of a document that lead to another one, or to a place in it. */
export const linksOf = (document: string) =>
  [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link as string)
    .filter((link) => !/^\w+:/.test(link));
