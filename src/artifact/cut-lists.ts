// Imported only together with the schema, since zod takes a while to load.
import * as z from 'zod';
import { SHOWN_ISSUES } from '../text/schema-issues.js';

/**
 * Shortens every long list in `json` after as many errors as are shown: a small text can contain millions of errors,
 * and zod would explain each of them. Lists without errors stay as they are.
 */
export function cutLists(schema: z.ZodType, json: unknown): void {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    cutLists(schema.unwrap() as z.ZodType, json);
  else if (schema instanceof z.ZodObject && typeof json === 'object' && json !== null)
    for (const [key, inner] of Object.entries(schema.shape))
      cutLists(inner as z.ZodType, (json as Record<string, unknown>)[key]);
  else if (schema instanceof z.ZodArray && Array.isArray(json)) cutList(schema.element as z.ZodType, json);
}

/** Lists up to this length are left to zod. */
const LONG_LIST = 1000;

function cutList(element: z.ZodType, list: unknown[]): void {
  let wrong = 0;
  for (const [i, item] of list.entries()) {
    cutLists(element, item);
    if (list.length > LONG_LIST && !element.safeParse(item).success && ++wrong > SHOWN_ISSUES) {
      list.length = i + 1;
      return;
    }
  }
}
