// `art build --link`: links the objects of each target into a program, as part of the build.
import type { ResultCache } from '../cache/cache.js';
import type { BuildSettings } from '../config/settings.js';
import { ubsanUse } from '../formats/instrumented.js';
import type { CompileWorker, Toolchain } from '../platform/types.js';
import { DEFAULT_TIMEOUT } from '../toolchain/limits.js';
import { INPUTS, PROJECT, USER_SYSROOT } from '../toolchain/paths.js';
import type { CommandRequest, CommandResult } from '../toolchain/requests.js';
import { TimedOut, withinTime } from '../toolchain/time-limit.js';
import type { UnitFailure } from './failures.js';
import { linkCommand, linkedName, mayCallUbsan, PROFILE_RUNTIME, ubsanFlags } from './link-command.js';
import type { Payload } from './payload.js';
import type { BuildPlan } from './plan.js';
import { noteSources, type Sources } from './sources.js';

/**
 * Links a program for each target and adds it to the payload.
 * @param sources receives the libraries that were read, with their sha256
 * @returns the programs that did not link
 */
export async function linkPrograms(
  plan: BuildPlan,
  settings: BuildSettings,
  payload: Payload,
  toolchain: Toolchain,
  sources: Sources,
  cache: ResultCache | undefined,
): Promise<UnitFailure[]> {
  const name = settings.link as string;
  const failures: UnitFailure[] = [];
  let worker: CompileWorker | undefined;
  const run = async (request: CommandRequest): Promise<CommandResult> => {
    const found = await cache?.findCommand(request);
    if (found) return found;
    worker ??= toolchain.startWorker();
    const linking = worker.command({ ...request, observe: cache !== undefined });
    const result = await withinTime(linking, worker.ready, settings.timeout ?? DEFAULT_TIMEOUT);
    cache?.keepCommand(request, result);
    return result;
  };
  try {
    for (const target of settings.targets) {
      const where = { unit: name, target: target.triple };
      const objects = await payload.objects(target);
      const uses = mayCallUbsan(target) ? objects.map(({ bytes }) => ubsanUse(bytes)) : [];
      const request = linkCommand(
        {
          output: linkedName(name, 'executable', target),
          kind: 'executable',
          cwd: PROJECT,
          color: settings.color,
          timeout: settings.timeout,
          maxMemory: settings.maxMemory,
          sysroot: settings.sysroot === undefined ? undefined : USER_SYSROOT,
        },
        target,
        [
          ...objects.map(({ path, bytes }) => ({ path: `${INPUTS}/${path}`, bytes })),
          ...plan.linkFlags,
          ...(settings.instrument ? [PROFILE_RUNTIME] : []),
          ...ubsanFlags(uses, target, plan.linkFlags, settings.sysroot !== undefined),
        ],
      );
      const result = await run({ ...request, recordRead: true }).catch((error) => {
        if (error instanceof TimedOut) return error;
        throw error;
      });
      if (result instanceof TimedOut) {
        const message = `${name} for ${target.triple} was not done after ${result.seconds} s: raise --timeout, or simplify it`;
        failures.push({ ...where, kind: 'timed-out', program: 'ld.lld', message });
        break; // the worker is still busy
      }
      const { status, stdout, stderr, files, read = [] } = result;
      noteSources(sources, read, (path) => path);
      const text = new TextDecoder().decode(stdout) + stderr;
      if (text) settings.onEvent({ type: 'diagnostics', ...where, text });
      const program = files.find((file) => file.path === request.output);
      if (status === 0 && program) await payload.addLinked(target, program.bytes);
      else
        failures.push({
          ...where,
          kind: 'diagnosed',
          program: 'ld.lld',
          message: `${name} does not link for ${target.triple}`,
        });
    }
  } finally {
    await toolchain.close();
  }
  return failures;
}
