// Follows EmitAssemblyHelper in clang/lib/CodeGen/BackendUtil.cpp
// (LLVM 22.1.8).
#include "pipeline.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/RuntimeLibcallInfo.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Passes/StandardInstrumentations.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/PGOOptions.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Transforms/IPO/HotColdSplitting.h"
#include "llvm/Transforms/Instrumentation/InstrProfiling.h"

using namespace llvm;

namespace art {
namespace {

void addAssignmentTracking(PassBuilder &PB, const BackendOptions &Options) {
  if (Options.Tracking == AssignmentTracking::Disabled)
    return;
  bool Forced = Options.Tracking == AssignmentTracking::Forced;
  // As clang does: the feature is off under LLDB tuning (llvm.org/PR43126).
  if (!Forced && Options.Target.DebuggerTuning == DebuggerKind::LLDB)
    return;
  PB.registerPipelineStartEPCallback(
      [Forced](ModulePassManager &MPM, OptimizationLevel Level) {
        if (Forced || Level != OptimizationLevel::O0)
          MPM.addPass(AssignmentTrackingPass());
      });
}

/// Counters that the front end wrote become loads and stores.
void addInstrumentationLowering(PassBuilder &PB, const BackendOptions &Options) {
  std::optional<InstrProfOptions> I = instrumentationOptions(Options.Profile);
  if (!I)
    return;
  PB.registerPipelineStartEPCallback(
      [I](ModulePassManager &MPM, OptimizationLevel) {
        MPM.addPass(InstrProfilingLoweringPass(*I, /*IsCS=*/false));
      });
}

} // namespace

Expected<std::unique_ptr<TargetMachine>>
createTargetMachine(const Triple &Triple, const BackendOptions &Options) {
  std::string Problem;
  const Target *T = TargetRegistry::lookupTarget(Triple, Problem);
  if (!T)
    return createStringError("no code generator for '" + Triple.str() +
                             "': this back end has x86_64 and aarch64");
  std::unique_ptr<TargetMachine> Machine(T->createTargetMachine(
      Triple, Options.CPU, join(Options.Features, ","), Options.Target,
      Options.Relocation, Options.CodeModel, Options.CodeGenLevel));
  if (!Machine)
    return createStringError("cannot set up a code generator for '" +
                             Triple.str() + "'");
  Machine->setLargeDataThreshold(Options.LargeDataThreshold);
  Machine->setPGOOption(pgoOptions(Options.Profile));
  return Machine;
}

void optimise(Module &M, TargetMachine &Machine, const BackendOptions &Options,
              const Plan *Guide, ProfileReport *Report) {
  if (Guide)
    applyPlan(*Guide, M);
  LoopAnalysisManager LAM;
  FunctionAnalysisManager FAM;
  CGSCCAnalysisManager CGAM;
  ModuleAnalysisManager MAM;
  PassInstrumentationCallbacks PIC;
  StandardInstrumentations SI(M.getContext(), /*DebugLogging=*/false);
  SI.registerCallbacks(PIC, &MAM);
  if (Report)
    Report->watch(M, PIC);
  PassBuilder PB(&Machine, Options.Tuning, pgoOptions(Options.Profile), &PIC);
  addAssignmentTracking(PB, Options);
  addInstrumentationLowering(PB, Options);
  if (Guide && splits(*Guide, M))
    PB.registerOptimizerLastEPCallback(
        [](ModulePassManager &MPM, OptimizationLevel, ThinOrFullLTOPhase) {
          MPM.addPass(HotColdSplittingPass());
        });

  TargetLibraryInfoImpl TLII(M.getTargetTriple(), Options.Target.VecLib);
  FAM.registerPass([&] { return TargetLibraryAnalysis(TLII); });
  PB.registerModuleAnalyses(MAM);
  PB.registerCGSCCAnalyses(CGAM);
  PB.registerFunctionAnalyses(FAM);
  PB.registerLoopAnalyses(LAM);
  PB.crossRegisterProxies(LAM, FAM, CGAM, MAM);
  PB.buildPerModuleDefaultPipeline(Options.Level).run(M, MAM);
  if (Guide)
    finishPlan(*Guide, M);
}

Error emit(Module &M, TargetMachine &Machine, const BackendOptions &Options,
           CodeGenFileType Type, raw_pwrite_stream &Out) {
  legacy::PassManager Passes;
  Passes.add(
      createTargetTransformInfoWrapperPass(Machine.getTargetIRAnalysis()));
  TargetLibraryInfoImpl TLII(M.getTargetTriple(), Options.Target.VecLib);
  Passes.add(new TargetLibraryInfoWrapperPass(TLII));
  const TargetOptions &T = Machine.Options;
  Passes.add(new RuntimeLibraryInfoWrapper(
      M.getTargetTriple(), T.ExceptionModel, T.FloatABIType, T.EABIVersion,
      T.MCOptions.ABIName, T.VecLib));

  std::unique_ptr<ToolOutputFile> Dwo;
  if (!Options.SplitDwarfOutput.empty() &&
      Type == CodeGenFileType::ObjectFile) {
    std::error_code EC;
    Dwo = std::make_unique<ToolOutputFile>(Options.SplitDwarfOutput, EC,
                                           sys::fs::OF_None);
    if (EC)
      return createFileError(Options.SplitDwarfOutput, EC);
  }
  if (Machine.addPassesToEmitFile(Passes, Out, Dwo ? &Dwo->os() : nullptr, Type,
                                  /*DisableVerify=*/true))
    return createStringError("this target cannot write that kind of file");
  Passes.run(M);
  if (Dwo)
    Dwo->keep();
  return Error::success();
}

} // namespace art
