// Makes what every add-on for Windows is linked with: an import library of node.exe, and a hook that uses the running
// program instead of node.exe, whatever its name is.
import { join } from 'pathe';
import type { CommandPool } from '../builder/command.js';
import { ArtError } from '../errors.js';
import type { AddonHost } from '../platform/addon-host.js';
import type { NodeHeaders } from './headers.js';

/** The name under which add-ons import from Node. */
const NODE = 'node.exe';
/** The functions of Node that C may call, as its headers declare them. */
const DECLARED: Readonly<Record<string, RegExp>> = {
  'js_native_api.h': /\b((?:napi|node_api)_\w+)\s*\(/g,
  'node_api.h': /\b((?:napi|node_api)_\w+)\s*\(/g,
  'uv.h': /^UV_EXTERN [^;]*?\b(uv_\w+)\(/gm,
};
/** Names in these headers that Node does not export: function types, and functions that an add-on defines for Node. */
const NOT_NODES = /_cb$|_callback$|_finalize$|^napi_register_module_v|^node_api_module_get_api_version_v/;

/** The same as node-gyp's win_delay_load_hook.cc, for a compiler other than Visual C++. */
const HOOK = `#include <windows.h>
#include <delayimp.h>
#include <string.h>

static FARPROC WINAPI find_node(unsigned event, PDelayLoadInfo info) {
  if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "${NODE}") != 0) return NULL;
  HMODULE node = GetModuleHandleA("libnode.dll");
  return (FARPROC)(node ? node : GetModuleHandleA(NULL));
}

PfnDliHook __pfnDliNotifyHook2 = find_node;
`;

/**
 * Writes both to the build folder.
 * @returns the arguments for linking with them
 * @throws ArtError LINK_FAILED, OUTPUT_NOT_WRITABLE
 */
export async function prepareWindows(
  headers: NodeHeaders,
  buildDirectory: string,
  triple: string,
  pool: CommandPool,
  host: AddonHost,
): Promise<string[]> {
  const names = await declaredNames(headers, host);
  const put = (name: string, text: string) =>
    host.write(join(buildDirectory, name), new TextEncoder().encode(text), false);
  await put('node.def', `LIBRARY ${NODE}\nEXPORTS\n${names.map((name) => `${name}\n`).join('')}`);
  await put('delay-load-hook.c', HOOK);
  const run = async (program: string, args: readonly string[]) => {
    const { status, stderr } = await pool.run({
      ...{ program, args, triple, directory: buildDirectory, env: {}, color: false, sourceDateEpoch: 0 },
      stdin: new Uint8Array(0),
    });
    if (status !== 0)
      throw new ArtError('LINK_FAILED', `what add-ons for Windows are linked with is not made:\n${stderr}`);
  };
  await run('dlltool', ['-m', 'i386:x86-64', '-d', 'node.def', '-l', 'libnode.a']);
  await run('clang', ['-O2', '-c', 'delay-load-hook.c', '-o', 'delay-load-hook.o']);
  return ['delay-load-hook.o', 'libnode.a', `-Wl,-Xlink=-delayload:${NODE}`, '-ldelayimp'];
}

async function declaredNames({ root, include }: NodeHeaders, { files }: AddonHost): Promise<string[]> {
  const folders =
    include === undefined ? [join(root, 'include/node'), join(root, 'src'), join(root, 'deps/uv/include')] : [include];
  const names = new Set<string>();
  for (const [header, declared] of Object.entries(DECLARED))
    for (const folder of folders) {
      const path = join(folder, header);
      if ((await files.kind(path)) !== 'file') continue;
      const text = new TextDecoder().decode(await files.read(path)).replace(/\/\/.*$/gm, '');
      for (const [, name] of text.matchAll(declared)) if (name && !NOT_NODES.test(name)) names.add(name);
      break;
    }
  return [...names].sort();
}
