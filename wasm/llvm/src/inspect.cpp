// What is in an object or a module. Objects are read with LLVM's Object library, modules with its IR reader. What comes
// here may be anything: a malformed file ends in a message, as it does in llvm-objdump and llvm-nm.
#include "inspect.h"
#include "stop.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/ModuleSlotTracker.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrAnalysis.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/Binary.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Object/MachO.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Object/SymbolSize.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/ToolOutputFile.h"
#include <cstdlib>
#include <map>
#include <vector>

using namespace llvm;
using namespace llvm::object;
using namespace art;

namespace {

constexpr int ExitFailure = 1, ExitUsage = 2;

/// A name from a file, which may hold any bytes, as JSON can hold it.
std::string text(StringRef Name) {
  return json::isUTF8(Name) ? Name.str() : json::fixUTF8(Name);
}

/// The number that symbols name a section by.
uint64_t sectionIndex(const SectionRef &Section) {
  return Section.getIndex();
}

/// What a symbol of any format says of itself.
struct SymbolFacts {
  uint32_t Flags;
  StringRef Name;
  /// The object's section_end() where it is in none.
  section_iterator Section;
};

Expected<SymbolFacts> readSymbol(const SymbolRef &Symbol) {
  Expected<uint32_t> Flags = Symbol.getFlags();
  if (!Flags)
    return Flags.takeError();
  Expected<StringRef> Name = Symbol.getName();
  if (!Name)
    return Name.takeError();
  Expected<section_iterator> Section = Symbol.getSection();
  if (!Section)
    return Section.takeError();
  return SymbolFacts{*Flags, *Name, *Section};
}

// Relocations.

/// A relocation as llvm-objdump -r shows it: its type, and symbol and addend.
struct Relocation {
  uint64_t Offset;
  std::string Type, Value;
};

/// The relocations of every section that has some, by offset.
using Relocations = std::map<uint64_t, std::vector<Relocation>>;

/// The addend of an ELF relocation, where the relocation itself holds it.
Expected<int64_t> addendOf(const RelocationRef &Relocation) {
  auto *ELF = dyn_cast<ELFObjectFileBase>(Relocation.getObject());
  if (!ELF)
    return 0;
  if (auto *Little = dyn_cast<ELF64LEObjectFile>(ELF)) {
    auto Section =
        Little->getELFFile().getSection(Relocation.getRawDataRefImpl().d.a);
    if (!Section)
      return Section.takeError();
    if ((*Section)->sh_type == ELF::SHT_REL)
      return 0;
  }
  return ELFRelocationRef(Relocation).getAddend();
}

/// What a Mach-O relocation for x86_64 says in its type, as llvm-objdump adds it
/// to the symbol.
StringRef machOSuffix(const RelocationRef &Relocation) {
  auto *MachO = dyn_cast<MachOObjectFile>(Relocation.getObject());
  if (!MachO || MachO->getArch() != Triple::x86_64)
    return "";
  MachO::any_relocation_info Info =
      MachO->getRelocation(Relocation.getRawDataRefImpl());
  bool IsRelative = MachO->getAnyRelocationPCRel(Info);
  switch (MachO->getAnyRelocationType(Info)) {
  case MachO::X86_64_RELOC_GOT_LOAD:
  case MachO::X86_64_RELOC_GOT:
    return IsRelative ? "@GOTPCREL" : "@GOT";
  case MachO::X86_64_RELOC_TLV:
    return IsRelative ? "@TLVP" : "@TLV";
  case MachO::X86_64_RELOC_SIGNED_1:
    return "-1";
  case MachO::X86_64_RELOC_SIGNED_2:
    return "-2";
  case MachO::X86_64_RELOC_SIGNED_4:
    return "-4";
  default:
    return "";
  }
}

Expected<std::string> valueOf(const RelocationRef &Relocation) {
  const ObjectFile &Object = *Relocation.getObject();
  Expected<int64_t> Addend = addendOf(Relocation);
  if (!Addend)
    return Addend.takeError();
  std::string Value;
  symbol_iterator Symbol = Relocation.getSymbol();
  if (Symbol == Object.symbol_end()) {
    Value = "*ABS*";
    if (auto *MachO = dyn_cast<MachOObjectFile>(&Object)) {
      // Local relocations name a section.
      section_iterator Section =
          MachO->getRelocationSection(Relocation.getRawDataRefImpl());
      if (Section != Object.section_end()) {
        Expected<StringRef> Name = Section->getName();
        if (!Name)
          return Name.takeError();
        Value = text(*Name);
      }
    }
  } else if (Object.isELF() && ELFSymbolRef(*Symbol).getELFType() == ELF::STT_SECTION) {
    Expected<section_iterator> Section = Symbol->getSection();
    if (!Section)
      return Section.takeError();
    if (*Section == Object.section_end())
      return createStringError("a relocation refers to a section that does not exist");
    Expected<StringRef> Name = (*Section)->getName();
    if (!Name)
      return Name.takeError();
    Value = text(*Name);
  } else {
    if (Expected<uint32_t> Flags = Symbol->getFlags(); !Flags)
      return Flags.takeError();
    Expected<StringRef> Name = Symbol->getName();
    if (!Name)
      return Name.takeError();
    Value = text(*Name) + machOSuffix(Relocation).str();
  }
  if (*Addend) {
    raw_string_ostream OS(Value);
    OS << (*Addend < 0 ? '-' : '+') << "0x";
    OS.write_hex(*Addend < 0 ? -uint64_t(*Addend) : uint64_t(*Addend));
  }
  return Value;
}

Expected<Relocations> readRelocations(const ObjectFile &Object) {
  Relocations All;
  for (const SectionRef &Section : Object.sections()) {
    Expected<section_iterator> Relocated = Section.getRelocatedSection();
    if (!Relocated)
      return Relocated.takeError();
    if (*Relocated == Object.section_end())
      continue;
    auto &Own = All[sectionIndex(**Relocated)];
    for (const RelocationRef &R : Section.relocations()) {
      SmallString<32> Type;
      R.getTypeName(Type);
      Expected<std::string> Value = valueOf(R);
      if (!Value)
        return Value.takeError();
      Own.push_back({R.getOffset(), text(Type), std::move(*Value)});
    }
    stable_sort(Own, [](const Relocation &A, const Relocation &B) {
      return A.Offset < B.Offset;
    });
  }
  return All;
}

// Disassembly: follows disassembleObject in llvm/tools/llvm-objdump/llvm-objdump.cpp of LLVM 22.1.8, for the formats and
// options there are here.

/// LLVM's machine-code layer for one target.
struct Machine {
  std::unique_ptr<const MCRegisterInfo> Registers;
  std::unique_ptr<const MCAsmInfo> AsmInfo;
  std::unique_ptr<const MCSubtargetInfo> Subtarget;
  std::unique_ptr<const MCInstrInfo> Instructions;
  std::unique_ptr<MCContext> Context;
  std::unique_ptr<MCDisassembler> Disassembler;
  std::unique_ptr<MCInstrAnalysis> Analysis;
  std::unique_ptr<MCInstPrinter> Printer;
};

/// An error for targets that are not x86_64 or aarch64.
Expected<Machine> machineFor(const ObjectFile &Object) {
  Triple T = Object.makeTriple();
  auto None = [&] {
    return createStringError("there is no disassembler for " + T.str() +
                             ", only for x86_64 and aarch64");
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

using Symbols = SectionSymbolsTy;

/// All symbols that disassembly can show, by section; and on AArch64 the places
/// where code and data begin.
struct SymbolTable {
  std::map<SectionRef, Symbols> All;
  std::map<SectionRef, std::vector<std::pair<uint64_t, char>>> Mapping;
  Symbols Absolute;
};

Expected<SymbolTable> readSymbols(const ObjectFile &Object) {
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

/// Zero bytes that are shown as three dots: 8 and more, in steps of an instruction.
size_t skippableZeros(ArrayRef<uint8_t> Bytes) {
  size_t N = 0;
  while (N < Bytes.size() && !Bytes[N])
    ++N;
  return N < 8 ? 0 : N & ~size_t(3);
}

class Disassembly {
public:
  Disassembly(const ObjectFile &Object, Machine &M, SymbolTable &Table,
              const Relocations &All, json::OStream &JSON)
      : Object(Object), M(M), Table(Table), All(All), JSON(JSON) {
    for (SectionRef Section : Object.sections())
      Addresses.emplace_back(Section.getAddress(), Section);
    stable_sort(Addresses, [](const auto &L, const auto &R) {
      return L.first != R.first ? L.first < R.first
                                : L.second.getSize() < R.second.getSize();
    });
  }

  Error section(const SectionRef &Section);

private:
  void block(const SectionRef &Section, uint64_t Start, uint64_t End);
  void instruction(ArrayRef<uint8_t> Rest, uint64_t &Size);
  void data(ArrayRef<uint8_t> Rest, uint64_t &Size);
  void place(uint64_t At, uint64_t Target, raw_ostream &OS);
  void relocations(uint64_t End);
  char mappingAt(uint64_t Index) const;

  const ObjectFile &Object;
  Machine &M;
  SymbolTable &Table;
  const Relocations &All;
  json::OStream &JSON;
  std::vector<std::pair<uint64_t, SectionRef>> Addresses;
  // Of the section at hand.
  ArrayRef<uint8_t> Bytes;
  uint64_t Base = 0, Index = 0;
  const Symbols *Here = nullptr;
  const std::vector<std::pair<uint64_t, char>> *Mapping = nullptr;
  ArrayRef<Relocation> Pending;
};

char Disassembly::mappingAt(uint64_t At) const {
  auto It = partition_point(*Mapping, [At](const auto &V) { return V.first <= At; });
  return It == Mapping->begin() ? 0 : std::prev(It)->second;
}

/// The symbol that a target lies in, as <name> or <name+0x4>.
void Disassembly::place(uint64_t At, uint64_t Target, raw_ostream &OS) {
  std::vector<const Symbols *> Candidates;
  if (Object.isRelocatableObject()) {
    Candidates.push_back(Here);
  } else {
    auto It = partition_point(Addresses, [=](const auto &O) { return O.first <= Target; });
    uint64_t Address = 0;
    while (It != Addresses.begin()) {
      --It;
      if (Address == 0)
        Address = It->first;
      if (It->first != Address)
        break;
      Candidates.push_back(&Table.All[It->second]);
    }
  }
  Candidates.push_back(&Table.Absolute);
  for (const Symbols *List : Candidates) {
    auto It = partition_point(*List, [=](const SymbolInfoTy &S) { return S.Addr <= Target; });
    while (It != List->begin()) {
      --It;
      if (It->IsMappingSymbol)
        continue;
      OS << " <" << It->Name;
      if (Target != It->Addr)
        OS << "+0x" << utohexstr(Target - It->Addr, /*LowerCase=*/true);
      OS << ">";
      return;
    }
  }
}

void Disassembly::instruction(ArrayRef<uint8_t> Rest, uint64_t &Size) {
  uint64_t Address = Base + Index;
  std::string Text, Comment;
  raw_string_ostream TextStream(Text), CommentStream(Comment);
  MCInst Inst;
  bool Good = M.Disassembler->getInstruction(Inst, Size, Rest, Address, CommentStream);
  if (Size == 0)
    Size = M.Disassembler->suggestBytesToSkip(Rest, Address);
  Size = std::clamp<uint64_t>(Size, 1, Rest.size());
  JSON.attribute("bytes", toHex(Rest.take_front(Size), /*LowerCase=*/true));
  if (!Good) {
    JSON.attribute("text", "<unknown>");
    if (M.Analysis)
      M.Analysis->resetState();
    return;
  }
  M.Printer->setCommentStream(CommentStream);
  // On x86, branches are relative to the next instruction.
  uint64_t From = Address + (M.Subtarget->getTargetTriple().isX86() ? Size : 0);
  M.Printer->printInst(&Inst, From, "", *M.Subtarget, TextStream);
  M.Printer->setCommentStream(nulls());
  if (M.Analysis) {
    uint64_t Target;
    if (M.Analysis->evaluateBranch(Inst, Address, Size, Target)) {
      place(Address, Target, TextStream);
    } else if (auto Memory = M.Analysis->evaluateMemoryOperandAddress(
                   Inst, M.Subtarget.get(), Address, Size)) {
      CommentStream << "0x" << utohexstr(*Memory, /*LowerCase=*/true);
      place(Address, *Memory, CommentStream);
      CommentStream << "\n";
    }
    M.Analysis->updateState(Inst, Address);
  }
  JSON.attribute("text", text(StringRef(Text).drop_while([](char C) { return C == '\t'; })));
  if (!Comment.empty())
    JSON.attribute("comment", text(StringRef(Comment).rtrim('\n')));
}

/// Data between instructions, where $d says so.
void Disassembly::data(ArrayRef<uint8_t> Rest, uint64_t &Size) {
  Size = Rest.size() >= 4 ? 4 : Rest.size() >= 2 ? 2 : 1;
  uint32_t Value = Size == 4   ? support::endian::read32le(Rest.data())
                   : Size == 2 ? support::endian::read16le(Rest.data())
                               : Rest[0];
  std::string Text;
  raw_string_ostream(Text) << (Size == 4   ? ".word\t"
                               : Size == 2 ? ".short\t"
                                           : ".byte\t")
                           << format_hex(Value, 2 + 2 * Size);
  JSON.attribute("bytes", toHex(Rest.take_front(Size), /*LowerCase=*/true));
  JSON.attribute("text", Text);
  JSON.attribute("data", true);
}

/// Those before End, where an instruction ends.
void Disassembly::relocations(uint64_t End) {
  while (!Pending.empty() && Pending.front().Offset < Index)
    Pending = Pending.drop_front();
  if (Pending.empty() || Pending.front().Offset >= End)
    return;
  JSON.attributeArray("relocations", [&] {
    for (; !Pending.empty() && Pending.front().Offset < End; Pending = Pending.drop_front())
      JSON.object([&] {
        JSON.attribute("address", Base + Pending.front().Offset);
        JSON.attribute("type", Pending.front().Type);
        JSON.attribute("value", Pending.front().Value);
      });
  });
}

void Disassembly::block(const SectionRef &Section, uint64_t Start, uint64_t End) {
  for (Index = Start; Index < End;) {
    while (!Pending.empty() && Pending.front().Offset < Index)
      Pending = Pending.drop_front();
    uint64_t Zeros = End - Index;
    if (!Pending.empty())
      Zeros = std::min(Pending.front().Offset - Index, Zeros);
    if (size_t N = skippableZeros(Bytes.slice(Index, Zeros))) {
      JSON.object([&] {
        JSON.attribute("address", Base + Index);
        JSON.attribute("zeros", N);
      });
      Index += N;
      continue;
    }
    uint64_t Size = 0;
    JSON.object([&] {
      JSON.attribute("address", Base + Index);
      if (!Mapping->empty() && mappingAt(Index) == 'd')
        data(Bytes.slice(Index, End - Index), Size);
      else
        instruction(Bytes.slice(Index), Size);
      relocations(Index + Size);
    });
    Index += Size;
  }
}

Error Disassembly::section(const SectionRef &Section) {
  Expected<StringRef> Name = Section.getName();
  if (!Name)
    return Name.takeError();
  Expected<StringRef> Contents = Section.getContents();
  if (!Contents)
    return Contents.takeError();
  Bytes = arrayRefFromStringRef(*Contents);
  if (Bytes.empty())
    return Error::success();
  Base = Section.getAddress();
  Symbols &List = Table.All[Section];
  if (none_of(List, [&](auto &S) { return S.Addr == Base && !S.IsMappingSymbol; })) {
    SymbolInfoTy Dummy(Base, *Name, ELF::STT_FUNC);
    List.insert(lower_bound(List, Dummy), Dummy);
  }
  Here = &List;
  Mapping = &Table.Mapping[Section];
  // The offsets in a linked file are addresses.
  std::vector<Relocation> Own;
  if (auto It = All.find(sectionIndex(Section)); It != All.end())
    Own = It->second;
  if (!Object.isRelocatableObject())
    for (Relocation &R : Own)
      R.Offset -= Base;
  Pending = Own;

  for (size_t I = 0; I < List.size();) {
    size_t First = I;
    uint64_t Start = List[I].Addr;
    while (I < List.size() && List[I].Addr == Start)
      ++I;
    uint64_t End = Base + Bytes.size();
    if (I < List.size())
      End = std::min(End, List[I].Addr);
    if (Start < Base || Start >= End)
      continue;
    // The last symbol that is not one of data heads the block.
    bool IsData = Object.isELF();
    size_t Shown = I - 1;
    if (Object.isELF())
      for (size_t S = First; S < I; ++S)
        if (List[S].Type != ELF::STT_OBJECT && List[S].Type != ELF::STT_COMMON) {
          IsData = false;
          Shown = S;
        }
    JSON.object([&] {
      JSON.attribute("section", sectionIndex(Section));
      JSON.attribute("address", Start);
      JSON.attribute("name", List[Shown].IsMappingSymbol ? "" : text(List[Shown].Name));
      JSON.attributeArray("code", [&] {
        if (!IsData)
          block(Section, Start - Base, End - Base);
        else
          JSON.object([&] {
            JSON.attribute("address", Start);
            JSON.attribute("bytes", toHex(Bytes.slice(Start - Base, End - Start), true));
          });
      });
    });
    if (M.Analysis)
      M.Analysis->resetState();
  }
  return Error::success();
}

/// Writes the attribute `disassembly`: what llvm-objdump -d -r shows.
Error disassemble(const ObjectFile &Object, const Relocations &All,
                       json::OStream &JSON) {
  Expected<Machine> M = machineFor(Object);
  if (!M)
    return M.takeError();
  Expected<SymbolTable> Table = readSymbols(Object);
  if (!Table)
    return Table.takeError();
  Error Problem = Error::success();
  Disassembly D(Object, *M, *Table, All, JSON);
  JSON.attributeArray("disassembly", [&] {
    for (const SectionRef &Section : Object.sections()) {
      if (!Section.isText() || Section.isVirtual() || Section.getSize() == 0)
        continue;
      if (Error E = D.section(Section)) {
        Problem = joinErrors(std::move(Problem), std::move(E));
        return;
      }
    }
  });
  return Problem;
}

// Objects.

/// The flags that readelf -S shows, in its letters.
std::string elfFlags(uint64_t Flags) {
  static constexpr std::pair<uint64_t, char> Letters[] = {
      {ELF::SHF_WRITE, 'W'},      {ELF::SHF_ALLOC, 'A'},
      {ELF::SHF_EXECINSTR, 'X'},  {ELF::SHF_MERGE, 'M'},
      {ELF::SHF_STRINGS, 'S'},    {ELF::SHF_INFO_LINK, 'I'},
      {ELF::SHF_LINK_ORDER, 'L'}, {ELF::SHF_GROUP, 'G'},
      {ELF::SHF_TLS, 'T'},        {ELF::SHF_COMPRESSED, 'C'},
      {ELF::SHF_GNU_RETAIN, 'R'}, {ELF::SHF_EXCLUDE, 'E'}};
  std::string Text;
  for (auto [Flag, Letter] : Letters)
    if (Flags & Flag)
      Text += Letter;
  return Text;
}

/// Kind and flags of a section. Formats other than ELF say less, and in words of
/// their own; here they say it in ELF's.
std::pair<std::string, std::string> kindOf(const SectionRef &Section) {
  if (auto *ELF = dyn_cast<ELFObjectFileBase>(Section.getObject())) {
    ELFSectionRef S(Section);
    StringRef Type = getELFSectionTypeName(ELF->getEMachine(), S.getType());
    Type.consume_front("SHT_");
    return {Type.str(), elfFlags(S.getFlags())};
  }
  if (Section.isText())
    return {"PROGBITS", "AX"};
  if (Section.isBSS() || Section.isVirtual())
    return {"NOBITS", "WA"};
  if (Section.isData())
    return {"PROGBITS", "WA"};
  return {"PROGBITS", Section.isDebugSection() ? "" : "A"};
}

/// ELF: what the file says of sizes is checked before anything is counted by it.
Error checkSections(const ObjectFile &Object) {
  for (const SectionRef &Section : Object.sections()) {
    if (!Section.isVirtual())
      if (Expected<StringRef> Contents = Section.getContents(); !Contents)
        return Contents.takeError();
    auto *ELF = dyn_cast<ELF64LEObjectFile>(&Object);
    if (!ELF)
      continue;
    const auto *Header = ELF->getSection(Section.getRawDataRefImpl());
    uint64_t Entry = Header->sh_type == ELF::SHT_RELA ? sizeof(ELF64LE::Rela)
                     : Header->sh_type == ELF::SHT_REL ? sizeof(ELF64LE::Rel)
                     : Header->sh_type == ELF::SHT_SYMTAB ||
                             Header->sh_type == ELF::SHT_DYNSYM
                         ? sizeof(ELF64LE::Sym)
                         : 0;
    if (Entry && (Header->sh_entsize != Entry || Header->sh_size % Entry))
      return createStringError(formatv(
          "section {0} has entries of {1} bytes, expected {2}",
          Section.getIndex(), uint64_t(Header->sh_entsize), Entry));
  }
  return Error::success();
}

/// Mach-O names a section by its segment, too.
std::string segmentOf(const SectionRef &Section) {
  auto *MachO = dyn_cast<MachOObjectFile>(Section.getObject());
  if (!MachO)
    return "";
  return text(MachO->getSectionFinalSegmentName(Section.getRawDataRefImpl())) + ",";
}

Error writeSections(const ObjectFile &Object, json::OStream &JSON) {
  Error Problem = Error::success();
  JSON.attributeArray("sections", [&] {
    for (const SectionRef &Section : Object.sections()) {
      Expected<StringRef> Name = Section.getName();
      if (!Name) {
        Problem = joinErrors(std::move(Problem), Name.takeError());
        return;
      }
      auto [Kind, Flags] = kindOf(Section);
      if (Kind == "NULL")
        continue;
      JSON.object([&, &Kind = Kind, &Flags = Flags] {
        JSON.attribute("index", sectionIndex(Section));
        JSON.attribute("name", segmentOf(Section) + text(*Name));
        JSON.attribute("kind", Kind);
        JSON.attribute("flags", Flags);
        JSON.attribute("address", Section.getAddress());
        JSON.attribute("size", Section.getSize());
        JSON.attribute("align", Section.getAlignment().value());
        JSON.attributeBegin("offset");
        // Where its bytes lie in the file.
        Expected<StringRef> Contents = Section.isVirtual()
                                           ? Expected<StringRef>(StringRef())
                                           : Section.getContents();
        if (!Contents) {
          Problem = joinErrors(std::move(Problem), Contents.takeError());
          JSON.value(nullptr);
        } else if (Section.isVirtual() || Contents->empty())
          JSON.value(nullptr);
        else
          JSON.value(Contents->data() - Object.getData().data());
        JSON.attributeEnd();
      });
    }
  });
  return Problem;
}

StringRef elfBinding(uint8_t Binding) {
  switch (Binding) {
  case ELF::STB_LOCAL:
    return "local";
  case ELF::STB_WEAK:
    return "weak";
  case ELF::STB_GNU_UNIQUE:
    return "unique";
  default:
    return "global";
  }
}

StringRef elfType(uint8_t Type) {
  static constexpr StringLiteral Names[] = {"none", "object", "function", "section",
                                            "file", "common", "tls"};
  if (Type == ELF::STT_GNU_IFUNC)
    return "ifunc";
  return Type < std::size(Names) ? Names[Type] : StringLiteral("other");
}

StringRef genericType(SymbolRef::Type Type) {
  switch (Type) {
  case SymbolRef::ST_Function:
    return "function";
  case SymbolRef::ST_Data:
    return "object";
  case SymbolRef::ST_File:
    return "file";
  default:
    return "none";
  }
}

Error writeSymbol(const SymbolRef &Symbol, uint64_t Size, json::OStream &JSON) {
  const ObjectFile &Object = *Symbol.getObject();
  Expected<SymbolFacts> Read = readSymbol(Symbol);
  if (!Read)
    return Read.takeError();
  auto [Flags, Name, Section] = *Read;
  StringRef Binding = Flags & SymbolRef::SF_Weak     ? "weak"
                      : Flags & SymbolRef::SF_Global ? "global"
                                                      : "local";
  StringRef Type;
  std::string Shown = text(Name);
  uint64_t Value = 0;
  if (Object.isELF()) {
    ELFSymbolRef S(Symbol);
    Binding = elfBinding(S.getBinding());
    Type = elfType(S.getELFType());
    Value = S.getValue() ? *S.getValue() : 0;
    if (S.getELFType() == ELF::STT_SECTION && Section != Object.section_end()) {
      Expected<StringRef> Named = Section->getName();
      if (!Named)
        return Named.takeError();
      Shown = text(*Named);
    }
  } else {
    Expected<SymbolRef::Type> T = Symbol.getType();
    if (!T)
      return T.takeError();
    Type = genericType(*T);
    Expected<uint64_t> V = Symbol.getAddress();
    if (!V)
      return V.takeError();
    Value = *V;
  }
  JSON.object([&, Flags = Flags, &Section = Section] {
    JSON.attribute("name", Shown);
    JSON.attribute("binding", Binding);
    JSON.attribute("type", Type);
    JSON.attribute("defined", !(Flags & SymbolRef::SF_Undefined));
    JSON.attributeBegin("section");
    if (Section == Object.section_end())
      JSON.value(nullptr);
    else
      JSON.value(sectionIndex(*Section));
    JSON.attributeEnd();
    JSON.attribute("value", Flags & SymbolRef::SF_Undefined ? 0 : Value);
    JSON.attribute("size", Size);
  });
  return Error::success();
}

Error writeSymbols(const ObjectFile &Object, json::OStream &JSON) {
  // Every name is read once before sizes are worked out, which takes names for granted.
  for (const SymbolRef &Symbol : Object.symbols()) {
    if (Expected<uint32_t> Flags = Symbol.getFlags(); !Flags)
      return Flags.takeError();
    if (Expected<StringRef> Name = Symbol.getName(); !Name)
      return Name.takeError();
  }
  Error Problem = Error::success();
  JSON.attributeArray("symbols", [&] {
    for (auto &[Symbol, Size] : computeSymbolSizes(Object)) {
      if (Error E = writeSymbol(Symbol, Size, JSON)) {
        Problem = joinErrors(std::move(Problem), std::move(E));
        return;
      }
    }
  });
  return Problem;
}

/// Writes the attributes `format`, `triple`, `sections` and `symbols`, and
/// where asked for `relocations` and `disassembly`.
Error inspectObject(const ObjectFile &Object, bool WithRelocations,
                         bool WithDisassembly, json::OStream &JSON) {
  if (Error E = checkSections(Object))
    return E;
  JSON.attribute("format", Object.getFileFormatName());
  JSON.attribute("triple", Object.makeTriple().str());
  if (Error E = writeSections(Object, JSON))
    return E;
  if (Error E = writeSymbols(Object, JSON))
    return E;
  if (!WithRelocations && !WithDisassembly)
    return Error::success();
  Expected<Relocations> All = readRelocations(Object);
  if (!All)
    return All.takeError();
  if (WithRelocations)
    JSON.attributeArray("relocations", [&, &All = *All] {
      for (auto &[Section, List] : All)
        for (auto &[Offset, Type, Value] : List)
          JSON.object([&, &Section = Section, &Offset = Offset, &Type = Type,
                       &Value = Value] {
            JSON.attribute("section", Section);
            JSON.attribute("offset", Offset);
            JSON.attribute("type", Type);
            JSON.attribute("value", Value);
          });
    });
  return WithDisassembly ? disassemble(Object, *All, JSON) : Error::success();
}

// Modules.

struct Request {
  StringRef Input, Name, Output;
  bool Disassemble = false, Compare = false;
};

int usage(const Twine &Problem) {
  errs() << "inspect: " << Problem
         << "\nusage: inspect [--disassemble] [--compare]"
            " [--name=N] --output=F <input>\n";
  return ExitUsage;
}

StringRef binding(const GlobalValue &V) {
  if (V.hasLocalLinkage())
    return "local";
  return V.isWeakForLinker() || V.hasExternalWeakLinkage() ? "weak" : "global";
}

StringRef kind(const GlobalValue &V) {
  if (isa<Function>(V))
    return "function";
  if (isa<GlobalIFunc>(V))
    return "ifunc";
  if (auto *Alias = dyn_cast<GlobalAlias>(&V))
    return isa<FunctionType>(Alias->getValueType()) ? "function" : "object";
  return V.isThreadLocal() ? "tls" : "object";
}

/// A definition's text, for comparisons. Numbers of metadata and of attribute
/// groups are left out: they change with everything else in the module.
std::string definition(const GlobalValue &V, ModuleSlotTracker &Slots) {
  std::string Text;
  raw_string_ostream OS(Text);
  V.print(OS, Slots);
  std::string Kept;
  for (size_t I = 0; I < Text.size(); ++I) {
    Kept += Text[I];
    if (Text[I] == '!' || Text[I] == '#')
      while (I + 1 < Text.size() && isDigit(Text[I + 1]))
        ++I;
  }
  return text(Kept);
}

void writeModule(const Module &M, const Request &R, json::OStream &JSON) {
  JSON.attribute("triple", text(M.getTargetTriple().str()));
  JSON.attribute("source", text(M.getSourceFileName()));
  JSON.attributeArray("symbols", [&] {
    ModuleSlotTracker Slots(&M);
    auto Write = [&](const GlobalValue &V) {
      JSON.object([&] {
        JSON.attribute("name", text(V.getName()));
        JSON.attribute("binding", binding(V));
        JSON.attribute("type", kind(V));
        JSON.attribute("defined", !V.isDeclaration());
        if (R.Compare && !V.isDeclaration())
          JSON.attribute("text", definition(V, Slots));
      });
    };
    for (const Function &F : M)
      Write(F);
    for (const GlobalVariable &G : M.globals())
      Write(G);
    for (const GlobalAlias &A : M.aliases())
      Write(A);
    for (const GlobalIFunc &I : M.ifuncs())
      Write(I);
  });
  if (!R.Disassemble)
    return;
  std::string IR;
  raw_string_ostream OS(IR);
  M.print(OS, nullptr);
  JSON.attribute("ir", text(IR));
}

/// Whether a file is for the IR reader: bitcode, with or without its wrapper, or
/// no binary at all.
bool isModule(file_magic Magic) {
  return Magic == file_magic::bitcode || Magic == file_magic::unknown;
}

Error write(const Request &R, MemoryBufferRef File, json::OStream &JSON) {
  if (isModule(identify_magic(File.getBuffer()))) {
    LLVMContext Context;
    SMDiagnostic Problem;
    std::unique_ptr<Module> M = parseIR(File, Problem, Context);
    if (!M)
      return createStringError(
          "is neither an object, bitcode nor textual IR: " + Problem.getMessage());
    JSON.object([&] {
      JSON.attribute("format", isBitcode(reinterpret_cast<const unsigned char *>(
                                             File.getBufferStart()),
                                         reinterpret_cast<const unsigned char *>(
                                             File.getBufferEnd()))
                                   ? "bitcode"
                                   : "ir");
      writeModule(*M, R, JSON);
    });
    return Error::success();
  }
  Expected<std::unique_ptr<object::ObjectFile>> Object =
      object::ObjectFile::createObjectFile(File);
  if (!Object)
    return Object.takeError();
  Error Problem = Error::success();
  JSON.object([&] {
    Problem = inspectObject(**Object, R.Compare, R.Disassemble, JSON);
  });
  return Problem;
}

} // namespace

int art::inspect(ArrayRef<const char *> Arguments) {
  static Request R; // the handler below needs its name
  for (StringRef A : Arguments) {
    if (A == "--disassemble")
      R.Disassemble = true;
    else if (A == "--compare")
      R.Compare = true;
    else if (A.consume_front("--output="))
      R.Output = A;
    else if (A.consume_front("--name="))
      R.Name = A;
    else if (A.starts_with("-"))
      return usage("unknown option '" + A + "'");
    else if (!R.Input.empty())
      return usage("more than one input: '" + R.Input + "' and '" + A + "'");
    else
      R.Input = A;
  }
  if (R.Input.empty() || R.Output.empty())
    return usage("an input and --output are needed");
  if (R.Name.empty())
    R.Name = R.Input;
  // For the Object library a malformed file is sometimes a fatal error.
  remove_fatal_error_handler();
  install_fatal_error_handler([](void *, const char *Reason, bool) {
    errs() << R.Name << ": " << oneLine(Reason) << "\n";
    errs().flush();
    _Exit(ExitFailure);
  });
  InitializeAllDisassemblers();

  auto Fail = [&](Error E) {
    errs() << R.Name << ": " << oneLine(toString(std::move(E))) << "\n";
    return ExitFailure;
  };
  ErrorOr<std::unique_ptr<MemoryBuffer>> File = MemoryBuffer::getFile(R.Input);
  if (!File)
    return Fail(errorCodeToError(File.getError()));
  std::error_code EC;
  ToolOutputFile Out(R.Output, EC, sys::fs::OF_None);
  if (EC)
    return Fail(createFileError(R.Output, EC));
  json::OStream JSON(Out.os());
  ReadingFile Reading(R.Name);
  if (Error E = write(R, MemoryBufferRef((*File)->getBuffer(), R.Name), JSON)) {
    // The writer checks at its end that all that was opened is closed.
    return Fail(std::move(E));
  }
  Out.keep();
  Out.os().flush();
  return 0;
}
