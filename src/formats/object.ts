// Recognises objects and programs by their first bytes.
import type { Architecture, ObjectFormat } from '../targets/table.js';

/** The object format, and the architecture if it is one that art knows. */
export interface ObjectKind {
  format: ObjectFormat;
  architecture: Architecture | undefined;
  /** true for programs and shared libraries of Windows, whose format (PE) contains COFF. */
  image?: true;
}

/** e_machine (System V ABI, "ELF Header"). */
const ELF_MACHINES: Readonly<Record<number, Architecture>> = { 62: 'x86_64', 183: 'aarch64' };
/** IMAGE_FILE_MACHINE_AMD64 and _ARM64 (PE format). */
const COFF_MACHINES: Readonly<Record<number, Architecture>> = { 34404: 'x86_64', 43620: 'aarch64' };
/** CPU_TYPE_X86_64 and _ARM64 (mach/machine.h). */
const MACHO_CPUS: Readonly<Record<number, Architecture>> = { 16777223: 'x86_64', 16777228: 'aarch64' };

/** Recognises an object or a program. @returns undefined if it has none of the formats */
export function objectKind(bytes: Uint8Array): ObjectKind | undefined {
  if (bytes.length < 20) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) === 0x7f454c46) return { format: 'ELF', architecture: ELF_MACHINES[view.getUint16(18, true)] };
  if (view.getUint32(0) === 0x0061736d) return { format: 'WebAssembly', architecture: 'wasm32' };
  if (view.getUint32(0, true) === 0xfeedfacf)
    return { format: 'Mach-O', architecture: MACHO_CPUS[view.getUint32(4, true)] };
  const image = imageMachine(view);
  if (image !== undefined) return { format: 'COFF', architecture: COFF_MACHINES[image], image: true };
  const machine = COFF_MACHINES[view.getUint16(0, true)];
  // COFF with very many sections (/bigobj) begins with 0, 0xffff, version 2, machine.
  const big = view.getUint32(0, true) === 0xffff0000 ? COFF_MACHINES[view.getUint16(6, true)] : undefined;
  return machine || big ? { format: 'COFF', architecture: machine ?? big } : undefined;
}

const MZ = 0x5a4d;
const PE = 0x4550;

/** The machine of a PE image: its DOS header has the offset of the PE header (PE format, "MS-DOS Stub"). */
function imageMachine(view: DataView): number | undefined {
  if (view.byteLength < 64 || view.getUint16(0, true) !== MZ) return undefined;
  const header = view.getUint32(60, true);
  if (header + 6 > view.byteLength || view.getUint32(header, true) !== PE) return undefined;
  return view.getUint16(header + 4, true);
}
