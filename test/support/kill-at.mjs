// Preloaded (node --import): kills the process right before the n-th operation on files, of those in or below `.art-…` or
// in the output directory after the first of them. KILL_AT is n, and SIGNAL is sent in place of SIGKILL. Where the process
// gets to its end, it says how many there were, in the file COUNT.
import blocking, { writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const at = Number(process.env.KILL_AT);
let seen = 0;
let begun = false;

function count(args) {
  begun ||= args.some((arg) => typeof arg === 'string' && /[/\\]\.art-/.test(arg));
  if (begun && ++seen === at) process.kill(process.pid, process.env.SIGNAL ?? 'SIGKILL');
}

for (const name of [
  'mkdir',
  'open',
  'readFile',
  'writeFile',
  'rename',
  'link',
  'copyFile',
  'rm',
  'rmdir',
  'readdir',
  'unlink',
  'lstat',
]) {
  const original = fs[name];
  fs[name] = async (...args) => {
    count(args);
    const result = await original(...args);
    if (name !== 'open') return result;
    for (const method of ['writeFile', 'sync', 'close']) {
      const own = result[method].bind(result);
      result[method] = (...rest) => {
        count([]);
        return own(...rest);
      };
    }
    return result;
  };
}
const write = writeFileSync;
for (const name of ['writeFileSync', 'chmodSync', 'renameSync']) {
  const original = blocking[name];
  blocking[name] = (...args) => {
    count(args);
    return original(...args);
  };
}
syncBuiltinESMExports();
process.on('exit', () => {
  if (process.env.COUNT) write(process.env.COUNT, String(seen));
});
