// Both wasm programs in this process, for tests that compile hundreds of tiny units.
import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import type { EmitKind } from '../../src/config/options.js';
import { openArchive, readAsset } from '../../src/platform/node/assets.js';
import { hostTree } from '../../src/platform/node/files.js';
import { type CompileResult, compileUnit, type Programs } from '../../src/toolchain/compile.js';
import { OUTPUT, PROJECT } from '../../src/toolchain/paths.js';
import { sysrootTrees } from '../../src/toolchain/sysroot.js';
import { tarTree } from '../../src/toolchain/tar-tree.js';
import { Volume } from '../../src/toolchain/volume.js';
import { type RunResult, runProgram } from '../../src/toolchain/wasi.js';

export interface Compiler {
  /** A file of the project, for one triple. */
  compile(path: string, triple: string, flags: readonly string[], emit?: readonly EmitKind[]): CompileResult;
  /** The back end alone: `in.ll` holds `source`; outputs go to /out. */
  codegen(source: string | Uint8Array, ...args: string[]): ToolResult;
  /** The back end with any arguments; `files` lie in /out before it runs, and outputs go there. */
  tool(files: Readonly<Record<string, string | Uint8Array>>, ...args: string[]): ToolResult;
}

export type ToolResult = Omit<RunResult, 'stdout'> & { stdout: string; output(name: string): Buffer };

let programs: Programs | undefined;

function load(): Programs {
  setFlagsFromString('--wasm-lazy-validation');
  return {
    clang: new WebAssembly.Module(readAsset('clang')),
    codegen: new WebAssembly.Module(readAsset('llvm-codegen')),
  };
}

/** A compiler that sees the directory `root` as its project. */
export function openCompiler(root: string): Compiler {
  programs ??= load();
  const { clang, codegen } = programs;
  const volume = new Volume([
    { at: PROJECT, tree: hostTree(root, [root]) },
    ...sysrootTrees((name, below) => tarTree(name === 'clang-resources' ? readAsset(name) : openArchive(name), below)),
  ]);
  const tool: Compiler['tool'] = (files, ...args) => {
    volume.clearOutput();
    for (const [name, bytes] of Object.entries(files)) volume.fs.writeFileSync(`${OUTPUT}/${name}`, bytes);
    const result = runProgram(codegen, ['llvm-codegen', ...args], volume, 0);
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
        { clang, codegen },
        volume,
        (bytes) => createHash('sha256').update(bytes).digest('hex'),
      ),
    codegen(source, ...args) {
      const input = args.some((a) => a.startsWith(`${OUTPUT}/in`)) ? [] : [`${OUTPUT}/in.ll`];
      return tool({ 'in.ll': source }, ...args, ...input);
    },
  };
}
