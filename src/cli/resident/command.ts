import { DEFAULT_TRIPLES } from '../../targets/table.js';
import type { CommandRequest } from '../../toolchain/requests.js';
import type { Request } from './protocol.js';

/** A client's request as the toolchain takes it. */
export function commandRequest(request: Omit<Request, 'umask'>): CommandRequest {
  const { SOURCE_DATE_EPOCH, ...env } = request.env;
  return {
    program: request.program,
    args: request.args,
    // The machine's own, as for any compiler.
    triple: DEFAULT_TRIPLES[process.arch === 'arm64' ? 'aarch64' : 'x86_64'],
    directory: request.directory,
    stdin: request.stdin,
    env,
    color: request.color,
    sourceDateEpoch: Number(SOURCE_DATE_EPOCH) || 0,
  };
}
