// A program that a page builds, links and runs.
import { expect, test } from 'vitest';
import { describeSite } from '../support/browser.js';

const SOURCE = `#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <unistd.h>
int main(int argc, char **argv) {
  if (argc > 1 && std::string(argv[1]) == "loop") { std::cout << "begun" << std::endl; for (volatile int i = 0;; i++); }
  if (argc > 1 && std::string(argv[1]) == "trap") __builtin_trap();
  std::string word, line;
  std::cin >> word;
  std::ifstream("folder/in.txt") >> line;
  std::cout << argv[argc - 1] << ' ' << std::getenv("NAME") << ' ' << word << ' ' << line << std::endl;
  std::ofstream("folder/out.txt") << "made\\n";
  std::cerr << (std::ifstream("/etc/passwd") ? "found" : "nothing") << '\\n';
  unlink("gone.txt");
  usleep(2000);
  return 3;
}
`;

describeSite('a WASI program in a tab', (site) => {
  test('is built, linked and run, prints as it goes, and is stopped', async () => {
    const result = await site.tab.run(
      async ({ art, given }) => {
        const built = await art.build({
          files: given,
          targets: ['wasm32-wasip1'],
          emit: ['object'],
          link: 'main',
          assets: '/art/',
        });
        const printed = { out: '', err: '' };
        const decoder = new TextDecoder();
        const keep = (to: 'out' | 'err', bytes: Uint8Array) => {
          printed[to] += decoder.decode(bytes);
        };
        const ran = await art.run(built.artifact, {
          args: ['one', 'two'],
          env: { NAME: 'named' },
          stdin: 'word',
          files: { 'folder/in.txt': 'line', 'gone.txt': 'x', 'kept.txt': 'y' },
          onStdout: (bytes) => keep('out', bytes),
          onStderr: (bytes) => keep('err', bytes),
        });
        const files = [...ran.files].map(([path, bytes]) => [path, decoder.decode(bytes)]).sort();
        // The same program, given as bytes.
        const bytes = await (await art.openArtifact(built.artifact)).read('executables/wasm32-wasip1/main');
        const trapped = await art.run(bytes, { args: ['trap'] });
        const stop = new AbortController();
        const stopped = await art
          .run(bytes, { args: ['loop'], signal: stop.signal, onStdout: () => stop.abort() })
          .catch((error: unknown) => error instanceof art.ArtError && error.code);
        const object = await art
          .run(await (await art.openArtifact(built.artifact)).read('objects/wasm32-wasip1/main.cpp.o'))
          .catch((error: unknown) => (error as Error).message);
        const unknown = await art
          .run(bytes, { dirs: ['x'] } as object)
          .catch((error: unknown) => (error as Error).message);
        return {
          status: ran.status,
          printed,
          files,
          trapped: [trapped.status, trapped.trapped],
          stopped,
          object,
          unknown,
        };
      },
      { 'main.cpp': SOURCE },
    );
    expect(result).toEqual({
      status: 3,
      printed: { out: 'two named word line\n', err: 'nothing\n' },
      files: [
        ['folder/in.txt', 'line'],
        ['folder/out.txt', 'made\n'],
        ['kept.txt', 'y'],
      ],
      trapped: [134, expect.stringMatching(/^unreachable/)],
      stopped: 'CANCELLED',
      object: expect.stringMatching(/^'program' is an object, and no program yet: link it/),
      unknown: expect.stringMatching(/^unknown option 'dirs'/),
    });
    expect(site.tab.errors).toEqual([]);
  });
});
