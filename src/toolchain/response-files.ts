// Response files: '@file' on a command line stands for the words in that file.
import { ArtError } from '../errors.js';
import { RESPONSE_LIMITS } from '../text/limits.js';

/** A file may name another; clang stops as well. */
const MAX_DEPTH = 16;

/**
 * Arguments with every '@file' replaced by its words, as clang and LLVM's tools read
 * them. One that cannot be read stays as it is, as does one that names itself: the program says what is wrong with it.
 * @param read gives a file's text; paths are relative to the working directory
 * @throws ArtError INVALID_OPTION where they come to too many words
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

/** The words of a text with GNU's quoting: '\' takes the next character as it is, also between quotes of either kind. */
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
