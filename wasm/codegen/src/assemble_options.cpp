// Follows AssemblerInvocation::CreateFromArgs in clang's cc1as_main.cpp, and
// Options.td, of LLVM 22.1.8.
#include "assemble_options.h"
#include "llvm/ADT/StringSwitch.h"
#include <optional>

using namespace llvm;
using namespace art;

namespace {

/// Reads options with a value: in the next argument, or after a name that ends
/// in '='. False where A is none of them.
class Values {
  ArrayRef<const char *> Arguments;
  size_t &I;

public:
  Values(ArrayRef<const char *> Arguments, size_t &I) : Arguments(Arguments), I(I) {}

  std::optional<StringRef> next(StringRef Name) {
    if (Arguments[I] != Name || I + 1 == Arguments.size())
      return std::nullopt;
    return Arguments[++I];
  }
  std::optional<StringRef> joined(StringRef Name) {
    StringRef A = Arguments[I];
    if (!A.consume_front(Name))
      return std::nullopt;
    return A;
  }
};

bool parseTargetOption(Values &V, AssemblerInvocation &N) {
  if (auto S = V.next("-triple"))
    N.Target = Triple(Triple::normalize(*S));
  else if (auto S = V.next("-target-cpu"))
    N.CPU = S->str();
  else if (auto S = V.next("-target-feature"))
    N.Features.push_back(S->str());
  else if (auto S = V.next("-target-abi"))
    N.Late.ABIName = S->str();
  else if (auto S = V.next("-mrelocation-model"))
    N.RelocationModel = S->str();
  else if (auto S = V.next("-mllvm"))
    N.LLVMArguments.push_back(S->str());
  else
    return false;
  return true;
}

bool parseDebugOption(Values &V, AssemblerInvocation &N) {
  if (auto S = V.joined("-debug-info-kind="))
    N.GenerateDwarf = true; // any kind does
  else if (auto S = V.joined("-dwarf-version="))
    S->getAsInteger(10, N.DwarfVersion);
  else if (auto S = V.next("-dwarf-debug-flags"))
    N.DebugFlags = S->str();
  else if (auto S = V.next("-dwarf-debug-producer"))
    N.Producer = S->str();
  else if (auto S = V.joined("-fdebug-compilation-dir="))
    N.CompilationDirectory = S->str();
  else if (auto S = V.joined("-ffile-compilation-dir="))
    N.CompilationDirectory = S->str();
  else if (auto S = V.joined("-fdebug-prefix-map=")) {
    auto [From, To] = S->split('=');
    N.DebugPrefixMap.emplace_back(From, To);
  } else if (auto S = V.joined("--compress-debug-sections="))
    ; // never passed on: the clang before it has no zlib, and says so
  else
    return false;
  return true;
}

bool parseFileOption(Values &V, AssemblerInvocation &N) {
  if (auto S = V.next("-o"))
    N.Output = S->str();
  else if (auto S = V.next("-split-dwarf-output"))
    N.SplitDwarfOutput = S->str();
  else if (auto S = V.next("-main-file-name"))
    N.MainFileName = S->str();
  else if (auto S = V.next("-I"))
    N.IncludePaths.push_back(S->str());
  else if (auto S = V.joined("-I"))
    N.IncludePaths.push_back(S->str());
  else if (auto S = V.next("-defsym"))
    N.SymbolDefinitions.push_back(S->str());
  else if (auto S = V.next("--defsym")) // as gas spells it
    N.SymbolDefinitions.push_back(S->str());
  else if (auto S = V.next("-as-secure-log-file"))
    N.Early.AsSecureLogFile = S->str();
  else if (auto S = V.next("-filetype"))
    N.Type = StringSwitch<FileType>(*S)
                 .Case("obj", FileType::Object)
                 .Case("null", FileType::Null)
                 .Default(FileType::Assembly);
  else if (auto S = V.joined("-femit-dwarf-unwind="))
    N.Early.EmitDwarfUnwind =
        StringSwitch<EmitDwarfUnwindType>(*S)
            .Case("always", EmitDwarfUnwindType::Always)
            .Case("no-compact-unwind", EmitDwarfUnwindType::NoCompactUnwind)
            .Default(EmitDwarfUnwindType::Default);
  else if (auto S = V.joined("-fembed-bitcode="))
    N.EmbedBitcode = *S != "off";
  else if (auto S = V.joined("--output-asm-variant="))
    S->getAsInteger(10, N.OutputVariant);
  else
    return false;
  return true;
}

bool parseFlag(StringRef A, AssemblerInvocation &N) {
  if (A == "-n")
    N.NoInitialTextSection = true;
  else if (A == "-show-encoding")
    N.ShowEncoding = true;
  else if (A == "-show-inst")
    N.Late.ShowMCInst = true;
  else if (A == "-gdwarf64")
    N.Dwarf64 = true;
  else if (A == "-mrelax-all")
    N.Early.MCRelaxAll = true;
  else if (A == "-mnoexecstack")
    N.Early.MCNoExecStack = true;
  else if (A == "-msave-temp-labels")
    N.Early.MCSaveTempLabels = true;
  else if (A == "-femit-compact-unwind-non-canonical")
    N.Early.EmitCompactUnwindNonCanonical = true;
  else if (A == "--gsframe")
    N.Early.EmitSFrameUnwind = true;
  else if (A == "--crel")
    N.Early.Crel = true;
  else if (A == "-mmapsyms=implicit")
    N.Early.ImplicitMapSyms = true;
  else if (A == "-msse2avx")
    N.Early.X86Sse2Avx = true;
  else if (A == "-massembler-no-warn")
    N.Late.MCNoWarn = true;
  else if (A == "-massembler-fatal-warnings")
    N.Late.MCFatalWarnings = true;
  else if (A == "-mno-type-check")
    N.Late.MCNoTypeCheck = true;
  else if (A == "-gdwarf32")
    N.Dwarf64 = false;
  else if (A == "-mrelax-relocations=no")
    N.Early.X86RelaxRelocations = false;
  else if (A != "-mincremental-linker-compatible") // of no effect, as in clang
    return false;
  return true;
}

/// What cc1as accepts and does not use for these targets.
bool passOver(Values &V, StringRef A) {
  for (StringRef Name : {"-tune-cpu", "-record-command-line", "-target-linker-version",
                         "-mfpmath", "-object-file-name", "-darwin-target-variant-triple"})
    if (V.next(Name))
      return true;
  for (StringRef Name : {"-object-file-name=", "-target-sdk-version=", "-debugger-tuning=",
                         "-darwin-target-variant-sdk-version=", "-fcoverage-compilation-dir=",
                         "-fswift-async-fp=", "-fbasic-block-sections=", "-gcodeview"})
    if (A.starts_with(Name))
      return true;
  return false;
}

} // namespace

Expected<AssemblerInvocation>
art::parseCC1AsArguments(ArrayRef<const char *> Arguments) {
  AssemblerInvocation N;
  N.Early.X86RelaxRelocations = true;
  for (size_t I = 0; I < Arguments.size(); ++I) {
    StringRef A = Arguments[I];
    Values V(Arguments, I);
    if (parseTargetOption(V, N) || parseDebugOption(V, N) ||
        parseFileOption(V, N) || parseFlag(A, N) || passOver(V, A))
      continue;
    if ((A.starts_with("-") && A != "-") || !N.Input.empty())
      return createStringError("unknown argument: '" + A + "'");
    N.Input = A.str();
  }
  if (!N.SplitDwarfOutput.empty())
    return createStringError("-gsplit-dwarf is not supported");
  return N;
}
