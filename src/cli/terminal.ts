/** What an output stream supports. */
export interface Terminal {
  write(text: string): void;
  /** Whether a person watches, so that lines may be rewritten. False in CI. */
  interactive: boolean;
  color: boolean;
  columns: number;
}

/** Honours NO_COLOR (no-color.org), FORCE_COLOR, TERM=dumb and CI. */
export function terminal(stream: NodeJS.WriteStream): Terminal {
  const { env } = process;
  const capable = stream.isTTY === true && env.TERM !== 'dumb';
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
  return {
    write: (text) => void stream.write(text),
    interactive: capable && !env.CI,
    color: !env.NO_COLOR && (forced || capable),
    columns: stream.columns || 80, // some terminals report 0
  };
}

/** Number of lines that the terminal of the standard output shows; undefined if it is not a terminal. */
export function screenful(): number | undefined {
  const { stdout } = process;
  return terminal(stdout).interactive ? stdout.rows || 24 : undefined;
}
