// Prints the differences between two artifacts, for people.
import type { ContentDifference, Difference, EntryDifference } from '../index.js';
import { printable } from '../text/printable.js';

const NAMED = 4;

const valueText = (value: unknown) => (value === undefined ? 'not there' : JSON.stringify(value));

function some(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** A place as text: section, symbol, offset. */
function place({ section, symbol, offset }: ContentDifference['first']): string {
  const parts = [
    ...(section === undefined ? [] : [section]),
    ...(symbol === undefined ? [] : [`'${symbol}'`]),
    ...(offset === undefined ? [] : [`+0x${offset.toString(16)}`]),
  ];
  return parts.join(' ');
}

function detail({ sections, symbols, first }: ContentDifference, names: readonly [string, string]): string[] {
  const width = Math.max(...names.map((name) => name.length));
  const others = [
    ...(symbols.length > 1 ? [`${symbols.length} symbols differ: ${some(symbols)}`] : []),
    ...(sections.length > 1 ? [`${sections.length} sections differ: ${some(sections)}`] : []),
  ];
  return [
    `first at ${place(first)}`,
    `  ${names[0].padEnd(width)}  ${first.a}`,
    `  ${names[1].padEnd(width)}  ${first.b}`,
    ...others,
  ].map((line) => `    ${line}`);
}

function entryLines(entry: EntryDifference, names: readonly [string, string]): string[] {
  const head = `${entry.how.padEnd(7)}  ${entry.path}`;
  if (entry.difference) return [head, ...detail(entry.difference, names)];
  return [entry.keys ? `${head}  (${entry.keys.join(', ')})` : head];
}

/** @param names the names of the first and the second artifact */
export function differenceText({ manifest, entries, other }: Difference, names: readonly [string, string]): string {
  const width = Math.max(...names.map((name) => name.length));
  const lines = [
    ...manifest.flatMap(({ key, a, b }) => [
      key,
      `    ${names[0].padEnd(width)}  ${valueText(a)}`,
      `    ${names[1].padEnd(width)}  ${valueText(b)}`,
    ]),
    ...entries.flatMap((entry) => entryLines(entry, names)),
    ...other,
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}
