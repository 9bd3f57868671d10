// Loaded with the schema only: zod takes a while.
import * as z from 'zod';
import { SHOWN_ISSUES } from '../text/schema-issues.js';

/**
 * Cuts every long list of `json` off where it has more mistakes than are shown: a small text can hold millions, and
 * zod would explain each of them. What has no mistakes stays as it is.
 */
export function cutLists(schema: z.ZodType, json: unknown): void {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    cutLists(schema.unwrap() as z.ZodType, json);
  else if (schema instanceof z.ZodObject && typeof json === 'object' && json !== null)
    for (const [key, inner] of Object.entries(schema.shape))
      cutLists(inner as z.ZodType, (json as Record<string, unknown>)[key]);
  else if (schema instanceof z.ZodArray && Array.isArray(json)) cutList(schema.element as z.ZodType, json);
}

/** Lists up to this long are left to zod. */
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
