// Builds a WASI program, runs it in a worker, and shows its output while it runs.
import type { RunSourcesResult, Session } from '../../../src/browser.js';
import { $, el } from './dom.js';
import type { Project } from './project.js';

/** Limits in bytes: allocating more memory fails, and a program that prints more is ended. */
const [MAX_MEMORY, MAX_OUTPUT] = [512 << 20, 256 << 10];
/** Milliseconds between two updates of the log; the layout of a long one takes time. */
const LOG_PAUSE = 60;

/** What the panel needs from the page. */
export interface RunHost {
  project(): Project;
  session: Session;
  words(text: string): string[];
  built(result: Pick<RunSourcesResult, 'diagnostics' | 'text'>): void;
  show(): void;
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
const bytes = (size: number) => (size < 10_000 ? `${size} bytes` : `${(size / 1000).toFixed(0)} kB`);

/** Shows what a program prints, and updates the page a few times a second. */
class Log {
  readonly #decoders = { out: new TextDecoder(), err: new TextDecoder() };
  #waiting: { to: 'out' | 'err'; text: string }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly element: HTMLElement) {
    element.replaceChildren();
  }

  print(to: 'out' | 'err', data: Uint8Array): void {
    const text = this.#decoders[to].decode(data, { stream: true });
    const last = this.#waiting.at(-1);
    if (last?.to === to) last.text += text;
    else this.#waiting.push({ to, text });
    this.#timer ??= setTimeout(() => this.show(), LOG_PAUSE);
  }

  show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    this.element.append(...this.#waiting.map(({ to, text }) => el('span', { className: to }, text)));
    this.#waiting = [];
    if (scrollHeight - scrollTop - clientHeight < 40) this.element.scrollTop = this.element.scrollHeight;
  }
}

export class RunPanel {
  /** The program of the last run. */
  program: Uint8Array<ArrayBuffer> | undefined;
  #stop: AbortController | undefined;

  constructor(readonly host: RunHost) {
    for (const id of ['run', 'run-again']) $(id).addEventListener('click', () => void this.run());
    $('stop').addEventListener('click', () => this.#stop?.abort());
  }

  async run(): Promise<void> {
    if (this.#stop) return;
    const { files, run } = this.host.project();
    const stop = new AbortController();
    this.#stop = stop;
    this.host.show();
    this.#busy(true);
    this.#say('Building…');
    const log = new Log($('log'));
    $('made').replaceChildren();
    let started = 0;
    try {
      const { program, ended } = await this.host.session.run(files, {
        flags: this.host.words(run.flags),
        args: this.host.words(run.args),
        stdin: run.input,
        maxMemory: MAX_MEMORY,
        maxOutput: MAX_OUTPUT,
        signal: stop.signal,
        onStdout: (data) => log.print('out', data),
        onStderr: (data) => log.print('err', data),
        onBuilt: (built) => {
          this.host.built(built);
          started = performance.now();
          this.#say('Running…');
        },
      });
      const took = seconds(performance.now() - started);
      this.program = program;
      if (!ended) this.#say('It does not build: the messages say why.', true);
      else if (ended.trapped) this.#say(`Broke down after ${took}: ${ended.trapped}`, true);
      else this.#say(`Exit status ${ended.status} after ${took}`, ended.status !== 0);
      if (ended) this.#showFiles(ended.files, files);
    } catch (error) {
      const took = started === 0 ? '' : ` after ${seconds(performance.now() - started)}`;
      this.#say(stop.signal.aborted ? `Stopped${took}` : (error as Error).message, true);
    } finally {
      log.show();
      this.#stop = undefined;
      this.#busy(false);
    }
  }

  /** Shows the files that the program made or changed. */
  #showFiles(after: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, before: ReadonlyMap<string, string>): void {
    const decoder = new TextDecoder();
    const made = [...after].filter(
      ([path, content]) => before.get(path) === undefined || before.get(path) !== decoder.decode(content),
    );
    $('made').replaceChildren(
      ...made
        .slice(0, 50)
        .map(([path, content]) =>
          el(
            'li',
            {},
            el('a', { href: URL.createObjectURL(new Blob([content])), download: path.split('/').at(-1) ?? path }, path),
            ` ${bytes(content.length)}`,
          ),
        ),
    );
  }

  #busy(isBusy: boolean): void {
    for (const id of ['run', 'run-again']) $<HTMLButtonElement>(id).disabled = isBusy;
    $<HTMLButtonElement>('stop').disabled = !isBusy;
    if (isBusy) $('stop').focus({ preventScroll: true });
  }

  #say(text: string, isBad = false): void {
    $('run-status').textContent = text;
    $('run-status').classList.toggle('bad', isBad);
  }
}
