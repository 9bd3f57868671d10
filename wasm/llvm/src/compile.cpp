// Follows clang/tools/driver/driver.cpp and cc1_main.cpp of LLVM 22.1.8.
#include "compile.h"
#include "outputs.h"
#include "profile_check.h"
#include "clang/Basic/DiagnosticFrontend.h"
#include "clang/CodeGen/ObjectFilePCHContainerWriter.h"
#include "clang/Driver/Compilation.h"
#include "clang/Driver/Driver.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/TextDiagnosticBuffer.h"
#include "clang/Frontend/TextDiagnosticPrinter.h"
#include "clang/FrontendTool/Utils.h"
#include "clang/Serialization/ObjectFilePCHContainerReader.h"
#include "llvm/Support/BuryPointer.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/TimeProfiler.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "llvm/TargetParser/Host.h"

using namespace clang;
using namespace llvm;

namespace {

constexpr int ExitFailure = 1, ExitInternal = 70;

/// LLVM's fatal errors, in clang's words.
void reportFatalError(void *Diagnostics, const char *Message, bool Internal) {
  static_cast<DiagnosticsEngine *>(Diagnostics)
      ->Report(diag::err_fe_error_backend)
      << Message;
  errs().flush();
  _Exit(Internal ? ExitInternal : ExitFailure);
}

/// LLVM's readers trust the offsets in a profile, and clang reads it while it
/// parses its arguments. \returns what is wrong with one that they name
Error checkProfiles(ArrayRef<const char *> Arguments) {
  for (StringRef A : Arguments) {
    bool Sample = A.consume_front("-fprofile-sample-use=");
    if (!Sample && !A.consume_front("-fprofile-instrument-use-path="))
      continue;
    ErrorOr<std::unique_ptr<MemoryBuffer>> B = MemoryBuffer::getFile(A);
    if (!B)
      continue; // clang says so
    if (Error E = Sample ? art::checkSampleProfile(**B)
                         : art::checkInstrProfile(**B))
      return createStringError("Error in reading profile " + A + ": " +
                               toString(std::move(E)));
  }
  return Error::success();
}

/// As ExecuteCompilerInvocation, for -mllvm.
void parseLLVMArguments(CompilerInstance &CI) {
  std::vector<const char *> Arguments{"clang (LLVM option parsing)"};
  for (const std::string &A : CI.getFrontendOpts().LLVMArgs)
    Arguments.push_back(A.c_str());
  if (Arguments.size() > 1)
    cl::ParseCommandLineOptions(Arguments.size(), Arguments.data(), "", nullptr,
                                &CI.getVirtualFileSystem());
}

bool execute(CompilerInstance &CI, const art::Outputs *Wanted) {
  TimeTraceScope Scope("ExecuteCompiler");
  if (!Wanted || CI.getFrontendOpts().ProgramAction != frontend::EmitObj)
    return ExecuteCompilerInvocation(&CI);
  parseLLVMArguments(CI);
  auto Action = std::make_unique<art::OutputsAction>(*Wanted);
  bool Success = CI.ExecuteAction(*Action);
  BuryPointer(std::move(Action));
  return Success;
}

/// What -ftime-trace asks for.
void writeTimeTrace(CompilerInstance &CI) {
  if (std::unique_ptr<raw_pwrite_stream> OS = CI.createOutputFile(
          CI.getFrontendOpts().TimeTracePath, /*Binary=*/false,
          /*RemoveFileOnSignal=*/false, /*UseTemporary=*/false))
    timeTraceProfilerWrite(*OS);
  CI.clearOutputFiles(/*EraseFiles=*/false);
}

/// Arguments begin with "-cc1".
int runCC1(ArrayRef<const char *> Arguments, const char *Program,
           const art::Outputs *Wanted) {
  auto Containers = std::make_shared<PCHContainerOperations>();
  Containers->registerWriter(std::make_unique<ObjectFilePCHContainerWriter>());
  Containers->registerReader(std::make_unique<ObjectFilePCHContainerReader>());

  // Until there are options for how to print them.
  DiagnosticOptions EarlyOptions;
  auto *Early = new TextDiagnosticBuffer;
  DiagnosticsEngine EarlyDiagnostics(DiagnosticIDs::create(), EarlyOptions,
                                     Early);
  Error Unsound = checkProfiles(Arguments);
  auto Invocation = std::make_shared<CompilerInvocation>();
  bool Sound = !Unsound && CompilerInvocation::CreateFromArgs(
                               *Invocation, Arguments, EarlyDiagnostics, Program);
  auto CI = std::make_unique<CompilerInstance>(std::move(Invocation),
                                               std::move(Containers));
  const FrontendOptions &Options = CI->getFrontendOpts();
  if (!Options.TimeTracePath.empty())
    timeTraceProfilerInitialize(Options.TimeTraceGranularity, Program,
                                Options.TimeTraceVerbose);
  CI->createVirtualFileSystem(vfs::getRealFileSystem(), Early);
  CI->createDiagnostics();
  DiagnosticsEngine &Diagnostics = CI->getDiagnostics();
  install_fatal_error_handler(reportFatalError, &Diagnostics);
  Early->FlushDiagnostics(Diagnostics);
  if (Unsound)
    art::report(Diagnostics, std::move(Unsound));
  else if (Sound) {
    Sound = execute(*CI, Wanted);
    if (timeTraceProfilerEnabled())
      writeTimeTrace(*CI);
  }
  if (!Sound)
    CI->getDiagnosticClient().finish();
  BuryPointer(std::move(CI)); // the process ends here
  return Sound ? 0 : ExitFailure;
}

int runJob(const clang::driver::Command &Job, const char *Program,
           const art::Outputs &Wanted) {
  cl::ResetAllOptionOccurrences();
  ArrayRef<const char *> Arguments = Job.getArguments();
  StringRef Tool = Arguments.empty() ? "" : Arguments.front();
  if (Tool == "-cc1")
    return runCC1(Arguments, Program, &Wanted);
  if (Tool == "-cc1as")
    return cc1as_main(Arguments.drop_front(), Program, nullptr);
  errs() << "clang: error: one of the flags makes clang's driver run '"
         << Job.getExecutable()
         << "', which cannot be run here: only the compiler and the assembler can\n";
  return ExitFailure;
}

} // namespace

int cc1_main(ArrayRef<const char *> Arguments, const char *Program, void *) {
  return runCC1(Arguments, Program, nullptr);
}

namespace art {

int compile(ArrayRef<const char *> Arguments, const Outputs &Wanted) {
  auto Files = vfs::getRealFileSystem();
  std::unique_ptr<DiagnosticOptions> Options =
      CreateAndPopulateDiagOpts(Arguments);
  auto *Printer = new TextDiagnosticPrinter(errs(), *Options);
  Printer->setPrefix("clang");
  DiagnosticsEngine Diagnostics(DiagnosticIDs::create(), *Options, Printer);
  ProcessWarningOptions(Diagnostics, *Options, *Files, /*ReportDiags=*/false);
  clang::driver::Driver Driver("clang", sys::getDefaultTargetTriple(), Diagnostics,
                        "clang LLVM compiler", Files);
  std::unique_ptr<clang::driver::Compilation> Plan(
      Driver.BuildCompilation(Arguments));
  if (!Plan || Plan->containsError())
    return ExitFailure;
  int Status = 0;
  for (const clang::driver::Command &Job : Plan->getJobs())
    if (Status == 0)
      Status = runJob(Job, "clang", Wanted);
  Diagnostics.getClient()->finish();
  return Status;
}

} // namespace art
