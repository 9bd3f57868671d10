import { resolve } from 'node:path';
import { findSysroots } from '../../index.js';
import { DEFAULT_TRIPLES } from '../../targets/table.js';
import type { CommandRequest } from '../../toolchain/requests.js';
import type { Request } from './protocol.js';

/**
 * A client's request as the toolchain takes it.
 * @throws ArtError INPUT_NOT_FOUND for an ART_SYSROOT that is none
 */
export function commandRequest(request: Omit<Request, 'identity' | 'umask'>): CommandRequest {
  const { SOURCE_DATE_EPOCH, ART_SYSROOT, ...env } = request.env;
  return {
    program: request.program,
    args: request.args,
    // The machine's own, as for any compiler.
    triple: DEFAULT_TRIPLES[process.arch === 'arm64' ? 'aarch64' : 'x86_64'],
    directory: request.directory,
    stdin: Buffer.from(request.stdin, 'base64'),
    env,
    color: request.color,
    ...(ART_SYSROOT && { sysroots: findSysroots(resolve(request.directory, ART_SYSROOT)) }),
    sourceDateEpoch: Number(SOURCE_DATE_EPOCH) || 0,
  };
}
