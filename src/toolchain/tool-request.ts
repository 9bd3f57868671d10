/** What one of our own tools is asked for bytes that no file of the host has. */
import { DEFAULT_TRIPLES } from '../targets/table.js';
import type { CommandRequest } from './requests.js';
export function toolRequest(
  program: 'profdata' | 'inspect' | 'nm',
  args: readonly string[],
  inputs: NonNullable<CommandRequest['inputs']>,
): CommandRequest {
  return {
    program,
    args,
    inputs,
    triple: DEFAULT_TRIPLES.x86_64,
    directory: '/',
    stdin: new Uint8Array(0),
    env: {},
    color: false,
    sourceDateEpoch: 0,
  };
}
