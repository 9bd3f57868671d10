// Results as text: one table a case.
const seconds = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(1));
const megabytes = (bytes) => (bytes === null ? '?' : String(Math.round(bytes / 1e6)));

const head = ([a, b]) => [
  '',
  `${a} s`,
  'fastest',
  `${b} s`,
  'fastest',
  'ratio',
  `${a} cpu`,
  `${b} cpu`,
  `${a} MB`,
  `${b} MB`,
  'to reach',
];

/** What was asked for, and whether these figures are there. */
function goalText({ goal, art, ratio }) {
  const parts = [];
  const part = (text, value, most) => parts.push(`${text}${value === null ? '' : value <= most ? ' (yes)' : ' (no)'}`);
  if (goal.seconds) part(`${goal.seconds} s`, art.seconds, goal.seconds);
  if (goal.ratio) part(`${goal.ratio.toFixed(1)}x`, ratio, goal.ratio);
  if (goal.peak) part(`${goal.peak / 1e6} MB`, art.peak, goal.peak);
  return parts.join(', ');
}

function cells(row) {
  const { name, art, native, ratio } = row;
  const nativeCells = native
    ? [seconds(native.seconds), seconds(native.fastest), `${ratio.toFixed(2)}x`]
    : ['-', '-', '-'];
  const memory = [megabytes(art.peak), native ? megabytes(native.peak) : '-'];
  const processor = [art, native].map((side) => (side?.processor ? seconds(side.processor) : '-'));
  return [name, seconds(art.seconds), seconds(art.fastest), ...nativeCells, ...processor, ...memory, goalText(row)];
}

export function headText({ cores, node, native }) {
  const other = native ?? 'not found, so there are no ratios (install clang-22)';
  return `art on Node ${node}; native: ${other}; ${cores} processors, 2 jobs at once on both sides, -O2\n`;
}

/** @param {string[]} [sides] what the two sides are called */
export function caseText(title, rows, [own = 'art', other = 'native'] = []) {
  const table = [head([own, other]), ...rows.map(cells)];
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
  const isText = (column) => column === 0 || column === widths.length - 1;
  const pad = (cell, column) => (isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  return `\n${title}\n${table.map((line) => `  ${line.map(pad).join('  ').trimEnd()}\n`).join('')}`;
}

export function footText() {
  return `
Seconds are medians, cpu those of processors; the ratio is art's median through native's. MB is the most that a run's processes held
together, of 1,000,000 bytes. Where art writes bitcode and object in one run, native clang runs twice.
art also hashes, packs and reads back what it made; native clang only writes the files.
`;
}
