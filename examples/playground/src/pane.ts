// A pane with the compiler's output for one target and one set of flags.
import { EditorState } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { Compilation, Listing, SourceLine, Wanted } from '../../../src/browser.js';
import { band, light, lineAt, openView, readOnly } from './code-view.js';
import { el, rovingTabs, selectTab } from './dom.js';
import { assemblyLanguage, irLanguage } from './languages.js';
import { type PaneSettings, TARGETS, VIEWS, type View } from './project.js';

const NAMES: Readonly<Record<View, string>> = {
  assembly: 'Assembly',
  ir: 'IR',
  disassembly: 'Disassembly',
  sections: 'Sections',
  symbols: 'Symbols',
};

const WANTS: Readonly<Record<View, readonly Wanted[]>> = {
  assembly: ['assembly'],
  ir: ['ir'],
  disassembly: ['disassembly'],
  sections: ['contents'],
  symbols: ['contents'],
};

/** The events that a pane reports to the page. */
export interface PaneListener {
  changed(): void;
  pointed(from: SourceLine | undefined): void;
  closed(): void;
  /** Returns the part of a listing that the view `assembly` shows. */
  shown(listing: Listing): Listing;
}

export class Pane {
  readonly element: HTMLElement;
  readonly #listing: HTMLElement;
  readonly #table: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #state: HTMLElement;
  readonly #tabs: HTMLElement;
  readonly #view: EditorView;
  readonly close: HTMLButtonElement;
  #shown: Listing | undefined;
  #last: Compilation | undefined;

