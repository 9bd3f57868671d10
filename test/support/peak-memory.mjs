// Builds what it is told to, in a process of its own, and prints that process's peak memory in MiB: what it was when so many
// compilations were done, and at the end.
import { build } from 'art-aot';

const [cwd, out, count] = process.argv.slice(2);
const peak = () => Math.round(process.resourceUsage().maxRSS / 1024);
let early;
await build({
  inputs: ['.'],
  cwd,
  out,
  flags: ['-O1'],
  targets: ['x86_64'],
  emit: ['object'],
  jobs: 2,
  onEvent(event) {
    if (event.type === 'finished' && event.done === Number(count)) early = peak();
  },
});
console.log(JSON.stringify([early, peak()]));
