// Real C projects that compile in seconds.
import { join } from 'node:path';
import { describe } from 'vitest';
import { INPUTS, testProject } from '../support/real.js';

const TREE_SITTER = join(INPUTS, 'tree-sitter/vendor/tree-sitter/lib');
const LMDB = join(INPUTS, 'lmdb/dependencies/lmdb/libraries/liblmdb');

describe('tree-sitter', () => {
  const flags = ['-O2', '-std=gnu11', '-D_GNU_SOURCE'];
  testProject(
    [
      [join(TREE_SITTER, 'src/lib.c'), ...flags, `-I${TREE_SITTER}/include`, `-I${TREE_SITTER}/src`],
      [join(INPUTS, 'tree-sitter-json/src/parser.c'), ...flags, `-I${INPUTS}/tree-sitter-json/src`],
      ['fixtures/real/tree-sitter.c', ...flags, `-I${TREE_SITTER}/include`],
    ],
    `(document (object (pair key: (string (string_content)) value: (array (number) (true)))))
(document (object (pair key: (string (string_content)) value: (array (number) (null) (true)))))
1 null true \n`,
  );
});

describe('lmdb', () => {
  const flags = ['-O2', '-DMDB_MAXKEYSIZE=0', '-Wno-everything'];
  testProject(
    [
      [...['mdb.c', 'midl.c', 'chacha8.c'].map((name) => join(LMDB, name)), ...flags],
      ['fixtures/real/lmdb.c', ...flags, `-I${LMDB}`],
    ],
    'key0042=value 1764\nkey0999 of 1000\n',
  );
});
