// Somebody who swaps a folder for a link beside it, over and over.
import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** Takes the place of `folder` by turns with a link to `target`, until the test is over or `stop` is called. */
export async function swapping(folder: string, target: string): Promise<{ stop(): Promise<void> }> {
  const script = `
    const { mkdirSync, renameSync, symlinkSync, rmSync } = require('node:fs');
    const [folder, target] = process.argv.slice(1);
    const beside = folder + '.beside', link = folder + '.link';
    const quietly = (work) => { try { work(); } catch {} };
    let isLink = false, end = false;
    process.on('SIGTERM', () => { end = true; });
    const step = () => {
      for (let i = 0; i < 50; i++) {
        quietly(() => symlinkSync(target, link));
        quietly(() => { renameSync(folder, beside); renameSync(link, folder); });
        quietly(() => { renameSync(folder, link); renameSync(beside, folder); });
      }
      if (!end) setImmediate(step);
    };
    console.log('ready');
    step();`;
  const child = spawn(process.execPath, ['-e', script, folder, target], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return {
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
