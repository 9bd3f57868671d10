// Builds what it is told to, in a process of its own, and prints that process's peak memory in MiB.
import { build } from 'art-aot';

const [cwd, out] = process.argv.slice(2);
await build({ inputs: ['.'], cwd, out, flags: ['-O1'], targets: ['x86_64'], emit: ['object'], jobs: 2 });
console.log(Math.round(process.resourceUsage().maxRSS / 1024));
