// Prints the last line of a run, in a form that CI systems can read.
import type { Reporter, TestModule } from 'vitest/node';

/** Prints `904 passed, 0 failed, 1 skipped` after all other reports. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    // A file that could not even be loaded has no tests that could fail.
    const unloaded = modules.filter((module) => module.errors().length > 0).length;
    const count = (state: string) => states.filter((s) => s === state).length;
    process.stdout.write(
      `${count('passed')} passed, ${count('failed') + unloaded} failed, ${count('skipped')} skipped\n`,
    );
  }
}
