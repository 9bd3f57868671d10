// Follows llvm/tools/llvm-objdump/llvm-objdump.cpp of LLVM 22.1.8.
#include "disassembly.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"

using namespace llvm;
using namespace llvm::object;

Expected<art::Machine> art::machineFor(const ObjectFile &Object) {
  Triple T = Object.makeTriple();
  auto None = [&] {
    return createStringError("there is no disassembler for " + T.str() +
                             " here: only for x86_64 and aarch64");
  };
  // A function's body begins with what is no code; llvm-objdump alone knows how to part them.
  if (T.isWasm())
    return None();
  std::string Problem;
  const Target *Found = TargetRegistry::lookupTarget(T, Problem);
  if (!Found)
    return None();
  Expected<SubtargetFeatures> Features = Object.getFeatures();
  if (!Features)
    return Features.takeError();
  if (T.isAArch64())
    Features->AddFeature("+all");
  Machine M;
  MCTargetOptions Options;
  M.Registers.reset(Found->createMCRegInfo(T));
  M.AsmInfo.reset(Found->createMCAsmInfo(*M.Registers, T, Options));
  M.Subtarget.reset(Found->createMCSubtargetInfo(T, "", Features->getString()));
  M.Instructions.reset(Found->createMCInstrInfo());
  M.Context = std::make_unique<MCContext>(T, M.AsmInfo.get(), M.Registers.get(),
                                          M.Subtarget.get());
  M.Disassembler.reset(Found->createMCDisassembler(*M.Subtarget, *M.Context));
  if (!M.Disassembler)
    return None();
  if (auto *ELF = dyn_cast<ELFObjectFileBase>(&Object))
    M.Disassembler->setABIVersion(ELF->getEIdentABIVersion());
  M.Analysis.reset(Found->createMCInstrAnalysis(M.Instructions.get()));
  M.Printer.reset(Found->createMCInstPrinter(T, M.AsmInfo->getAssemblerDialect(),
                                             *M.AsmInfo, *M.Instructions,
                                             *M.Registers));
  M.Printer->setPrintImmHex(true);
  M.Printer->setPrintBranchImmAsAddress(true);
  M.Printer->setMCInstrAnalysis(M.Analysis.get());
  return M;
}

Expected<art::SymbolTable> art::readSymbols(const ObjectFile &Object) {
  SymbolTable Table;
  auto *ELF = dyn_cast<ELFObjectFileBase>(&Object);
  bool HasMapping = ELF && ELF->getEMachine() == ELF::EM_AARCH64;
  for (const SymbolRef &Symbol : Object.symbols()) {
    Expected<SymbolFacts> Read = readSymbol(Symbol);
    if (!Read)
      return Read.takeError();
    auto [Flags, Name, Section] = *Read;
    Expected<uint64_t> Address = Symbol.getAddress();
    if (!Address)
      return Address.takeError();
    if (Name.empty())
      continue;
    uint8_t Type = ELF ? ELFSymbolRef(Symbol).getELFType() : uint8_t(ELF::STT_NOTYPE);
    bool Special = ELF && (Flags & SymbolRef::SF_FormatSpecific);
    if (Special) {
      if (Type == ELF::STT_SECTION || !HasMapping || Section == Object.section_end() ||
          Name.size() < 2 || Name[0] != '$' || !strchr("adtx", Name[1]))
        continue;
      Table.Mapping[*Section].emplace_back(*Address - Section->getAddress(),
                                            Name[1]);
    }
    SymbolInfoTy Info(*Address, Name, Type, Special);
    if (Section == Object.section_end())
      Table.Absolute.push_back(Info);
    else
      Table.All[*Section].push_back(Info);
  }
  for (auto &[Section, List] : Table.All)
    stable_sort(List);
  for (auto &[Section, List] : Table.Mapping)
    sort(List);
  stable_sort(Table.Absolute);
  return Table;
}
