import type { CommandRequest } from './command.js';

/** What one of our own tools is asked for bytes that no file of the host has. */
export function toolRequest(
  program: 'profdata' | 'inspect',
  args: readonly string[],
  inputs: NonNullable<CommandRequest['inputs']>,
): CommandRequest {
  return {
    program,
    args,
    inputs,
    triple: 'x86_64-unknown-linux-musl',
    directory: '/',
    stdin: new Uint8Array(0),
    env: {},
    color: false,
    sourceDateEpoch: 0,
  };
}
