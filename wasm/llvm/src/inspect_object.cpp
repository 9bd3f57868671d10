#include "inspect_object.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Object/MachO.h"
#include "llvm/Object/SymbolSize.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace llvm::object;
using namespace art;

namespace {

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

} // namespace

uint64_t art::sectionIndex(const SectionRef &Section) {
  return Section.getIndex();
}

Expected<SymbolFacts> art::readSymbol(const SymbolRef &Symbol) {
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

Error art::inspectObject(const ObjectFile &Object, bool WithRelocations,
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
