import { ArtError } from '../errors.js';
import type { Platform } from '../platform/types.js';
import { INPUTS } from '../toolchain/paths.js';
import { toolResult } from '../toolchain/time-limit.js';
import { toolRequest } from '../toolchain/tool-request.js';
import type { Contents } from './contents.js';

/** What to read besides sections and symbols. */
export interface ReadOptions {
  disassemble?: boolean;
  /** Read relocations, and the text of what a module defines, for comparisons. */
  compare?: boolean;
}

/** The object reader and disassembler in llvm.wasm, kept for several files. */
export interface ContentsReader {
  /**
   * Reads a file.
   * @param name its name in messages
   * @throws ArtError OBJECT_INVALID with LLVM's reason; PROGRAM_CORRUPT
   */
  read(name: string, bytes: Uint8Array, options?: ReadOptions): Promise<Contents>;
  close(): Promise<void>;
}

const INPUT = `${INPUTS}/input`;
const OUTPUT = `${INPUTS}/contents.json`;

/** Opens a reader, which starts its worker for the first file. */
export function openContentsReader(platform: Platform): ContentsReader {
  const toolchain = platform.openToolchain([], []);
  let worker: ReturnType<typeof toolchain.startWorker> | undefined;
  return {
    async read(name, bytes, { disassemble = false, compare = false } = {}) {
      worker ??= toolchain.startWorker();
      const reading = worker.command(
        toolRequest(
          'inspect',
          [
            ...(disassemble ? ['--disassemble'] : []),
            ...(compare ? ['--compare'] : []),
            `--name=${name}`,
            `--output=${OUTPUT}`,
            INPUT,
          ],
          [{ path: INPUT, bytes }],
        ),
      );
      const { status, stderr, files } = await toolResult(
        reading,
        worker.ready,
        (why) => new ArtError('OBJECT_INVALID', `'${name}' cannot be read: ${why}`),
      );
      await toolchain.verify();
      const output = files.find((file) => file.path === OUTPUT);
      if (status === 0 && output) return JSON.parse(new TextDecoder().decode(output.bytes));
      const last = stderr.trim().split('\n').at(-1) ?? '';
      const why = last.replace(`${name}: `, '').replace(/^(inspect|llvm): (error: )?/, '');
      throw new ArtError('OBJECT_INVALID', `'${name}' cannot be read: ${why || `the reader ended with ${status}`}`);
    },
    close: () => toolchain.close(),
  };
}
