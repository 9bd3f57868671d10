import type { BuildEvent } from '../config/events.js';
import { printableColours } from '../text/printable.js';
import type { Terminal } from './terminal.js';

const ERASE_LINE = '\r\x1b[2K';

/** Shows the progress of a build: on a terminal one line that changes, elsewhere plain lines. */
export class Reporter {
  /** All diagnostics so far; a text that several targets share is listed once for a unit. */
  readonly diagnostics: { unit: string; target: string; text: string }[] = [];
  readonly warnings: string[] = [];
  readonly #running: string[] = [];
  #done = 0;
  #total = 0;
  #drawn = false;
  #started = 0;
  #clock: ReturnType<typeof setInterval> | undefined;

  /** @param mode `quiet` shows only diagnostics and warnings */
  constructor(
    readonly terminal: Terminal,
    readonly mode: 'progress' | 'quiet',
  ) {}

  get color(): boolean {
    return this.terminal.color;
  }

  report(event: BuildEvent): void {
    if (event.type === 'diagnostics') this.#diagnose(event);
    else if (event.type === 'warning') this.#warn(event.message);
    else if (this.mode !== 'quiet') this.#progress(event);
  }

  /** Forgets what was shown for a build, so that the next build shows it again. */
  startAnew(): void {
    this.diagnostics.length = 0;
    this.warnings.length = 0;
    this.#running.length = 0;
    this.#done = 0;
  }

  /** Removes the changing line. */
  finish(): void {
    clearInterval(this.#clock);
    this.#erase();
  }

  #progress(event: Exclude<BuildEvent, { type: 'diagnostics' | 'warning' }>): void {
    if (event.type === 'planned') {
      const { shard } = event;
      this.#total = shard?.compilations ?? event.units * event.targets.length;
      const units = event.units === 1 ? '1 unit' : `${event.units} units`;
      const part = shard
        ? `part ${shard.index} of ${shard.count}, ${shard.compilations} of ${event.units * event.targets.length} compilations of `
        : '';
      this.#line(`${event.package}: ${part}${units} for ${event.targets.join(', ')}`);
      this.#started = performance.now();
      if (this.terminal.interactive) this.#clock = setInterval(() => this.#draw(), 1000);
      return;
    }
    if (event.type === 'profile') {
      const share = Math.floor(event.share * 1000) / 10;
      this.#line(
        `profile: ${event.matched} of its ${event.functions} functions are in the sources, with ${share} % of its counts`,
      );
      return;
    }
    if (event.type === 'part') {
      const { done, total, part } = event;
      if (!this.terminal.interactive) this.#line(`[${done}/${total}] part ${part}`);
      else this.#showStep(`[${done}/${total}] parts read`);
      return;
    }
    const name = `${event.unit} (${event.target.split('-', 1)[0]})`;
    if (event.type === 'started') this.#running.push(name);
    else {
      this.#running.splice(this.#running.indexOf(name), 1);
      this.#done = event.done;
      if (!this.terminal.interactive)
        this.#line(`[${event.done}/${event.total}] ${name}${event.failed ? ' failed' : ''}`);
    }
    this.#draw();
  }

  #warn(message: string): void {
    this.warnings.push(message);
    this.#line(`art: warning: ${message}`);
    this.#draw();
  }

  #diagnose(event: Extract<BuildEvent, { type: 'diagnostics' }>): void {
    // A message that is the same for all targets is shown once.
    if (this.diagnostics.some((d) => d.unit === event.unit && d.text === event.text)) return;
    this.diagnostics.push({ unit: event.unit, target: event.target, text: event.text });
    this.#erase();
    const text = this.terminal.interactive ? printableColours(event.text) : event.text;
    this.terminal.write(text.endsWith('\n') ? text : `${text}\n`);
    this.#draw();
  }

  #line(text: string): void {
    this.#erase();
    this.terminal.write(`${text}\n`);
  }

  #draw(): void {
    if (!this.terminal.interactive || this.mode === 'quiet' || this.#running.length === 0) return;
    const seconds = Math.round((performance.now() - this.#started) / 1000);
    this.#showStep(`[${this.#done}/${this.#total}] ${seconds} s  ${this.#running.join(', ')}`);
  }

  #showStep(text: string): void {
    this.terminal.write(`${ERASE_LINE}${text.slice(0, this.terminal.columns - 1)}`);
    this.#drawn = true;
  }

  #erase(): void {
    if (this.#drawn) this.terminal.write(ERASE_LINE);
    this.#drawn = false;
  }
}
