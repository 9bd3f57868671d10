/** A request to one of art's own tools, for bytes that are not in a file of the host. */
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
