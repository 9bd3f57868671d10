// Formats a report as an HTML page: a single file that loads nothing from the network. Names come from files and are
// escaped.
import { type BuildReport, growthOf, type Sized, type UnitTime } from './report.js';

/** The largest number of rows of a chart or a table; the others are only counted. */
const MAX_ROWS = 60;
const ROW = 22;
const WIDTH = 1000;
const NAMES = 320;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const text = (value: unknown) =>
  String(value)
    .replace(/[&<>"']/g, (character) => ESCAPES[character] as string)
    .replace(/\p{Cc}/gu, '�');

const bytes = (size: number) =>
  Math.abs(size) < 10_240
    ? `${size} B`
    : Math.abs(size) < 10 << 20
      ? `${(size / 1024).toFixed(1)} KiB`
      : `${(size / (1 << 20)).toFixed(1)} MiB`;
const seconds = (value: number) => (value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`);
const short = (triple: string) => triple.split('-', 1)[0] as string;

const STYLE = `
:root { color-scheme: light dark; --line: #d5d9e0; --soft: #f4f5f7; --text: #1c2330; --dim: #667085; --bar: #3b6fd4; --hit: #a9b4c6; --bad: #c8402f; --more: #b54708; --less: #12805c; }
@media (prefers-color-scheme: dark) { :root { --line: #333a47; --soft: #1c212b; --text: #e6e9ef; --dim: #98a2b3; --bar: #6c9bf2; --hit: #566176; --bad: #f07866; --more: #f5a05a; --less: #57c79b; background: #12161d; } }
body { font: 14px/1.5 system-ui, sans-serif; color: var(--text); max-width: 1080px; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; } h2 { font-size: 1.1rem; margin: 2.4rem 0 .6rem; }
p { color: var(--dim); margin: .2rem 0 .8rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0; }
.tile { background: var(--soft); border-radius: 8px; padding: .7rem 1.1rem; min-width: 8rem; } .tile b { display: block; font-size: 1.35rem; }
.tile span { color: var(--dim); }
table { border-collapse: collapse; width: 100%; } th { text-align: left; color: var(--dim); font-weight: 500; }
td, th { padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); } td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.name { font-family: ui-monospace, monospace; font-size: 12.5px; overflow-wrap: anywhere; } td.bar { width: 22%; }
td.bar i { display: block; height: 10px; border-radius: 3px; background: var(--bar); min-width: 1px; }
.more { color: var(--more); } .less { color: var(--less); } .dim { color: var(--dim); }
svg { width: 100%; height: auto; } svg text { fill: var(--text); font: 12px system-ui, sans-serif; } svg .dim { fill: var(--dim); }
svg rect { fill: var(--bar); } svg .cached { fill: var(--hit); } svg .failed { fill: var(--bad); }
`;

/** Makes a table. @param columns their titles; `n` marks columns of numbers, which are aligned to the right */
const table = (columns: readonly { title: string; n?: boolean }[], rows: readonly string[]): string =>
  `<table><thead><tr>${columns.map(({ title, n }) => `<th${n ? ' class="n"' : ''}>${title}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;

const rest = (all: number, what: string) =>
  all > MAX_ROWS ? `<p>and ${all - MAX_ROWS} ${what} that are smaller</p>` : '';

function growth(one: Sized): string {
  if (one.before === undefined) return '';
  const by = growthOf(one);
  const share = one.before > 0 && by !== 0 ? ` (${by > 0 ? '+' : ''}${((by / one.before) * 100).toFixed(1)} %)` : '';
  const kind = by > 0 ? 'more' : by < 0 ? 'less' : 'dim';
  return `<td class="n ${kind}">${by === 0 ? '=' : `${by > 0 ? '+' : '−'}${bytes(Math.abs(by))}${share}`}</td>`;
}

function sizes<T extends Sized>(
  all: readonly T[],
  names: readonly string[],
  cells: (one: T) => string[],
  what: string,
): string {
  if (all.length === 0) return '<p>none</p>';
  const compared = all.some(({ before }) => before !== undefined);
  const most = Math.max(...all.map(({ size }) => size), 1);
  const columns = [
    ...names.map((title) => ({ title })),
    { title: '' },
    { title: 'size', n: true },
    ...(compared ? [{ title: 'since the base', n: true }] : []),
  ];
  const rows = all.slice(0, MAX_ROWS).map((one) => {
    const named = cells(one)
      .map((cell) => `<td class="name">${text(cell)}</td>`)
      .join('');
    const bar = `<td class="bar"><i style="width:${((one.size / most) * 100).toFixed(1)}%"></i></td>`;
    return `<tr>${named}${bar}<td class="n">${bytes(one.size)}</td>${growth(one)}</tr>`;
  });
  return table(columns, rows) + rest(all.length, what);
}

/** A chart with a bar for each unit and target, from its start to its end. */
function timeChart(units: readonly UnitTime[], whole: number): string {
  if (units.length === 0) return '<p>nothing was compiled</p>';
  const shown = units.slice(0, MAX_ROWS);
  const scale = (WIDTH - NAMES - 90) / Math.max(whole, 0.001);
  const rows = shown.map(({ unit, target, start, seconds: took, cached, failed }, i) => {
    const y = i * ROW;
    const name = unit.length > 40 ? `…${unit.slice(-39)}` : unit;
    const kind = failed ? 'failed' : cached ? 'cached' : 'compiled';
    const [x, width] = [NAMES + start * scale, Math.max(took * scale, 1)];
    return (
      `<text x="0" y="${y + 15}">${text(name)} <tspan class="dim">${text(short(target))}</tspan></text>` +
      `<rect class="${kind}" x="${x.toFixed(1)}" y="${y + 4}" width="${width.toFixed(1)}" height="${ROW - 8}" rx="2"><title>${text(`${unit} for ${target}: ${seconds(took)}, ${kind}`)}</title></rect>` +
      `<text class="dim" x="${(x + width + 5).toFixed(1)}" y="${y + 15}">${seconds(took)}</text>`
    );
  });
  const height = shown.length * ROW;
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="time of each unit">${rows.join('')}</svg>${rest(units.length, 'units')}`;
}

const tile = (value: string, name: string) => `<div class="tile"><b>${text(value)}</b><span>${text(name)}</span></div>`;

/** Makes the HTML page of a report. @returns its text, to be written as UTF-8 */
export function reportPage(report: BuildReport): string {
  const { cache, entries, functions, sections, units } = report;
  const total: Sized = { size: entries.reduce((sum, { size }) => sum + size, 0) };
  const compared = entries.some(({ before }) => before !== undefined);
  if (compared) total.before = entries.reduce((sum, { before = 0 }) => sum + before, 0);
  const grown = functions.filter((one) => growthOf(one) > 0).sort((a, b) => growthOf(b) - growthOf(a));
  const by = growthOf(total);
  const tiles = [
    tile(seconds(report.seconds), 'in all'),
    tile(String(units.length), 'compilations'),
    ...(cache ? [tile(`${cache.hits} of ${cache.hits + cache.misses}`, 'results from the cache')] : []),
    tile(bytes(total.size), `in ${entries.filter(({ size }) => size > 0).length} entries`),
    ...(compared ? [tile(`${by > 0 ? '+' : by < 0 ? '−' : '±'}${bytes(Math.abs(by))}`, 'since the base')] : []),
  ];
  const name = text(report.package);
  const functionCells = ({ name: symbol, entry }: { name: string; entry: string }) => [symbol, entry];
  const parts = [
    `<h1>${name}</h1><p>${text(report.targets.join(', '))}</p><div class="tiles">${tiles.join('')}</div>`,
    '<h2>Time</h2><p>Each unit for each target, the longest first, where it lay in the build. Grey: taken from the cache.</p>',
    timeChart(units, report.seconds),
    ...(compared ? ['<h2>Functions that grew</h2>', sizes(grown, ['function', 'in'], functionCells, 'functions')] : []),
    '<h2>Largest functions</h2>',
    sizes(functions, ['function', 'in'], functionCells, 'functions'),
    '<h2>Sections</h2><p>Of all objects of a target together.</p>',
    sizes(sections, ['section', 'target'], (one) => [one.name || '(no name)', short(one.target)], 'sections'),
    '<h2>Entries</h2>',
    sizes(entries, ['entry', 'type'], ({ path, type }) => [path, type], 'entries'),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${name}: where the time and the bytes went</title><style>${STYLE}</style></head>
<body>${parts.join('\n')}</body></html>
`;
}
