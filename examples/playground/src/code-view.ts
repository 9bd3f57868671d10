// A CodeMirror view in a shadow root. There its styles are constructed style sheets, which are allowed by a content
// security policy without inline styles.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from '@codemirror/language';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, RangeSet, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  GutterMarker,
  gutter,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { highlighting } from './languages.js';

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--panel)', fontSize: 'var(--code-size)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '6px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--selection) !important',
  },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--faint)', border: 'none' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
  '.cm-activeLine': { backgroundColor: 'var(--active-line)' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '2.2em', padding: '0 6px 0 4px' },
  '.cm-bands': { width: '5px' },
  '.cm-bands .cm-gutterElement': { padding: '0' },
  '.cm-band': { height: '100%', width: '3px', marginLeft: '1px' },
  '.cm-lit': { backgroundColor: 'var(--lit)' },
  '.cm-foldGutter .cm-gutterElement': { color: 'var(--faint)' },
  '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-panels input, .cm-panels button': { font: 'inherit', color: 'var(--text)' },
  '.cm-textfield': { backgroundColor: 'var(--panel)', border: '1px solid var(--line)' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--panel)', border: '1px solid var(--line)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    boxShadow: '0 4px 16px rgb(0 0 0 / 0.18)',
    maxWidth: 'min(36rem, 90vw)',
  },
  '.cm-diagnostic': { padding: '6px 10px', fontFamily: 'var(--sans)', fontSize: '13px', whiteSpace: 'pre-wrap' },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--error)' },
  '.cm-diagnostic-warning': { borderLeft: '4px solid var(--warning)' },
  '.cm-diagnostic-info': { borderLeft: '4px solid var(--accent)' },
  '.cm-diagnosticAction': {
    font: 'inherit',
    color: 'var(--on-accent)',
    backgroundColor: 'var(--accent)',
    borderRadius: '4px',
    padding: '1px 8px',
    margin: '4px 6px 0 0',
  },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--error) 1px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warning) 1px' },
  '.cm-lintRange-info': { backgroundImage: 'none', textDecoration: 'underline dotted var(--accent) 1px' },
  '.cm-searchMatch': { backgroundColor: 'var(--lit)' },
  '.art-notes': { margin: '4px 0 0', padding: '0', listStyle: 'none', color: 'var(--muted)' },
  '.art-notes button': {
    font: 'inherit',
    color: 'var(--accent)',
    background: 'none',
    border: '0',
    padding: '0',
    cursor: 'pointer',
    textAlign: 'left',
  },
});

/** Sets the lines to highlight, counted from 1. */
const lightUp = StateEffect.define<readonly number[]>();
const lit = Decoration.line({ class: 'cm-lit' });
const lights = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    let next = value.map(transaction.changes);
    for (const effect of transaction.effects)
      if (effect.is(lightUp)) {
        const builder = new RangeSetBuilder<Decoration>();
        const { doc } = transaction.state;
        for (const line of effect.value)
          if (line <= doc.lines) builder.add(doc.line(line).from, doc.line(line).from, lit);
        next = builder.finish();
      }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Number of colours. A source line and the output lines that come from it have the same colour. */
export const BANDS = 8;
class Band extends GutterMarker {
  constructor(readonly colour: number) {
    super();
  }
  override eq(other: Band): boolean {
    return other.colour === this.colour;
  }
  override toDOM(): Node {
    const mark = document.createElement('div');
    mark.className = 'cm-band';
    mark.style.backgroundColor = `var(--band-${this.colour})`;
    return mark;
  }
}
const MARKS = Array.from({ length: BANDS }, (_, colour) => new Band(colour));

const setBands = StateEffect.define<readonly (number | undefined)[]>();
const bands = StateField.define<RangeSet<Band>>({
  create: () => RangeSet.empty,
  update(value, transaction) {
    let next = value.map(transaction.changes);
    for (const effect of transaction.effects)
      if (effect.is(setBands)) {
        const builder = new RangeSetBuilder<Band>();
        const { doc } = transaction.state;
        effect.value.forEach((colour, at) => {
          if (colour === undefined || at >= doc.lines) return;
          const { from } = doc.line(at + 1);
          builder.add(from, from, MARKS[colour % BANDS] as Band);
        });
        next = builder.finish();
      }
    return next;
  },
});

/** The extensions of every view. */
const common: Extension = [
  highlightSpecialChars(),
  drawSelection(),
  bracketMatching(),
  highlightSelectionMatches(),
  lights,
  bands,
  gutter({ class: 'cm-bands', markers: (view) => view.state.field(bands) }),
  highlighting,
  theme,
  EditorState.phrases.of({ 'Fold line': 'Fold' }),
];

/**
 * The extensions of a view that the user edits. Escape and then Tab leaves it (CodeMirror's manual, "Tab handling").
 */
export const editable = (label: string): Extension => [
  lineNumbers(),
  common,
  history(),
  foldGutter(),
  indentOnInput(),
  indentUnit.of('  '),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap, indentWithTab]),
  // axe does not know that editable text takes the focus, which a view with long lines needs, so it has a tabindex.
  EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', autocapitalize: 'off', tabindex: '0' }),
];

/** The extensions of a view that the user only reads. */
export const readOnly = (label: string): Extension => [
  common,
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  keymap.of([...defaultKeymap, ...searchKeymap]),
  EditorView.contentAttributes.of({
    'aria-label': label,
    'aria-readonly': 'true',
    tabindex: '0',
    role: 'textbox',
    'aria-multiline': 'true',
  }),
];

/** Makes a view that fills an element. */
export function openView(into: HTMLElement, state: EditorState, dispatch?: (view: EditorView) => void): EditorView {
  const root = into.attachShadow({ mode: 'open' });
  const host = document.createElement('div');
  host.style.height = '100%';
  root.append(host);
  const view = new EditorView({ state, parent: host, root });
  dispatch?.(view);
  return view;
}

export const light = (view: EditorView, lines: readonly number[]): void =>
  view.dispatch({ effects: lightUp.of([...lines].sort((a, b) => a - b)) });
export const band = (view: EditorView, colours: readonly (number | undefined)[]): void =>
  view.dispatch({ effects: setBands.of(colours) });

/** The line under the pointer, from 1; undefined if there is none. */
export function lineAt(view: EditorView, event: MouseEvent): number | undefined {
  const at = view.posAtCoords({ x: event.clientX, y: event.clientY }, false);
  const block = view.lineBlockAtHeight(event.clientY - view.documentTop);
  if (event.clientY - view.documentTop > view.contentHeight) return undefined;
  return view.state.doc.lineAt(Math.min(block.from, at === null ? block.from : block.from)).number;
}
