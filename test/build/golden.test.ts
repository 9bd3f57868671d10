// A change of output bytes is a decision: it changes these digests, and says why in its commit.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { art, manifestOf, project, REPOSITORY } from '../support/project.js';

/** tar_sha256 of fixtures/hello without flags, as the README shows it. */
const HELLO = 'ce8be12920c4700b4258626c29b0a2a1fc527a1de3b0f64bf80db69543f02b39';

test('fixtures/hello has the digest that it had', () => {
  const out = join(project({}), 'artifact');
  expect(art(['build', join(REPOSITORY, 'fixtures/hello'), '--out', out]).status).toBe(0);
  expect(manifestOf(out).archive).toMatchObject({ tar_sha256: HELLO });
});
