// The source editor: one view, with a state for each file.
import { lintGutter, type Diagnostic as Shown, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, type Text } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { Diagnostic, FixIt, TextRange } from '../../../src/browser.js';
import { band, editable, light, lineAt, openView } from './code-view.js';
import { el } from './dom.js';
import { languageOf } from './languages.js';

/** The events that the editor reports to the page. */
export interface EditorListener {
  changed(path: string, text: string): void;
  /** The line, from 1, that the pointer or the cursor is on. */
  pointed(path: string, line: number | undefined): void;
  /** The user clicked on a note of a diagnostic, which is about another place. */
  goTo(file: string, line: number, column: number): void;
}

const SEVERITIES = { fatal: 'error', error: 'error', warning: 'warning', remark: 'info', note: 'info' } as const;

export class SourceEditor {
  readonly #view: EditorView;
  readonly #states = new Map<string, EditorState>();
  readonly #label = new Compartment();
  #path = '';
  #diagnostics: readonly Diagnostic[] = [];
  #isSetting = false;
  #shownKey = '';

  constructor(
    into: HTMLElement,
    readonly listener: EditorListener,
  ) {
    this.#view = openView(into, EditorState.create({ doc: '' }));
    this.#view.dom.addEventListener('mousemove', (event) =>
      this.listener.pointed(this.#path, lineAt(this.#view, event)),
    );
    this.#view.dom.addEventListener('mouseleave', () => this.listener.pointed(this.#path, undefined));
  }

  /** Shows a file, with the undo history and cursor that it had before. */
  open(path: string, text: string): void {
    if (this.#path !== '') this.#states.set(this.#path, this.#view.state);
    this.#path = path;
    const known = this.#states.get(path);
    this.#shownKey = '';
    this.#view.setState(known && known.doc.toString() === text ? known : this.#stateOf(path, text));
    this.showDiagnostics(this.#diagnostics);
  }

  forget(path: string): void {
    this.#states.delete(path);
    if (path === this.#path) this.#path = '';
  }

  forgetAll(): void {
    this.#states.clear();
    this.#path = '';
  }

  focus(): void {
    this.#view.focus();
  }

  goTo(line: number, column: number): void {
    const at = place(this.#view.state.doc, line, column);
    this.#view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
    this.#view.focus();
  }

  light(line: number | undefined): void {
    light(this.#view, line === undefined ? [] : [line]);
  }

  band(colours: readonly (number | undefined)[]): void {
    band(this.#view, colours);
  }

  showDiagnostics(diagnostics: readonly Diagnostic[]): void {
    this.#diagnostics = diagnostics;
    // A second output usually has the same diagnostics; setting them again would close an open tooltip.
    const key = JSON.stringify([this.#path, diagnostics]);
    if (key === this.#shownKey) return;
    this.#shownKey = key;
    const { doc } = this.#view.state;
    const shown = diagnostics.flatMap((d) =>
      d.file === this.#path && d.line !== undefined ? [this.#shown(doc, d)] : [],
    );
    this.#isSetting = true;
    this.#view.dispatch(setDiagnostics(this.#view.state, shown));
    this.#isSetting = false;
  }

  #stateOf(path: string, text: string): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        this.#label.of(editable(`Source, ${path}`)),
        languageOf(path),
        lintGutter(),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !this.#isSetting) this.listener.changed(this.#path, update.state.doc.toString());
          if (update.selectionSet && this.#view.hasFocus)
            this.listener.pointed(this.#path, update.state.doc.lineAt(update.state.selection.main.head).number);
        }),
      ],
    });
  }

  #shown(doc: Text, diagnostic: Diagnostic): Shown {
    const { severity, message, flag, fixits, notes } = diagnostic;
    const [from, to] = span(doc, diagnostic);
    const here = fixits.filter(({ file }) => file === this.#path);
    return {
      from,
      to,
      severity: SEVERITIES[severity],
      message,
      renderMessage: () =>
        el(
          'div',
          {},
          `${severity === 'fatal' ? 'error' : severity}: ${message}${flag ? ` [${flag}]` : ''}`,
          ...(notes.length > 0 ? [this.#notes(notes)] : []),
        ),
      actions: [
        ...(here.length > 0 ? [this.#fix('Fix', here)] : []),
        // A note may have fix-its as well.
        ...notes.flatMap((note) => {
          const own = note.fixits.filter(({ file }) => file === this.#path);
          return own.length > 0 ? [this.#fix(`Fix: ${note.message.slice(0, 60)}`, own)] : [];
        }),
      ],
    };
  }

  #notes(notes: readonly Diagnostic[]): HTMLElement {
    return el(
      'ul',
      { className: 'art-notes' },
      ...notes.map(({ file, line, column = 1, message }) =>
        el(
          'li',
          {},
          file !== undefined && line !== undefined
            ? el(
                'button',
                { type: 'button', onclick: () => this.listener.goTo(file, line, column) },
                `${file}:${line}: ${message}`,
              )
            : message,
        ),
      ),
    );
  }

  #fix(name: string, fixits: readonly FixIt[]) {
    return {
      name,
      apply: (view: EditorView) => {
        const { doc } = view.state;
        view.dispatch({
          changes: fixits.map((fixit) => ({
            from: place(doc, fixit.line, fixit.column),
            to: place(doc, fixit.endLine, fixit.endColumn),
            insert: fixit.text,
          })),
        });
      },
    };
  }
}

/** The offset of a line and column, both from 1; the nearest offset if the text has changed since. */
function place(doc: Text, line: number, column: number): number {
  const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(from + Math.max(column, 1) - 1, to);
}

/** The range to underline: the one around the place, or else the word there. */
function span(doc: Text, { line = 1, column = 1, ranges }: Diagnostic): [number, number] {
  const at = place(doc, line, column);
  const holds = ({ line: l, column: c, endLine, endColumn }: TextRange) => {
    const [from, to] = [place(doc, l, c), place(doc, endLine, endColumn)];
    return from <= at && at <= to ? [from, to] : undefined;
  };
  for (const range of ranges) {
    const found = holds(range);
    if (found) return found as [number, number];
  }
  const rest = doc.sliceString(at, doc.lineAt(at).to);
  const word = /^\w+/.exec(rest)?.[0].length ?? 0;
  return word > 0
    ? [at, at + word]
    : rest === '' && at > doc.lineAt(at).from
      ? [at - 1, at]
      : [at, Math.min(at + 1, doc.length)];
}
