// clang cc1 arguments -> BackendOptions. It mirrors initTargetOptions and
// RunOptimizationPipeline in clang/lib/CodeGen/BackendUtil.cpp and
// ParseCodeGenArgs in clang/lib/Frontend/CompilerInvocation.cpp of LLVM 22.1.8;
// whoever moves to another LLVM compares the three again.
#include "options.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace art {
namespace {

/// The option to name where A asks for work that clang does with passes, or
/// libraries, that this program does not have; empty where it asks for none.
/// Dropping one in silence would give a program other than the one asked for.
std::string absentFeature(StringRef A) {
  // The cc1 spelling, and the driver's where it differs.
  static constexpr std::pair<StringLiteral, StringLiteral> Prefixes[] = {
      {"-fsanitize-coverage-", "-fsanitize-coverage="},
      {"-fsanitize-skip-hot-cutoff=", ""},
      {"-fallow-runtime-check-skip-hot-cutoff=", ""},
      {"-fexperimental-sanitize-metadata", ""},
      {"-fmemory-profile", ""},
      {"-coverage-notes-file", "--coverage"},
      {"-coverage-data-file", "--coverage"},
      {"-flto", ""},
      {"-fthinlto-index=", ""},
      {"-fbasic-block-sections=list=", ""},
      {"-mlink-bitcode-file", ""},
      {"-mlink-builtin-bitcode", ""},
      {"-fno-integrated-as", ""}};
  for (const auto &[Prefix, Name] : Prefixes)
    if (A.starts_with(Prefix))
      return (Name.empty() ? A : StringRef(Name)).str();
  if (A.starts_with("--"))
    A = A.drop_front();
  if (A.starts_with("-compress-debug-sections") && !A.ends_with("=none"))
    return A.str();
  if (A.consume_front("-fsanitize=")) {
    // The rest of the sanitizers are checks that the front end writes, or work
    // of the code generator.
    static constexpr StringLiteral Passes[] = {
        "address",  "kernel-address", "hwaddress",    "kernel-hwaddress",
        "memory",   "kernel-memory",  "thread",       "dataflow",
        "fuzzer",   "fuzzer-no-link", "local-bounds", "type",
        "realtime", "numerical",      "alloc-token"};
    for (StringRef Kind : split(A, ','))
      if (is_contained(Passes, Kind))
        return ("-fsanitize=" + Kind).str();
  }
  return "";
}

/// Flags that set one field. The fields are bit-fields, hence the lambdas.
bool applyFlag(StringRef A, BackendOptions &O) {
  struct Flag {
    StringRef Name;
    void (*Set)(BackendOptions &O);
  };
#define FLAG(NAME, FIELD, VALUE)                                               \
  {                                                                            \
    NAME, [](BackendOptions &O) { FIELD = VALUE; }                             \
  }
  static const Flag Flags[] = {
      FLAG("-ffunction-sections", O.Target.FunctionSections, true),
      FLAG("-fdata-sections", O.Target.DataSections, true),
      FLAG("-fno-unique-section-names", O.Target.UniqueSectionNames, false),
      FLAG("-funique-basic-block-section-names",
           O.Target.UniqueBasicBlockSectionNames, true),
      FLAG("-fseparate-named-sections", O.Target.SeparateNamedSections, true),
      FLAG("-faddrsig", O.Target.EmitAddrsig, true),
      FLAG("-femulated-tls", O.Target.EmulatedTLS, true),
      FLAG("-enable-tlsdesc", O.Target.EnableTLSDESC, true),
      FLAG("-fno-use-init-array", O.Target.UseInitArray, false),
      FLAG("-fno-zero-initialized-in-bss", O.Target.NoZerosInBSS, true),
      FLAG("-menable-no-infs", O.Target.NoInfsFPMath, true),
      FLAG("-menable-no-nans", O.Target.NoNaNsFPMath, true),
      // -ffast-math implies both of the above, which are then left out.
      {"-ffast-math",
       [](BackendOptions &O) {
         O.Target.NoInfsFPMath = true;
         O.Target.NoNaNsFPMath = true;
       }},
      FLAG("-w", O.IgnoreWarnings, true),
      FLAG("-fbasic-block-address-map", O.Target.BBAddrMap, true),
      FLAG("-fsplit-machine-functions", O.Target.EnableMachineFunctionSplitter,
           true),
      FLAG("-fpartition-static-data-sections",
           O.Target.EnableStaticDataPartitioning, true),
      FLAG("-fstack-size-section", O.Target.EmitStackSizeSection, true),
      FLAG("-fforce-dwarf-frame", O.Target.ForceDwarfFrameSection, true),
      FLAG("-fexperimental-call-graph-section", O.Target.EmitCallGraphSection,
           true),
      FLAG("-fno-xray-function-index", O.Target.XRayFunctionIndex, false),
      FLAG("-gstrict-dwarf", O.Target.DebugStrictDwarf, true),
      FLAG("-fms-hotpatch", O.Target.Hotpatch, true),
      FLAG("-fjmc", O.Target.JMCInstrument, true),
      FLAG("-mrelax-all", O.Target.MCOptions.MCRelaxAll, true),
      FLAG("-msave-temp-labels", O.Target.MCOptions.MCSaveTempLabels, true),
      FLAG("-mnoexecstack", O.Target.MCOptions.MCNoExecStack, true),
      FLAG("-mincremental-linker-compatible",
           O.Target.MCOptions.MCIncrementalLinkerCompatible, true),
      FLAG("-massembler-fatal-warnings", O.Target.MCOptions.MCFatalWarnings,
           true),
      FLAG("-massembler-no-warn", O.Target.MCOptions.MCNoWarn, true),
      FLAG("-fno-verbose-asm", O.Target.MCOptions.AsmVerbose, false),
      FLAG("-gdwarf64", O.Target.MCOptions.Dwarf64, true),
      FLAG("-fno-preserve-as-comments", O.Target.MCOptions.PreserveAsmComments,
           false),
      FLAG("--crel", O.Target.MCOptions.Crel, true),
      FLAG("--gsframe", O.Target.MCOptions.EmitSFrameUnwind, true),
      FLAG("-mmapsyms=implicit", O.Target.MCOptions.ImplicitMapSyms, true),
      FLAG("-femit-compact-unwind-non-canonical",
           O.Target.MCOptions.EmitCompactUnwindNonCanonical, true),
      FLAG("-mrelax-relocations=no", O.Target.MCOptions.X86RelaxRelocations,
           false),
      FLAG("-vectorize-loops", O.Tuning.LoopVectorization, true),
      FLAG("-vectorize-slp", O.Tuning.SLPVectorization, true),
      FLAG("-floop-interchange", O.Tuning.LoopInterchange, true),
      FLAG("-fexperimental-loop-fusion", O.Tuning.LoopFusion, true),
      FLAG("-fmerge-functions", O.Tuning.MergeFunctions, true),
      FLAG("-fdevirtualize-speculatively", O.Tuning.DevirtualizeSpeculatively,
           true),
      FLAG("-funroll-loops", O.Tuning.LoopUnrolling, true),
      FLAG("-fno-unroll-loops", O.Tuning.LoopUnrolling, false),
      FLAG("-fno-dwarf-directory-asm", O.Target.MCOptions.MCUseDwarfDirectory,
           MCTargetOptions::DisableDwarfDirectory),
  };
#undef FLAG
  const Flag *Found =
      find_if(Flags, [&](const Flag &F) { return F.Name == A; });
  if (Found == std::end(Flags))
    return false;
  Found->Set(O);
  return true;
}

/// -O<level>, as clang's mapToLevel and CodeGenOpt::getLevel read it.
void applyLevel(StringRef A, BackendOptions &O, unsigned &Speed) {
  if (!A.consume_front("-O"))
    return;
  Speed = StringSwitch<unsigned>(A)
              .Case("0", 0)
              .Cases({"1", "g"}, 1)
              .Cases({"", "2", "s", "z"}, 2)
              .Default(3);
  O.Level = A == "s"     ? OptimizationLevel::Os
            : A == "z"   ? OptimizationLevel::Oz
            : Speed == 0 ? OptimizationLevel::O0
            : Speed == 1 ? OptimizationLevel::O1
            : Speed == 2 ? OptimizationLevel::O2
                         : OptimizationLevel::O3;
  O.CodeGenLevel = *CodeGenOpt::getLevel(Speed);
}

uint64_t integer(StringRef Value) {
  uint64_t N = 0;
  (void)to_integer(Value, N); // clang has checked it
  return N;
}

/// Options of the form -name=value.
bool applyJoined(StringRef A, BackendOptions &O) {
  TargetOptions &T = O.Target;
  if (A.consume_front("-ffp-contract=")) {
    T.AllowFPOpFusion = A == "fast" ? FPOpFusion::Fast : FPOpFusion::Standard;
  } else if (A.consume_front("-fveclib=")) {
    T.VecLib = StringSwitch<VectorLibrary>(A)
                   .Case("Accelerate", VectorLibrary::Accelerate)
                   .Case("libmvec", VectorLibrary::LIBMVEC)
                   .Case("MASSV", VectorLibrary::MASSV)
                   .Case("SVML", VectorLibrary::SVML)
                   .Case("SLEEF", VectorLibrary::SLEEFGNUABI)
                   .Case("Darwin_libsystem_m", VectorLibrary::DarwinLibSystemM)
                   .Case("ArmPL", VectorLibrary::ArmPL)
                   .Case("AMDLIBM", VectorLibrary::AMDLIBM)
                   .Default(VectorLibrary::NoLibrary);
  } else if (A.consume_front("-mcmodel=")) {
    O.CodeModel = StringSwitch<std::optional<CodeModel::Model>>(A)
                      .Case("tiny", CodeModel::Tiny)
                      .Case("small", CodeModel::Small)
                      .Case("kernel", CodeModel::Kernel)
                      .Case("medium", CodeModel::Medium)
                      .Case("large", CodeModel::Large)
                      .Default(std::nullopt);
  } else if (A.consume_front("-mlarge-data-threshold=")) {
    O.LargeDataThreshold = integer(A);
  } else if (A.consume_front("-mtls-size=")) {
    T.TLSSize = integer(A);
  } else if (A.consume_front("-falign-loops=")) {
    T.LoopAlignment = integer(A);
  } else if (A.consume_front("-fbinutils-version=")) {
    T.BinutilsVersion = TargetMachine::parseBinutilsVersion(A);
  } else if (A.consume_front("-object-file-name=")) {
    T.ObjectFilenameForDebug = A.str();
  } else if (A.consume_front("-fbasic-block-sections=")) {
    T.BBSections =
        A == "all" ? BasicBlockSection::All : BasicBlockSection::None;
  } else if (A.consume_front("-debugger-tuning=")) {
    T.DebuggerTuning = StringSwitch<DebuggerKind>(A)
                           .Case("gdb", DebuggerKind::GDB)
                           .Case("lldb", DebuggerKind::LLDB)
                           .Case("sce", DebuggerKind::SCE)
                           .Case("dbx", DebuggerKind::DBX)
                           .Default(DebuggerKind::Default);
  } else if (A.consume_front("-femit-dwarf-unwind=")) {
    T.MCOptions.EmitDwarfUnwind =
        StringSwitch<EmitDwarfUnwindType>(A)
            .Case("always", EmitDwarfUnwindType::Always)
            .Case("no-compact-unwind", EmitDwarfUnwindType::NoCompactUnwind)
            .Default(EmitDwarfUnwindType::Default);
  } else if (A.consume_front("--output-asm-variant=")) {
    T.MCOptions.OutputAsmVariant = integer(A);
  } else if (A.consume_front("-fexperimental-assignment-tracking=")) {
    O.Tracking = StringSwitch<AssignmentTracking>(A)
                     .Case("disabled", AssignmentTracking::Disabled)
                     .Case("forced", AssignmentTracking::Forced)
                     .Default(AssignmentTracking::Enabled);
  } else {
    return false;
  }
  return true;
}

/// Options whose value is the next argument.
bool applySeparate(StringRef A, StringRef Value, BackendOptions &O) {
  TargetOptions &T = O.Target;
  if (A == "-triple")
    O.Triple = Value.str();
  else if (A == "-target-cpu")
    O.CPU = Value.str();
  else if (A == "-target-feature")
    O.Features.push_back(Value.str());
  else if (A == "-target-abi")
    T.MCOptions.ABIName = Value.str();
  else if (A == "-mrelocation-model")
    O.Relocation = StringSwitch<Reloc::Model>(Value)
                       .Case("static", Reloc::Static)
                       .Case("dynamic-no-pic", Reloc::DynamicNoPIC)
                       .Case("ropi", Reloc::ROPI)
                       .Case("rwpi", Reloc::RWPI)
                       .Case("ropi-rwpi", Reloc::ROPI_RWPI)
                       .Default(Reloc::PIC_);
  else if (A == "-mthread-model")
    T.ThreadModel =
        Value == "single" ? ThreadModel::Single : ThreadModel::POSIX;
  else if (A == "-exception-model")
    T.ExceptionModel = StringSwitch<ExceptionHandling>(Value)
                           .Case("dwarf", ExceptionHandling::DwarfCFI)
                           .Case("sjlj", ExceptionHandling::SjLj)
                           .Case("seh", ExceptionHandling::WinEH)
                           .Case("wasm", ExceptionHandling::Wasm)
                           .Default(ExceptionHandling::None);
  else if (A == "-mfloat-abi")
    T.FloatABIType = Value == "hard" ? FloatABI::Hard : FloatABI::Soft;
  else if (A == "-mllvm")
    O.LLVMArguments.push_back(Value.str());
  else if (A == "-mlimit-float-precision")
    O.LLVMArguments.push_back(("-limit-float-precision=" + Value).str());
  else if (A == "-stack-usage-file")
    T.StackUsageOutput = Value.str();
  else if (A == "-split-dwarf-file")
    T.MCOptions.SplitDwarfFile = Value.str();
  else if (A == "-split-dwarf-output")
    O.SplitDwarfOutput = Value.str();
  else if (A == "-I" || A == "-iquote" || A == "-isystem" ||
           A == "-internal-isystem")
    T.MCOptions.IASSearchPaths.push_back(Value.str()); // .incbin, .include
  else
    return false;
  return true;
}

} // namespace

