// Checks options: their names, and the types of their values.
import { ArtError } from '../errors.js';

/** Returns what the value should have been, for an error message; undefined if it is valid. */
export type Check = (value: unknown) => string | undefined;

export const isText: Check = (v) => (typeof v === 'string' && v !== '' ? undefined : 'a non-empty string');
export const isBoolean: Check = (v) => (typeof v === 'boolean' ? undefined : 'true or false');
export const isTexts: Check = (v) =>
  Array.isArray(v) && v.every((x) => typeof x === 'string') ? undefined : 'an array of strings';
/** Texts that are passed to a program. A zero byte would end one of them early. */
export const isWords: Check = (v) =>
  isTexts(v) ?? ((v as string[]).some((x) => x.includes('\0')) ? 'an array of strings' : undefined);
export const isCount: Check = (v) =>
  Number.isSafeInteger(v) && (v as number) >= 1 ? undefined : 'a whole number from 1';
export const isCountOrNone: Check = (v) =>
  Number.isSafeInteger(v) && (v as number) >= 0 ? undefined : 'a whole number from 0';
export const isSeconds: Check = (v) =>
  typeof v === 'number' && v > 0 && v <= 2_000_000 ? undefined : 'seconds, more than 0 and at most 2000000';
export const isNamedTexts: Check = (v) =>
  typeof v === 'object' && v !== null && Object.values(v).every((x) => typeof x === 'string')
    ? undefined
    : 'an object of names and strings';
export const isDigest: Check = (v) =>
  typeof v === 'string' && /^[0-9a-f]{64}$/.test(v) ? undefined : '64 lower-case hex digits';
export const isFunction: Check = (v) => (typeof v === 'function' ? undefined : 'a function');
export const isSignal: Check = (v) => (v instanceof AbortSignal ? undefined : 'an AbortSignal');
export const isSigner: Check = (v) =>
  typeof v === 'object' && v !== null && 'hint' in v && 'sign' in v && typeof v.sign === 'function'
    ? undefined
    : 'a key, as openKey gives it';

/**
 * Checks options; one that is set to undefined counts as left out.
 * @param checks of all options that there are
 * @param of what the names begin with in messages, for options inside an option: such as 'remoteCache.'
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkAll(options: object, checks: Readonly<Record<string, Check>>, of = ''): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ArtError('INVALID_OPTION', `the options must be an object with ${Object.keys(checks).join(', ')}`);
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (!check)
      throw new ArtError('UNKNOWN_OPTION', `unknown option '${of}${name}': expected ${Object.keys(checks).join(', ')}`);
    const expected = value === undefined ? undefined : check(value);
    if (expected) throw new ArtError('INVALID_OPTION', `option '${of}${name}' must be ${expected}`);
  }
}
