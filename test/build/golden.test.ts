// A change of output bytes is a decision: it changes these digests, and says why in its commit. artifact.json has the
// digests of the programs as well, which change with every build of them though objects stay as they are, and is not held.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { art, manifestOf, project, REPOSITORY } from '../support/project.js';

test.each([
  {
    // As the README shows it.
    flags: [],
    tar_sha256: 'ce8be12920c4700b4258626c29b0a2a1fc527a1de3b0f64bf80db69543f02b39',
    sha256: 'afcbf5e772c77b4c29ab210a79da3df990f602fb1d45a3d269892f58e889f825',
  },
  {
    flags: ['-O2', '-g'],
    tar_sha256: 'bc579742da8e741e9ee042e5c8cd09bf03f4a421ccb3552c72e67da195333365',
  },
])('fixtures/hello with $flags has the digests that it had', ({ flags, ...digests }) => {
  const out = join(project({}), 'artifact');
  expect(art(['build', join(REPOSITORY, 'fixtures/hello'), '--out', out, ...flags]).status).toBe(0);
  expect(manifestOf(out).archive).toMatchObject(digests);
});
