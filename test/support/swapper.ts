// Replaces a folder by a link beside it again and again, as an attacker would.
import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** Replaces `folder` by a link to `target` and back, until the test is over or `stop` is called. */
export async function swapping(folder: string, target: string): Promise<{ stop(): Promise<void> }> {
  const script = `
    const { renameSync, rmSync, symlinkSync, unlinkSync } = require('node:fs');
    const [folder, target] = process.argv.slice(1);
    const isDone = (work) => { try { work(); return true; } catch { return false; } };
    const wait = () => { for (const end = performance.now() + Math.random() / 2; performance.now() < end; ); };
    let end = false, count = 0;
    process.on('SIGTERM', () => { end = true; });
    const step = () => {
      for (let i = 0; i < 50; i++) {
        const beside = folder + '.beside-' + count++;
        isDone(() => { renameSync(folder, beside); symlinkSync(target, folder); });
        wait();
        isDone(() => unlinkSync(folder));
        // Where there is another folder by now, this one is of no use any more.
        if (!isDone(() => renameSync(beside, folder))) isDone(() => rmSync(beside, { recursive: true }));
        wait();
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
