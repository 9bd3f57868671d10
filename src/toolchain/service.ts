// Answers the requests to a worker, in Node's threads and in web workers.
import { runCommand } from './command.js';
import { compileUnit, takeSources } from './compile.js';
import { forgetTaken, keepInstances } from './instances.js';
import type { CommandRequest, CommandResult, CompileRequest, CompileResult } from './requests.js';
import type { Tracer } from './trace.js';
import type { Volume } from './volume.js';

/** A result, and the buffers in it that can be transferred instead of copied. */
export interface Answer {
  result: CompileResult | CommandResult;
  transfer: ArrayBuffer[];
}

/**
 * Answers requests one after another. Units share a volume, so that a header is read once; a command has its own
 * volume.
 */
export class Service {
  readonly #volume: Volume;

  /**
   * @param llvm the compiled program
   * @param sha256 the sha256 of some bytes, in hex
   * @param trace is told which program runs
   */
  constructor(
    readonly llvm: WebAssembly.Module,
    readonly newVolume: () => Volume,
    readonly sha256: (bytes: Uint8Array) => string,
    readonly trace?: Tracer,
  ) {
    this.#volume = newVolume();
    keepInstances(llvm);
  }

  answer(request: CompileRequest | CommandRequest): Answer {
    forgetTaken();
    if ('program' in request) {
      const volume = this.newVolume();
      if (request.observe) volume.record();
      const result = runCommand(request, this.llvm, volume);
      if (request.recordRead) result.read = takeSources(volume, this.sha256, request.recordRead === 'host');
      const observed = volume.takeObserved(this.sha256);
      if (observed) result.observed = observed;
      return { result, transfer: buffers([result.stdout, ...result.files.map((file) => file.bytes)]) };
    }
    const result = compileUnit(request, this.llvm, this.#volume, this.sha256, this.trace);
    const { outputs = {}, module, made } = result;
    return {
      result,
      transfer: buffers([...Object.values(outputs), ...[module, made].filter((bytes) => bytes !== undefined)]),
    };
  }
}

const buffers = (all: readonly Uint8Array[]) => [...new Set(all.map((bytes) => bytes.buffer as ArrayBuffer))];
