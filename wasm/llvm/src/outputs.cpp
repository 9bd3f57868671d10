#include "outputs.h"
#include "BackendConsumer.h" // clang's own, beside BackendUtil.cpp
#include "clang/Basic/TargetInfo.h"
#include "clang/CodeGen/ModuleBuilder.h"
#include "clang/Frontend/CompilerInstance.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Transforms/IPO/HotColdSplitting.h"

using namespace clang;
using namespace llvm;

namespace art {
using llvm::Module; // and not clang's

namespace {

struct ApplyPlan : PassInfoMixin<ApplyPlan> {
  const Plan &P;
  explicit ApplyPlan(const Plan &P) : P(P) {}
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    applyPlan(P, M);
    return PreservedAnalyses::none();
  }
  static bool isRequired() { return true; } // at -O0 too
};

struct SplitAsPlanned : PassInfoMixin<SplitAsPlanned> {
  const Plan &P;
  explicit SplitAsPlanned(const Plan &P) : P(P) {}
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &MAM) {
    return splits(P, M) ? HotColdSplittingPass().run(M, MAM)
                        : PreservedAnalyses::all();
  }
};

/// As clang's own, which it keeps to itself: diagnostics of the back end with
/// their places in the source.
class Diagnosing : public DiagnosticHandler {
  const CodeGenOptions &Options;
  BackendConsumer &Consumer;

public:
  Diagnosing(const CodeGenOptions &Options, BackendConsumer &Consumer)
      : Options(Options), Consumer(Consumer) {}
  bool handleDiagnostics(const DiagnosticInfo &DI) override {
    Consumer.DiagnosticHandlerImpl(DI);
    return true;
  }
  bool isAnalysisRemarkEnabled(StringRef Pass) const override {
    return Options.OptimizationRemarkAnalysis.patternMatches(Pass);
  }
  bool isMissedOptRemarkEnabled(StringRef Pass) const override {
    return Options.OptimizationRemarkMissed.patternMatches(Pass);
  }
  bool isPassedOptRemarkEnabled(StringRef Pass) const override {
    return Options.OptimizationRemark.patternMatches(Pass);
  }
  bool isAnyRemarkEnabled() const override {
    return Options.OptimizationRemarkAnalysis.hasValidPattern() ||
           Options.OptimizationRemarkMissed.hasValidPattern() ||
           Options.OptimizationRemark.hasValidPattern();
  }
};

Error writeFile(const std::string &Path,
                function_ref<void(raw_ostream &)> Print) {
  if (Path.empty())
    return Error::success();
  std::error_code EC;
  ToolOutputFile File(Path, EC, sys::fs::OF_None);
  if (EC)
    return createFileError(Path, EC);
  Print(File.os());
  File.keep();
  return Error::success();
}

Expected<Plan> openPlan(const std::string &Path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> File = MemoryBuffer::getFile(Path);
  if (!File)
    return createFileError(Path, File.getError());
  Expected<Plan> P = readPlan((*File)->getBuffer());
  if (!P)
    return createFileError(Path, P.takeError());
  return P;
}

/// LLVM's passes for AArch64 end with the machine outliner, a pass over the
/// whole module: until it runs, all functions' machine code is kept, 100 MB for
/// sqlite3.c. It looks only at functions to be as small as possible.
void omitIdleOutliner(const Module &M) {
  cl::Option *Outliner =
      cl::getRegisteredOptions().lookup("enable-machine-outliner");
  bool Asked = !Outliner || Outliner->getNumOccurrences() != 0;
  if (!Asked && none_of(M, [](const Function &F) { return F.hasMinSize(); }))
    Outliner->addOccurrence(0, Outliner->ArgStr, "never");
}

} // namespace

void report(DiagnosticsEngine &Diagnostics, Error E) {
  unsigned Message =
      Diagnostics.getCustomDiagID(DiagnosticsEngine::Error, "%0");
  handleAllErrors(std::move(E), [&](const ErrorInfoBase &Info) {
    Diagnostics.Report(Message) << Info.message();
  });
}

bool OutputsAction::BeginSourceFileAction(CompilerInstance &CI) {
  CodeGenOptions &Options = CI.getCodeGenOpts();
  if (!Wanted.Plan.empty()) {
    Expected<Plan> P = openPlan(Wanted.Plan);
    if (!P) {
      report(CI.getDiagnostics(), P.takeError());
      return false;
    }
    Guide = std::move(*P);
  }
  if (!Wanted.ProfileReport.empty()) {
    Expected<ProfileReport> R = ProfileReport::open(
        Options.ProfileInstrumentUsePath, Options.SampleProfileFile,
        Options.hasProfileClangUse(), Guide ? &*Guide : nullptr);
    if (!R) {
      report(CI.getDiagnostics(), R.takeError());
      return false;
    }
    Report = std::move(*R);
  }
  Options.PassBuilderCallbacks.push_back(
      [this](PassBuilder &PB) { steer(PB); });
  return CodeGenAction::BeginSourceFileAction(CI);
}

