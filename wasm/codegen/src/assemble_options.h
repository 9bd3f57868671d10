// What one run of the assembler is asked to do.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/Support/Error.h"
#include "llvm/TargetParser/Triple.h"
#include <string>
#include <vector>

namespace art {

enum class FileType { Assembly, Null, Object };

/// clang's AssemblerInvocation.
struct AssemblerInvocation {
  llvm::Triple Target;
  std::string CPU, RelocationModel = "pic";
  std::vector<std::string> Features, SymbolDefinitions, IncludePaths, LLVMArguments;
  std::vector<std::pair<std::string, std::string>> DebugPrefixMap;
  std::string Producer, DebugFlags, CompilationDirectory, MainFileName;
  std::string Input, Output = "-", SplitDwarfOutput;
  unsigned DwarfVersion = 2, OutputVariant = 0;
  bool Dwarf64 = false, GenerateDwarf = false, NoInitialTextSection = false;
  bool ShowEncoding = false, EmbedBitcode = false;
  FileType Type = FileType::Assembly;
  /// What clang sets before it makes the MCAsmInfo, and what after.
  llvm::MCTargetOptions Early, Late;
};

/// Reads the arguments of clang's -cc1as. An unknown one is an error that names it.
llvm::Expected<AssemblerInvocation>
parseCC1AsArguments(llvm::ArrayRef<const char *> Arguments);

} // namespace art
