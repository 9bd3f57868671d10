/** What a stream can show. */
export interface Terminal {
  write(text: string): void;
  /** A person watches: lines may be rewritten. False in CI. */
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
    columns: stream.columns || 80, // some say that they have none
  };
}

/** Lines that a person who watches the standard output sees at once; undefined where nobody does. */
export function screenful(): number | undefined {
  const { stdout } = process;
  return terminal(stdout).interactive ? stdout.rows || 24 : undefined;
}
