// `art daemon`: shows and ends the resident process, which keeps the compilers warm.
import { Command } from 'commander';
import { printable } from '../text/printable.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';
import { askAbout } from './resident/client.js';
import { STATUS, STOP, type Status } from './resident/protocol.js';

const ABOUT = `
The first command that compiles starts this process, and it ends when it has had no work for a while.
With ART_NO_DAEMON=1 in the environment, commands do not use it. In CI only art cc, art c++ and the other compiler commands
start it, unless ART_DAEMON=1 is set. ART_DAEMON_IDLE=<s> is how long it waits for more work (default: 180).
`;
const NONE = 'no process runs\n';

export function daemonCommand(): Command {
  const command = new Command('daemon')
    .description('the process that keeps the compilers warm: show it, or end it')
    .usage('status|stop [options]')
    .helpCommand(false)
    .addHelpText('after', ABOUT);
  command.addCommand(
    addCommonOptions(
      new Command('status')
        .description('print how much memory it holds, since when it runs, and what it works on')
        .allowExcessArguments(false),
    ).action(async (common: CommonFlags) => {
      const status = await askAbout(STATUS);
      say(common, { running: status !== undefined, ...status }, status ? statusText(status) : NONE);
    }),
  );
  command.addCommand(
    addCommonOptions(
      new Command('stop')
        .description('end it; it first finishes what it works on, and the next command starts another')
        .allowExcessArguments(false),
    ).action(async (common: CommonFlags) => {
      const status = await askAbout(STOP);
      say(common, { running: status !== undefined, ...status }, status ? stopText(status) : NONE);
    }),
  );
  return command;
}

function statusText({ pid, since, memory, threads, work }: Status): string {
  const megabytes = (memory / 1e6).toFixed(0);
  const head = `process ${pid}: ${megabytes} MB, ${threads} ${threads === 1 ? 'thread' : 'threads'}, since ${since}\n`;
  return head + (work.length > 0 ? workText(work) : 'nothing to do\n');
}

const stopText = ({ pid, work }: Status) =>
  work.length === 0 ? `process ${pid} ends\n` : `process ${pid} ends when it has done this:\n${workText(work)}`;

function workText(work: Status['work']): string {
  return work
    .map(({ command, directory, units }) => {
      const at = units.map(({ unit, target }) => `: ${printable(unit)} for ${target}`).join('');
      return `${printable(shortened(command))} in ${printable(directory)}${at}\n`;
    })
    .join('');
}

const MAX_SHOWN = 100;
const shortened = (text: string) => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
