// What disassembly needs to know of a target and of an object.
#pragma once
#include "inspect_object.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrAnalysis.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"

namespace art {

/// LLVM's machine-code layer for one target.
struct Machine {
  std::unique_ptr<const llvm::MCRegisterInfo> Registers;
  std::unique_ptr<const llvm::MCAsmInfo> AsmInfo;
  std::unique_ptr<const llvm::MCSubtargetInfo> Subtarget;
  std::unique_ptr<const llvm::MCInstrInfo> Instructions;
  std::unique_ptr<llvm::MCContext> Context;
  std::unique_ptr<llvm::MCDisassembler> Disassembler;
  std::unique_ptr<llvm::MCInstrAnalysis> Analysis;
  std::unique_ptr<llvm::MCInstPrinter> Printer;
};

/// An error for targets that are not x86_64 or aarch64.
llvm::Expected<Machine> machineFor(const llvm::object::ObjectFile &Object);

using Symbols = llvm::SectionSymbolsTy;

/// All symbols that disassembly can show, by section; and on AArch64 the places
/// where code and data begin.
struct SymbolTable {
  std::map<llvm::object::SectionRef, Symbols> All;
  std::map<llvm::object::SectionRef, std::vector<std::pair<uint64_t, char>>> Mapping;
  Symbols Absolute;
};

llvm::Expected<SymbolTable> readSymbols(const llvm::object::ObjectFile &Object);

} // namespace art
