// Follows disassembleObject in llvm/tools/llvm-objdump/llvm-objdump.cpp of LLVM
// 22.1.8, for the formats and options there are here.
#include "disassembly.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/MC/MCInst.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Endian.h"

using namespace llvm;
using namespace llvm::object;
using namespace art;

namespace {

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

} // namespace

Error art::disassemble(const ObjectFile &Object, const Relocations &All,
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
