// Runs the wasm program in this process, for tests that compile hundreds of tiny units.
import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { openArchive, readAsset } from '../../src/platform/node/assets.js';
import { hostTrees } from '../../src/platform/node/files.js';
import { compileUnit } from '../../src/toolchain/compile.js';
import { keepInstances } from '../../src/toolchain/instances.js';
import { OUTPUT, PROJECT } from '../../src/toolchain/paths.js';
import type { CompileResult, EmitKind } from '../../src/toolchain/requests.js';
import { sysrootTrees } from '../../src/toolchain/sysroot.js';
import { tarTree } from '../../src/toolchain/tar-tree.js';
import { Volume } from '../../src/toolchain/volume.js';
import { type RunResult, runProgram } from '../../src/toolchain/wasi.js';

export interface Compiler {
  /** Compiles a file of the project for one triple. */
  compile(path: string, triple: string, flags: readonly string[], emit?: readonly EmitKind[]): CompileResult;
  /** Runs one of the program's tools in /out; `files` are there before it runs, and outputs are written there. */
  tool(files: Readonly<Record<string, string | Uint8Array>>, name: string, ...args: string[]): ToolResult;
}

export type ToolResult = Omit<RunResult, 'stdout'> & { stdout: string; output(name: string): Buffer };

let llvm: WebAssembly.Module | undefined;

export function loadProgram(): WebAssembly.Module {
  setFlagsFromString('--wasm-lazy-validation');
  return new WebAssembly.Module(readAsset('llvm'));
}

/** A compiler that sees the directory `root` as its project. Each unit has an instance of its own, unless one is kept. */
export function openCompiler(root: string, keeps?: { program: WebAssembly.Module }): Compiler {
  llvm ??= loadProgram();
  const program = keeps?.program ?? llvm;
  if (keeps) keepInstances(program);
  const volume = new Volume([
    ...hostTrees([{ at: PROJECT, host: root }]),
    ...sysrootTrees((name, below) => tarTree(openArchive(name), below)),
  ]);
  const tool: Compiler['tool'] = (files, ...args) => {
    volume.clearOutput();
    for (const [name, bytes] of Object.entries(files)) volume.fs.writeFileSync(`${OUTPUT}/${name}`, bytes);
    const result = runProgram(program, args, volume, 0, { directory: OUTPUT });
    return {
      ...result,
      stdout: Buffer.from(result.stdout).toString(),
      output: (name) => Buffer.from(volume.bytes(`${OUTPUT}/${name}`)),
    };
  };
  return {
    tool,
    compile: (path, triple, flags, emit = ['object']) =>
      compileUnit(
        {
          path,
          triple,
          flags,
          emit,
          ownSysroot: false,
          color: false,
          sourceDateEpoch: 0,
          shown: { unit: { path, shown: path }, project: '', mounts: [] },
        },
        program,
        volume,
        (bytes) => createHash('sha256').update(bytes).digest('hex'),
      ),
  };
}