  constructor(
    readonly settings: PaneSettings,
    readonly number: number,
    readonly listener: PaneListener,
  ) {
    const target = el(
      'select',
      { id: `target-${number}`, onchange: () => this.#set({ target: target.value }) },
      ...targetOptions(settings.target),
    );
    target.value = settings.target;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flags = el('input', {
      id: `flags-${number}`,
      value: settings.flags,
      spellcheck: false,
      autocapitalize: 'off',
      autocomplete: 'off',
      placeholder: '-O2 -Wall',
      oninput: () => {
        clearTimeout(timer);
        timer = setTimeout(() => this.#set({ flags: flags.value }), 250);
      },
      onchange: () => {
        clearTimeout(timer);
        if (flags.value !== this.settings.flags) this.#set({ flags: flags.value });
      },
    });
    this.close = el(
      'button',
      {
        type: 'button',
        className: 'quiet',
        'aria-label': `Close output ${number}`,
        title: 'Close this output',
        onclick: () => listener.closed(),
      },
      '✕',
    );
    this.#state = el('span', { className: 'pane-state' });
    this.#tabs = el(
      'div',
      { role: 'tablist', 'aria-label': `Views of output ${number}`, className: 'tabs views' },
      ...VIEWS.map((view) =>
        el(
          'button',
          {
            type: 'button',
            role: 'tab',
            id: `view-${number}-${view}`,
            'aria-controls': `output-${number}`,
            onclick: () => this.#choose(view),
          },
          NAMES[view],
        ),
      ),
    );
    rovingTabs(this.#tabs);
    this.#listing = el('div', { className: 'listing' });
    this.#table = el('div', {
      className: 'table',
      hidden: true,
      tabIndex: 0,
      role: 'region',
      'aria-label': `Table of output ${number}`,
    });
    this.#empty = el('div', { className: 'empty' });
    const body = el(
      'div',
      {
        className: 'pane-body',
        role: 'tabpanel',
        id: `output-${number}`,
        'aria-labelledby': `view-${number}-${settings.view}`,
      },
      this.#listing,
      this.#table,
      this.#empty,
      this.#state,
    );
    this.element = el(
      'section',
      { className: 'pane', 'aria-label': `Output ${number}` },
      el(
        'div',
        { className: 'bar' },
        el('label', { for: target.id, className: 'hidden' }, 'Target'),
        target,
        el('label', { for: flags.id, className: 'hidden' }, 'Flags'),
        flags,
        this.close,
      ),
      el('div', { className: 'bar views-bar' }, this.#tabs),
      body,
    );
    this.#view = openView(this.#listing, this.#stateOf('', 'assembly'));
    this.#view.dom.addEventListener('mousemove', (event) => this.#point(lineAt(this.#view, event)));
    this.#view.dom.addEventListener('mouseleave', () => this.#point(undefined));
    this.#select();
  }

  get wants(): readonly Wanted[] {
    return WANTS[this.settings.view];
  }

  say(text: string, isBad = false): void {
    this.#state.textContent = text;
    this.#state.classList.toggle('bad', isBad);
  }

  /** Marks the output as stale: the text has changed since. */
  stale(): void {
    this.element.classList.add('stale');
  }

  empty(text: string): void {
    this.#empty.textContent = text;
    this.#empty.hidden = text === '';
  }

  /** Shows a result. @returns whether it had outputs */
  show(result: Compilation): boolean {
    this.element.classList.toggle('failed', !result.ok);
    this.element.classList.remove('stale');
    if (!result.ok) {
      if (!this.#last?.ok) this.empty('Nothing to show: the messages say why.');
      return false;
    }
    this.#last = result;
    this.#render();
    return true;
  }

  /** Shows the last result again, after the choice of what to leave out has changed. */
  refresh(): void {
    if (this.#last) this.#render();
  }

  light(from: SourceLine | undefined, reveal: boolean): void {
    if (!this.#shown) return;
    const lines: number[] = [];
    if (from)
      this.#shown.lines.forEach((line, at) => {
        if (line && line.line === from.line && line.file === from.file) lines.push(at + 1);
      });
    light(this.#view, lines);
    const [first] = lines;
    if (reveal && first !== undefined) this.#reveal(first);
  }

  /** The lines of a file from which output lines come. */
  linesOf(file: string): Set<number> {
    return new Set((this.#shown?.lines ?? []).flatMap((line) => (line?.file === file ? [line.line] : [])));
  }

  band(colourOf: (line: SourceLine) => number | undefined): void {
    if (this.#shown)
      band(
        this.#view,
        this.#shown.lines.map((line) => line && colourOf(line)),
      );
  }

  #reveal(line: number): void {
    const { from } = this.#view.state.doc.line(Math.min(line, this.#view.state.doc.lines));
    const block = this.#view.lineBlockAt(from);
    const { scrollTop, clientHeight } = this.#view.scrollDOM;
    if (block.top < scrollTop || block.bottom > scrollTop + clientHeight)
      this.#view.scrollDOM.scrollTop = Math.max(0, block.top - clientHeight / 3);
  }

  #point(line: number | undefined): void {
    this.listener.pointed(line === undefined ? undefined : this.#shown?.lines[line - 1]);
  }

  #set(change: Partial<PaneSettings>): void {
    Object.assign(this.settings, change);
    this.listener.changed();
  }

  #choose(view: View): void {
    if (view === this.settings.view) return;
    this.#set({ view });
    this.#select();
    this.refresh();
  }

  #select(): void {
    selectTab(this.#tabs, (tab) => tab.id === `view-${this.number}-${this.settings.view}`);
    this.element
      .querySelector('[role=tabpanel]')
      ?.setAttribute('aria-labelledby', `view-${this.number}-${this.settings.view}`);
  }

  #render(): void {
    const result = this.#last as Compilation;
    const { view } = this.settings;
    const listing =
      view === 'assembly'
        ? result.assembly && this.listener.shown(result.assembly)
        : view === 'ir'
          ? result.ir
          : view === 'disassembly'
            ? result.disassembly
            : undefined;
    const rows = view === 'sections' || view === 'symbols' ? rowsOf(result, view) : undefined;
    const isAsked = result[view === 'sections' || view === 'symbols' ? 'contents' : view] !== undefined;
    this.#listing.hidden = !listing;
    this.#table.hidden = !rows;
    this.empty(
      listing || rows ? (listing?.text.trim() === '' ? 'No code.' : '') : isAsked ? '' : lacking(result, view),
    );
    this.#shown = listing;
    if (rows) this.#table.replaceChildren(tableOf(rows));
    if (!listing) return;
    const { scrollTop, scrollLeft } = this.#view.scrollDOM;
    this.#view.setState(this.#stateOf(listing.text.replace(/\n$/, ''), view));
    requestAnimationFrame(() => Object.assign(this.#view.scrollDOM, { scrollTop, scrollLeft }));
  }

  #stateOf(doc: string, view: View): EditorState {
    return EditorState.create({
      doc,
      extensions: [
        readOnly(`${NAMES[view]}, output ${this.number}`),
        view === 'ir' ? irLanguage : assemblyLanguage,
        EditorState.tabSize.of(8),
      ],
    });
  }
}

/** The options for the target. A target that a link to the page names and that is not in the list is added. */
function targetOptions(current: string): HTMLOptionElement[] {
  const known = TARGETS.map(([value, name]) => el('option', { value }, name));
  return TARGETS.some(([value]) => value === current) ? known : [...known, el('option', { value: current }, current)];
}

function lacking({ target, unit }: Compilation, view: View): string {
  if (view === 'disassembly' && /^wasm/.test(target))
    return 'WebAssembly is not disassembled; its assembly says the same.';
  if (/\.[sS]$/.test(unit)) return 'Assembly is assembled as it is: look at the disassembly.';
  return '';
}

type Cell = string | number | { name: string; mangled?: string };
type Row = Cell[];

function rowsOf({ contents }: Compilation, view: 'sections' | 'symbols'): { head: string[]; rows: Row[] } | undefined {
  if (!contents) return undefined;
  const { sections, symbols } = contents;
  if (view === 'sections')
    return {
      head: ['Section', 'Kind', 'Flags', 'Bytes', 'Align'],
      rows: sections.map(({ name, kind, flags, size, align }) => [name, kind, flags, size, align]),
    };
  const nameOf = (index: number | null | undefined) => sections.find((section) => section.index === index)?.name ?? '';
  return {
    head: ['Symbol', 'Binding', 'Type', 'Section', 'Address', 'Bytes'],
    rows: symbols
      .filter(({ type }) => type !== 'section')
      .map(({ name, mangled, binding, type, defined, section, value = 0, size = 0 }) => [
        { name, ...(mangled !== undefined && { mangled }) },
        binding,
        defined ? type : 'undefined',
        nameOf(section),
        defined ? `0x${value.toString(16)}` : '',
        defined ? size : '',
      ]),
  };
}

function tableOf({ head, rows }: { head: string[]; rows: Row[] }): HTMLTableElement {
  const cell = (value: Cell) =>
    typeof value === 'object'
      ? el('td', { className: 'name', title: value.mangled }, value.name)
      : el('td', { className: typeof value === 'number' ? 'number' : '' }, String(value));
  const isNumber = (column: number) =>
    rows.length > 0 && rows.every((row) => typeof row[column] === 'number' || row[column] === '');
  return el(
    'table',
    {},
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        ...head.map((name, at) => el('th', { scope: 'col', className: isNumber(at) ? 'number' : '' }, name)),
      ),
    ),
    el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map(cell)))),
  );
}
