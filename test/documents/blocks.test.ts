import { describe, expect, test } from 'vitest';
import { commandsOf, isAsShown } from './blocks.js';

describe('the commands of a page', () => {
  const page = [
    'Text',
    '',
    '<!-- run: mkdir made -->',
    '<!-- needs: cmake ninja -->',
    '```console',
    '$ echo a \\',
    '  b',
    'a b',
    '$ true',
    '```',
    '',
    '- an item',
    '',
    '    of two paragraphs',
    '',
    '```sh',
    'one',
    'two',
    '```',
    '<!-- not run: it never ends -->',
    '```sh',
    'yes',
    '```',
    '```js',
    'build();',
    '```',
  ];

  test('they come in their order, with what they print and need', () => {
    expect(commandsOf(page.join('\n'))).toEqual([
      { line: 3, text: 'mkdir made', isScript: false, prints: undefined, needs: [] },
      { line: 6, text: 'echo a \\\n  b', isScript: false, prints: 'a b\n', needs: ['cmake', 'ninja'] },
      { line: 9, text: 'true', isScript: false, prints: '', needs: ['cmake', 'ninja'] },
      { line: 17, text: 'one\ntwo', isScript: true, prints: undefined, needs: [] },
    ]);
  });

  test.each([
    ['```\nls\n```', 'line 1: say what the block is'],
    ['Text\n\n    ls\n', 'line 3: a block without a fence'],
    ['```console\nls\n```', 'line 2: a session begins with a command'],
    ['```sh\nls\n', 'line 1: the block does not end'],
  ])('a block that does not say what it is, is named: %j', (text, complaint) => {
    expect(() => commandsOf(text)).toThrow(complaint);
  });
});

test.each([
  ['', '', true],
  ['a\n', '', false],
  ['', 'a\n', false],
  ['a\nb\n', 'a\n', false],
  ['took 0.7 s\n', 'took … s\n', true],
  ['took 0.7 ms\n', 'took … s\n', false],
  ['a\nb\nc\n', 'a\n…\nc\n', true],
  ['a\nc\n', 'a\n…\nc\n', true],
  ['a\nb\n', 'a\n…\nc\n', false],
  ['a\nb\n', '…\n', true],
  ['axb\n', 'a.b\n', false],
  ['a  \n', 'a\n', true],
  ['a', 'a\n', true],
])('%j, where a page shows %j', (printed, shown, isRight) => {
  expect(isAsShown(printed, shown)).toBe(isRight);
});
