// Takes the place of the resident process for one connection: tells its client these words, one every 1.5 s.
// variables: LINK, the server's name; WORDS, a JSON array; THEN, `end` or `silence`; HEARD, a file for what
// the client said
import { appendFileSync, openSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

const { HEARD, LINK, WORDS, THEN } = process.env;
const O_PATH = 0o10000000;
const own = `${LINK}.impostor`;
const server = createServer((connection) => {
  server.close();
  connection.on('error', () => {});
  writeFileSync(HEARD, '');
  connection.on('data', (said) => appendFileSync(HEARD, said));
  connection.once('data', async () => {
    await setTimeout(300); // until it has said all
    for (const [i, words] of JSON.parse(WORDS).entries()) {
      if (i > 0) await setTimeout(1500);
      connection.write(words);
    }
    if (THEN === 'end') connection.end(() => process.exit());
  });
});
server.listen(own, () => {
  const handle = openSync(own, O_PATH);
  rmSync(own);
  symlinkSync(`/proc/${process.pid}/fd/${handle}`, own);
  renameSync(own, LINK);
  process.stdout.write('ready');
});
