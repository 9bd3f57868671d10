// Parses numbers on command lines.
import { InvalidArgumentError } from 'commander';
import { parseBytes } from '../text/limits.js';

export function number(value: string): number {
  if (!/^\d+(\.\d+)?$/.test(value)) throw new InvalidArgumentError('Expected a number');
  return Number(value);
}

/** A number of bytes, such as 500000000 or 2G. */
export function bytes(value: string): number {
  const result = parseBytes(value);
  if (result === undefined) throw new InvalidArgumentError('Expected bytes, such as 500000000 or 2G');
  return result;
}
