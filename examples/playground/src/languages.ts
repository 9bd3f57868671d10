// Syntax colouring: C and C++ with a grammar, LLVM IR and assembly token by token.
import { cpp } from '@codemirror/lang-cpp';
import { HighlightStyle, StreamLanguage, type StringStream, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tags as t } from '@lezer/highlight';

const TYPES = /^(void|half|bfloat|float|double|fp128|x86_fp80|i\d+|ptr|label|token|metadata|opaque|type|x)\b/;
const WORDS =
  /^(define|declare|target|datalayout|triple|source_filename|global|constant|attributes|align|private|internal|external|dso_local|unnamed_addr|local_unnamed_addr|weak|weak_odr|linkonce|linkonce_odr|comdat|any|section|distinct|nounwind|to|from|null|undef|poison|true|false|zeroinitializer|none|noundef|nonnull|nocapture|readonly|readnone|writeonly|signext|zeroext|inreg|noalias|captures|dereferenceable|inbounds|nuw|nsw|exact|tail|musttail|notail|fast|volatile|atomic)\b/;

function skipName(stream: StringStream): void {
  if (stream.eat('"')) {
    while (!stream.eol() && stream.next() !== '"');
  } else stream.eatWhile(/[\w.$-]/);
}

const ir = StreamLanguage.define({
  name: 'llvm-ir',
  token(stream) {
    if (stream.eatSpace()) return null;
    const at = stream.sol();
    if (stream.eat(';')) {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.eat('"')) {
      while (!stream.eol() && stream.next() !== '"');
      return 'string';
    }
    if (stream.eat('%')) {
      skipName(stream);
      return 'variableName';
    }
    if (stream.eat('@')) {
      skipName(stream);
      return 'function';
    }
    if (stream.eat(/[!#]/)) {
      skipName(stream);
      return 'meta';
    }
    if (at && stream.match(/^[\w.$-]+:/)) return 'labelName';
    if (stream.match(/^-?\d[\w.+-]*/)) return 'number';
    if (stream.match(TYPES)) return 'typeName';
    if (stream.match(WORDS)) return 'modifier';
    if (stream.match(/^[a-z][\w.]*/)) return 'keyword';
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: ';' } },
  tokenTable: { function: t.function(t.variableName), meta: t.meta, modifier: t.modifier },
});

const assembly = StreamLanguage.define<{ isStart: boolean }>({
  name: 'assembly',
  startState: () => ({ isStart: true }),
  token(stream, state) {
    if (stream.sol()) state.isStart = true;
    if (stream.eatSpace()) return null;
    if (stream.match(/^(#(?!\d|-|0x)|\/\/|;|# ).*/)) return 'comment';
    if (stream.match(/^"([^"\\]|\\.)*"/)) {
      return stream.match(/^:/) ? 'labelName' : 'string';
    }
    if (state.isStart && stream.match(/^[0-9a-f]{8,} <.*>:$/)) return 'labelName';
    if (state.isStart && stream.match(/^[0-9a-f]+:/)) return 'meta';
    if (state.isStart && stream.match(/^[\w.$@?]+:(?!:)/)) return 'labelName';
    // A demangled name, which may contain spaces and colons.
    if (stream.sol() && stream.match(/^[^\s.#/;].*?:(?=\s*(#|\/\/|;|$))/)) return 'labelName';
    if (stream.match(/^%[a-z]\w*/)) return 'variableName';
    if (stream.match(/^[$#]?-?(0x[0-9a-fA-F]+|\d+)\b/)) return 'number';
    if (stream.match(/^\.[A-Za-z_][\w.]*/)) {
      const isDirective = state.isStart;
      state.isStart = false;
      return isDirective ? 'meta' : 'labelName';
    }
    if (state.isStart && stream.match(/^([0-9a-f]{2}|[0-9a-f]{8})(?=[ \t]|$)/)) return 'meta';
    if (stream.match(/^[A-Za-z_][\w.]*/)) {
      const isMnemonic = state.isStart;
      state.isStart = false;
      if (isMnemonic) return 'keyword';
      return /^([wxqdsbhv]\d+(\.\d*[bhsd])?|[wx]zr|sp|lr|fp)$/.test(stream.current()) ? 'variableName' : 'function';
    }
    stream.next();
    return null;
  },
  tokenTable: { function: t.function(t.variableName), meta: t.meta },
});

/** Finds the language of a file by its name. */
export function languageOf(path: string): Extension {
  if (path.endsWith('.ll')) return ir;
  if (/\.[sS]$/.test(path)) return assembly;
  return /\.(c|h|cc|cp|cpp|cxx|c\+\+|C|hh|hpp|hxx|cppm|ccm|ixx|inc)$/.test(path) ? cpp() : [];
}

export const assemblyLanguage: Extension = assembly;
export const irLanguage: Extension = ir;

/** The colours are variables in the page's style sheet, which has them for the light and the dark theme. */
export const highlighting: Extension = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [t.keyword, t.controlKeyword, t.operatorKeyword, t.definitionKeyword], color: 'var(--code-keyword)' },
    { tag: [t.modifier], color: 'var(--code-modifier)' },
    { tag: [t.typeName, t.standard(t.typeName), t.className, t.namespace], color: 'var(--code-type)' },
    { tag: [t.string, t.character, t.special(t.string)], color: 'var(--code-string)' },
    { tag: [t.number, t.bool, t.null], color: 'var(--code-number)' },
    { tag: [t.comment, t.lineComment, t.blockComment], color: 'var(--code-comment)', fontStyle: 'italic' },
    { tag: [t.function(t.variableName), t.function(t.definition(t.variableName))], color: 'var(--code-function)' },
    { tag: [t.labelName], color: 'var(--code-label)' },
    { tag: [t.meta, t.processingInstruction], color: 'var(--code-meta)' },
  ]),
);
