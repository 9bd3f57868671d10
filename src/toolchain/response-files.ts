// Response files: '@file' on a command line stands for the words in that file.
import { ArtError } from '../errors.js';
import { RESPONSE_LIMITS } from '../text/limits.js';

/** How deep response files may be nested; clang has a limit as well. */
const MAX_DEPTH = 16;

/**
 * Replaces every '@file' by the words in that file, as clang and LLVM's tools do. A file that cannot be read, or that
 * names itself, stays as '@file': the program then reports the error.
 * @param read returns a file's text; paths are relative to the working directory
 * @throws ArtError INVALID_OPTION if there are too many words
 */
export function expandResponseFiles(args: readonly string[], read: (path: string) => string | undefined): string[] {
  const result: string[] = [];
  const expand = (words: readonly string[], within: readonly string[]) => {
    for (const word of words) {
      const isFile = word.startsWith('@') && within.length < MAX_DEPTH && !within.includes(word);
      const text = isFile ? read(word.slice(1)) : undefined;
      if (result.length > RESPONSE_LIMITS.words)
        throw new ArtError(
          'INVALID_OPTION',
          `the response files of this command come to more than ${RESPONSE_LIMITS.words} words: name fewer`,
        );
      if (text === undefined) result.push(word);
      else expand(responseWords(text), [...within, word]);
    }
  };
  expand(args, []);
  return result;
}

/**
 * Splits a text into words by GNU's quoting rules: '\' makes the next character literal, also inside quotes of either
 * kind.
 */
export function responseWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '\\' && i + 1 < text.length) word = (word ?? '') + text[++i];
    else if (quote !== '' && c === quote) quote = '';
    else if (quote === '' && (c === '"' || c === "'")) {
      quote = c;
      word ??= '';
    } else if (quote === '' && /\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + c;
  }
  return word === undefined ? words : [...words, word];
}
