// What a page tells its readers to type.
//
//   ```console      a session: what follows '$ ' is run, and what it prints is compared with the lines below; in a line '…'
//                   stands for what differs by machine, and as a line of its own for any lines
//   ```sh           a script, run on its own; what it prints is not compared
//   <!-- needs: cmake ninja -->       before a block: it is left out where one of these is not installed
//   <!-- not run: why -->             before a block: it is for readers only
//   <!-- run: mkdir other -->         anywhere: the test runs it there, and readers need not see it
//
// Blocks in other languages are no commands. Every block says which it is.

export interface Command {
  /** The line of the page that it begins on, from 1. */
  line: number;
  text: string;
  /** A script, in a shell of its own. */
  isScript: boolean;
  /** What it prints, by the page; undefined where it is not compared. */
  prints: string | undefined;
  needs: string[];
}

const FENCE = /^```(\S*)/;
const COMMENT = /^<!-- (needs|not run|run): (.*) -->$/;

/**
 * The commands of a page in their order.
 * @throws Error naming the line of a block that does not say what it is
 */
export function commandsOf(page: string): Command[] {
  const lines = page.split('\n');
  const commands: Command[] = [];
  let needs: string[] = [];
  let isRun = true;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    const [, remark, words = ''] = COMMENT.exec(line) ?? [];
    if (remark === 'run') commands.push({ line: i + 1, text: words, isScript: false, prints: undefined, needs });
    else if (remark === 'needs') needs = words.split(' ');
    else if (remark === 'not run') isRun = false;
    else if (/^ {4}\S/.test(line) && lines[i - 1] === '' && !isInList(lines, i))
      throw new Error(`line ${i + 1}: a block without a fence; begin it with \`\`\`console, \`\`\`sh or \`\`\`text`);
    const [, language] = FENCE.exec(line) ?? [];
    if (language === undefined) {
      // A remark is about the block that comes next, with nothing but blank lines between.
      if (line !== '' && remark === undefined) [needs, isRun] = [[], true];
      continue;
    }
    const end = lines.indexOf('```', i + 1);
    if (end < 0) throw new Error(`line ${i + 1}: the block does not end`);
    if (language === '')
      throw new Error(`line ${i + 1}: say what the block is, such as \`\`\`console, \`\`\`sh or \`\`\`text`);
    const content = lines.slice(i + 1, end);
    if (isRun && language === 'console') commands.push(...sessionOf(content, i + 2, needs));
    if (isRun && language === 'sh')
      commands.push({ line: i + 2, text: content.join('\n'), isScript: true, prints: undefined, needs });
    [needs, isRun] = [[], true];
    i = end;
  }
  return commands;
}

/** Whether an indented line goes on with an item of a list. */
function isInList(lines: readonly string[], at: number): boolean {
  const before = lines.slice(0, at).findLast((line) => /^\S/.test(line));
  return before !== undefined && /^([-*]|\d+\.) /.test(before);
}

function sessionOf(lines: readonly string[], first: number, needs: string[]): Command[] {
  const commands: Command[] = [];
  let goesOn = false;
  for (const [i, line] of lines.entries()) {
    const last = commands.at(-1);
    if (goesOn && last) last.text += `\n${line}`;
    else if (line.startsWith('$ '))
      commands.push({ line: first + i, text: line.slice(2), isScript: false, prints: '', needs });
    else if (last) last.prints += `${line}\n`;
    else throw new Error(`line ${first + i}: a session begins with a command, after '$ '`);
    goesOn = (goesOn || line.startsWith('$ ')) && line.endsWith('\\');
  }
  return commands;
}

/** Whether this is what the page says. */
export function isAsShown(printed: string, shown: string): boolean {
  const pattern = shown
    .split('\n')
    .map((line) => (line === '…' ? '(?:.*\n)*?' : `${line.split('…').map(escaped).join('.*')}\n`))
    .join('')
    .replace(/\n$/, '');
  return new RegExp(`^${pattern}$`).test(printed.replace(/[ \t]+$/gm, '').replace(/([^\n])$/, '$1\n'));
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
