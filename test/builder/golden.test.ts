// Output bytes change only on purpose: such a change updates these digests, and its commit says why. artifact.json is
// not compared, since it contains the digests of the program, which change with each new build of it even if objects
// stay the same.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { art, manifestOf, project, REPOSITORY } from '../support/project.js';

test.each([
  {
    // The command that the README shows.
    flags: [],
    tar_sha256: '41a9224f18b996b5bdb2e2eb4ccde9319580788a2f9ee14f3e3e9b3d3625738d',
    sha256: '9a85feb5e2790fb22433fee6a51946e239fb7a5eb1f927e2705add3ca7b73e60',
  },
  {
    flags: ['-O2', '-g'],
    tar_sha256: '5fe52c4edd8f153242e633085db5f7d0d278962f9176f9e1a8dbe9752fec5977',
  },
])('fixtures/hello with $flags has the digests that it had', ({ flags, ...digests }) => {
  const out = join(project({}), 'artifact');
  expect(art(['build', join(REPOSITORY, 'fixtures/hello'), '--out', out, ...flags]).status).toBe(0);
  expect(manifestOf(out).archive).toMatchObject(digests);
});
