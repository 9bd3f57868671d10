// The parts of `inspect` that read objects.
#pragma once
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/JSON.h"
#include <map>
#include <vector>

namespace art {

/// A name from a file, which may hold any bytes, as JSON can hold it.
std::string text(llvm::StringRef Name);

/// The number that symbols name a section by.
uint64_t sectionIndex(const llvm::object::SectionRef &Section);

/// What a symbol of any format says of itself.
struct SymbolFacts {
  uint32_t Flags;
  llvm::StringRef Name;
  /// The object's section_end() where it is in none.
  llvm::object::section_iterator Section;
};
llvm::Expected<SymbolFacts> readSymbol(const llvm::object::SymbolRef &Symbol);

/// A relocation as llvm-objdump -r shows it: its type, and symbol and addend.
struct Relocation {
  uint64_t Offset;
  std::string Type, Value;
};

/// The relocations of every section that has some, by offset.
using Relocations = std::map<uint64_t, std::vector<Relocation>>;
llvm::Expected<Relocations> readRelocations(const llvm::object::ObjectFile &Object);

/// Writes the attribute `disassembly`: what llvm-objdump -d -r shows.
llvm::Error disassemble(const llvm::object::ObjectFile &Object,
                        const Relocations &All, llvm::json::OStream &JSON);

/// Writes the attributes `format`, `triple`, `sections` and `symbols`, and
/// where asked for `relocations` and `disassembly`.
llvm::Error inspectObject(const llvm::object::ObjectFile &Object,
                          bool WithRelocations, bool WithDisassembly,
                          llvm::json::OStream &JSON);

} // namespace art
