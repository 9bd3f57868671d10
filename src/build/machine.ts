import type { Architecture } from '../config/targets.js';

const ELF_MAGIC = 0x7f454c46;
const E_MACHINE_OFFSET = 18;
const MACHINES: Readonly<Record<number, Architecture>> = { 62: 'x86_64', 183: 'aarch64' };

/** The architecture of an ELF file (e_machine, System V ABI); undefined for anything else. */
export function machineOf(bytes: Uint8Array): Architecture | undefined {
  if (bytes.length < E_MACHINE_OFFSET + 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(0) === ELF_MAGIC ? MACHINES[view.getUint16(E_MACHINE_OFFSET, true)] : undefined;
}