/// Called when the module is made, and before any pass.
void OutputsAction::steer(PassBuilder &PB) {
  if (Report)
    Report->watch(*PB.getPassInstrumentationCallbacks());
  if (!Guide)
    return;
  PB.registerPipelineStartEPCallback(
      [this](ModulePassManager &MPM, OptimizationLevel) {
        MPM.addPass(ApplyPlan(*Guide));
      });
  PB.registerOptimizerLastEPCallback(
      [this](ModulePassManager &MPM, OptimizationLevel, ThinOrFullLTOPhase) {
        MPM.addPass(SplitAsPlanned(*Guide));
      });
}

void OutputsAction::ExecuteAction() {
  CodeGenAction::ExecuteAction();
  CompilerInstance &CI = getCompilerInstance();
  std::unique_ptr<Module> OfIR = takeModule();
  Module *M = OfIR ? OfIR.get() : BEConsumer ? BEConsumer->getModule() : nullptr;
  if (!M || CI.getDiagnostics().hasErrorOccurred())
    return;
  if (Guide)
    finishPlan(*Guide, *M);
  std::unique_ptr<BackendConsumer> OwnConsumer;
  if (!BEConsumer)
    OwnConsumer.reset(new BackendConsumer(
        CI, Backend_EmitNothing, CI.getVirtualFileSystemPtr(), M->getContext(),
        {}, "", nullptr, nullptr, M));
  M->getContext().setDiagnosticHandler(std::make_unique<Diagnosing>(
      CI.getCodeGenOpts(), OwnConsumer ? *OwnConsumer : *BEConsumer));
  if (Error E = write(*M))
    report(CI.getDiagnostics(), std::move(E));
  M->getContext().setDiagnosticHandler(std::make_unique<DiagnosticHandler>());
}

/// The code generator rewrites the IR, so all that shows IR is written first,
/// and assembly is made from a copy.
Error OutputsAction::write(Module &M) {
  bool Both = !Wanted.Object.empty() && !Wanted.Assembly.empty();
  SmallVector<char, 0> Bitcode;
  if (Both || !Wanted.Bitcode.empty()) {
    raw_svector_ostream OS(Bitcode);
    WriteBitcodeToFile(M, OS, /*ShouldPreserveUseListOrder=*/true);
  }
  StringRef Copy(Bitcode.data(), Bitcode.size());
  if (Error E = writeFile(Wanted.Bitcode, [&](raw_ostream &OS) { OS << Copy; }))
    return E;
  if (Error E = writeFile(Wanted.IR,
                          [&](raw_ostream &OS) { M.print(OS, nullptr); }))
    return E;
  if (Report)
    if (Error E = writeFile(Wanted.ProfileReport,
                            [&](raw_ostream &OS) { Report->write(OS); }))
      return E;
  if (Error E = generate(M, Backend_EmitObj, Wanted.Object))
    return E;
  if (!Both)
    return generate(M, Backend_EmitAssembly, Wanted.Assembly);
  auto Again = parseBitcodeFile(MemoryBufferRef(Copy, M.getName()),
                                M.getContext());
  return Again ? generate(**Again, Backend_EmitAssembly, Wanted.Assembly)
               : Again.takeError();
}

/// The code generator alone, set up by clang.
Error OutputsAction::generate(Module &M, BackendAction Kind,
                              const std::string &Path) {
  if (Path.empty())
    return Error::success();
  std::error_code EC;
  auto File = std::make_unique<raw_fd_ostream>(Path, EC, sys::fs::OF_None);
  if (EC)
    return createFileError(Path, EC);
  CompilerInstance &CI = getCompilerInstance();
  CodeGenOptions Options = CI.getCodeGenOpts();
  Options.DisableLLVMPasses = true; // they have run
  Options.VerifyModule = false;
  Options.PassBuilderCallbacks.clear();
  // Options of LLVM that clang passes on, and that may be given but once.
  Options.DebugPass.clear();
  Options.LimitFloatPrecision.clear();
  omitIdleOutliner(M);
  emitBackendOutput(CI, Options, CI.getTarget().getDataLayoutString(), &M, Kind,
                    CI.getVirtualFileSystemPtr(), std::move(File), BEConsumer);
  return Error::success();
}

} // namespace art
