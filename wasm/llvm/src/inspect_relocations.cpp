#include "inspect_object.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Object/MachO.h"

using namespace llvm;
using namespace llvm::object;
using namespace art;

namespace {

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
      return createStringError("a relocation is against a section that is not there");
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

} // namespace

Expected<Relocations> art::readRelocations(const ObjectFile &Object) {
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