Expected<BackendOptions> parseCC1Arguments(ArrayRef<StringRef> Arguments) {
  BackendOptions O;
  // Where clang's default differs from TargetOptions' own.
  O.Target.UseInitArray = true;
  O.Target.XRayFunctionIndex = true;
  O.Target.MCOptions.MCUseDwarfDirectory =
      MCTargetOptions::EnableDwarfDirectory;
  O.Target.MCOptions.AsmVerbose = true;
  O.Target.MCOptions.PreserveAsmComments = true;
  O.Target.MCOptions.X86RelaxRelocations = true;
  O.Tuning.LoopVectorization = false;
  O.Tuning.SLPVectorization = false;

  unsigned Speed = 0;
  for (StringRef A : Arguments)
    applyLevel(A, O, Speed);
  // Unrolling follows the level unless a flag says otherwise.
  O.Tuning.LoopUnrolling = Speed > 1;

  bool ReducedDebugInfo = false;
  for (size_t I = 0; I < Arguments.size(); ++I) {
    StringRef A = Arguments[I];
    if (std::string Absent = absentFeature(A); !Absent.empty())
      return createStringError("'" + Absent +
                               "' is not supported by this back end");
    if (I + 1 < Arguments.size() && applySeparate(A, Arguments[I + 1], O)) {
      ++I;
      continue;
    }
    if (applyFlag(A, O) || applyJoined(A, O) ||
        applyProfileOption(A, O.Profile))
      continue;
    if (A.consume_front("-debug-info-kind="))
      ReducedDebugInfo = A != "line-tables-only" && A != "line-directives-only";
  }

  if (Error E = openProfile(O.Profile))
    return E;
  // For historical reasons clang lets interleaving follow unrolling.
  O.Tuning.LoopInterleaving = O.Tuning.LoopUnrolling;
  O.Tuning.CallGraphProfile = true;
  O.Target.EmitCallSiteInfo = Speed > 0 && ReducedDebugInfo;
  return O;
}

} // namespace art
