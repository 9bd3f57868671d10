// llvm-codegen: LLVM bitcode or textual IR in; optimised bitcode, an object,
// assembly and textual IR out, any of them in one run, with the code that
// clang's own back end would make. README.md describes the command line.
#include "assemble.h"
#include "inspect.h"
#include "options.h"
#include "pipeline.h"
#include "profdata.h"
#include "stop.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Verifier.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"
#include <cstdlib>
#include <unistd.h>

using namespace llvm;
using namespace art;

namespace {

constexpr int ExitFailure = 1, ExitUsage = 2;

struct Job {
  std::string Input, Name, Object, Bitcode, Assembly, IR, Directory;
  std::string Plan, ProfileReport;
  bool Colour = false, Assemble = false, Profiles = false;
  std::vector<StringRef> CC1;
  std::vector<const char *> CC1As, Tool;

  raw_ostream &error() const { return WithColor::error(errs(), Name, !Colour); }
};

[[noreturn]] void usage(StringRef Problem) {
  errs()
      << "llvm-codegen: " << Problem
      << "\nusage: llvm-codegen [--object=F] [--bitcode=F] [--asm=F] [--ir=F]"
         " [--plan=F] [--profile-report=F] [--name=N] [--directory=D] [--color] <input> [-- <cc1 arguments>]\n"
         "       llvm-codegen [--directory=D] [--color] --assemble <cc1as arguments>\n"
         "       llvm-codegen [--directory=D] --profdata merge|show ...\n";
  exit(ExitUsage);
}

Job parseCommandLine(ArrayRef<const char *> Arguments) {
  Job J;
  struct {
    StringRef Name;
    std::string *Value;
  } Paths[] = {{"--object=", &J.Object}, {"--bitcode=", &J.Bitcode},
               {"--asm=", &J.Assembly},  {"--ir=", &J.IR},
               {"--name=", &J.Name},     {"--directory=", &J.Directory},
               {"--plan=", &J.Plan},     {"--profile-report=", &J.ProfileReport}};
  for (size_t I = 0; I < Arguments.size(); ++I) {
    StringRef A = Arguments[I];
    if (A == "--") {
      for (const char *C : Arguments.drop_front(I + 1))
        J.CC1.push_back(C);
      break;
    }
    if (A == "--version") {
      outs() << "llvm-codegen, LLVM " << LLVM_VERSION_STRING << "\n";
      exit(0);
    }
    if (A == "--assemble") {
      J.Assemble = true;
      J.CC1As = Arguments.drop_front(I + 1).vec();
      return J;
    }
    if (A == "--profdata") {
      J.Profiles = true;
      J.Tool = Arguments.drop_front(I + 1).vec();
      return J;
    }
    if (A == "--color") {
      J.Colour = true;
      continue;
    }
    bool Known = false;
    for (auto &P : Paths)
      if (A.starts_with(P.Name)) {
        *P.Value = A.drop_front(P.Name.size()).str();
        Known = true;
      }
    if (Known)
      continue;
    if (A.starts_with("-"))
      usage("unknown option '" + A.str() + "'");
    if (!J.Input.empty())
      usage("more than one input: '" + J.Input + "' and '" + A.str() + "'");
    J.Input = A.str();
  }
  if (J.Input.empty())
    usage("no input");
  if (J.Name.empty())
    J.Name = J.Input;
  return J;
}

/// Back-end diagnostics (inline assembly, frame sizes, unknown features) in
/// clang's format; a program of this kind shows no optimisation remarks.
struct Diagnostics : DiagnosticHandler {
  const Job &J;
  bool IgnoreWarnings = false;
  bool Failed = false;
  explicit Diagnostics(const Job &J) : J(J) {}

  bool handleDiagnostics(const DiagnosticInfo &DI) override {
    if (DI.getSeverity() == DS_Remark ||
        (DI.getSeverity() == DS_Warning && IgnoreWarnings))
      return true;
    if (DI.getSeverity() == DS_Error)
      Failed = true;
    if (auto *Source = dyn_cast<DiagnosticInfoSrcMgr>(&DI)) {
      Source->getSMDiag().print(nullptr, errs(), J.Colour);
      return true;
    }
    raw_ostream &OS = DI.getSeverity() == DS_Error ? J.error()
                      : DI.getSeverity() == DS_Warning
                          ? WithColor::warning(errs(), J.Name, !J.Colour)
                          : WithColor::note(errs(), J.Name, !J.Colour);
    DiagnosticPrinterRawOStream Printer(OS);
    if (auto *Profile = dyn_cast<DiagnosticInfoPGOProfile>(&DI))
      OS << Profile->getMsg(); // else it starts with the module's name again
    else
      DI.print(Printer);
    errs() << "\n";
    return true;
  }
};

/// clang -fembed-bitcode=marker leaves its cc1 arguments, each ended by NUL, in
/// @llvm.cmdline, and an empty @llvm.embedded.module. Takes both out of M.
std::vector<std::string> takeEmbeddedArguments(Module &M) {
  std::vector<std::string> Arguments;
  GlobalVariable *CommandLine = M.getGlobalVariable("llvm.cmdline", true);
  GlobalVariable *Embedded = M.getGlobalVariable("llvm.embedded.module", true);
  if (!CommandLine)
    return Arguments;
  if (auto *Data =
          CommandLine->hasInitializer()
              ? dyn_cast<ConstantDataSequential>(CommandLine->getInitializer())
              : nullptr) {
    SmallVector<StringRef> Parts;
    Data->getRawDataValues().split(Parts, '\0', -1, /*KeepEmpty=*/true);
    if (!Parts.empty())
      Parts.pop_back(); // after the last NUL
    for (StringRef P : Parts)
      Arguments.push_back(P.str());
  }
  removeFromUsedLists(M, [&](Constant *C) {
    Constant *V = C->stripPointerCasts();
    return V == CommandLine || V == Embedded;
  });
  CommandLine->eraseFromParent();
  if (Embedded && Embedded->use_empty())
    Embedded->eraseFromParent();
  return Arguments;
}

void parseLLVMArguments(const std::vector<std::string> &Arguments) {
  if (Arguments.empty())
    return;
  std::vector<const char *> Argv{"clang (LLVM option parsing)"};
  for (const std::string &A : Arguments)
    Argv.push_back(A.c_str());
  cl::ParseCommandLineOptions(Argv.size(), Argv.data());
}

using Output = std::unique_ptr<ToolOutputFile>;

Expected<Output> open(const std::string &Path) {
  std::error_code EC;
  auto File = std::make_unique<ToolOutputFile>(Path, EC, sys::fs::OF_None);
  if (EC)
    return createFileError(Path, EC);
  return File;
}

/// Writes what was asked for. The code generator rewrites the IR, so all that
/// shows IR is written first, and assembly is made from a copy.
Error writeOutputs(const Job &J, Module &M, TargetMachine &Machine,
                   const BackendOptions &Options) {
  SmallVector<char, 0> Bitcode;
  bool Both = !J.Object.empty() && !J.Assembly.empty();
  if (Both || !J.Bitcode.empty()) {
    raw_svector_ostream OS(Bitcode);
    WriteBitcodeToFile(M, OS, /*ShouldPreserveUseListOrder=*/true);
  }
  if (!J.Bitcode.empty()) {
    Expected<Output> File = open(J.Bitcode);
    if (!File)
      return File.takeError();
    (*File)->os().write(Bitcode.data(), Bitcode.size());
    (*File)->keep();
  }
  if (!J.IR.empty()) {
    Expected<Output> File = open(J.IR);
    if (!File)
      return File.takeError();
    M.print((*File)->os(), nullptr);
    (*File)->keep();
  }
  auto EmitTo = [&](const std::string &Path, Module &From,
                    CodeGenFileType Type) -> Error {
    Expected<Output> File = open(Path);
    if (!File)
      return File.takeError();
    if (Error E = emit(From, Machine, Options, Type, (*File)->os()))
      return E;
    (*File)->keep();
    return Error::success();
  };
  if (!J.Object.empty())
    if (Error E = EmitTo(J.Object, M, CodeGenFileType::ObjectFile))
      return E;
  if (J.Assembly.empty())
    return Error::success();
  if (!Both)
    return EmitTo(J.Assembly, M, CodeGenFileType::AssemblyFile);
  Expected<std::unique_ptr<Module>> Copy = parseBitcodeFile(
      MemoryBufferRef(StringRef(Bitcode.data(), Bitcode.size()), J.Name),
      M.getContext());
  if (!Copy)
    return Copy.takeError();
  return EmitTo(J.Assembly, **Copy, CodeGenFileType::AssemblyFile);
}

/// Reads the plan and what the report needs of the profile.
Error openProfiles(const Job &J, const Module &M, const ProfileOptions &O,
                   std::optional<Plan> &Guide, ProfileReport &Report) {
  if (!J.Plan.empty()) {
    ErrorOr<std::unique_ptr<MemoryBuffer>> File = MemoryBuffer::getFile(J.Plan);
    if (!File)
      return createFileError(J.Plan, File.getError());
    Expected<Plan> P = readPlan((*File)->getBuffer());
    if (!P)
      return createFileError(J.Plan, P.takeError());
    Guide = std::move(*P);
  }
  if (J.ProfileReport.empty())
    return Error::success();
  return Report.open(M, O, Guide ? &*Guide : nullptr);
}

Error writeReport(const Job &J, const ProfileReport &Report) {
  if (J.ProfileReport.empty())
    return Error::success();
  Expected<Output> File = open(J.ProfileReport);
  if (!File)
    return File.takeError();
  Report.write((*File)->os());
  (*File)->keep();
  return Error::success();
}

int run(const Job &J) {
  auto Fail = [&](Error E) {
    handleAllErrors(std::move(E), [&](const ErrorInfoBase &Info) {
      J.error() << Info.message() << "\n";
    });
    return ExitFailure;
  };

  LLVMContext Context;
  auto OwnedHandler = std::make_unique<Diagnostics>(J);
  Diagnostics &Handler = *OwnedHandler;
  Context.setDiagnosticHandler(std::move(OwnedHandler));
  // The input's own name must not depend on where it was put.
  ErrorOr<std::unique_ptr<MemoryBuffer>> File = MemoryBuffer::getFile(J.Input);
  if (!File)
    return Fail(createFileError(J.Input, File.getError()));
  SMDiagnostic Problem;
  std::unique_ptr<Module> M =
      parseIR(MemoryBufferRef((*File)->getBuffer(), J.Name), Problem, Context);
  if (!M) {
    Problem.print(nullptr, errs(), J.Colour);
    return ExitFailure;
  }

  std::vector<std::string> Embedded = takeEmbeddedArguments(*M);
  std::vector<StringRef> Arguments(Embedded.begin(), Embedded.end());
  Arguments.insert(Arguments.end(), J.CC1.begin(), J.CC1.end());
  Expected<BackendOptions> Options = parseCC1Arguments(Arguments);
  if (!Options)
    return Fail(Options.takeError());
  Handler.IgnoreWarnings = Options->IgnoreWarnings;
  parseLLVMArguments(Options->LLVMArguments);

  if (!Options->Triple.empty())
    M->setTargetTriple(Triple(Options->Triple));
  if (M->getTargetTriple().empty())
    return Fail(createStringError("the module names no target; pass -triple"));
  auto Machine = createTargetMachine(M->getTargetTriple(), *Options);
  if (!Machine)
    return Fail(Machine.takeError());
  M->setDataLayout((*Machine)->createDataLayout());

  std::string Broken;
  raw_string_ostream BrokenStream(Broken);
  if (verifyModule(*M, &BrokenStream))
    return Fail(createStringError("the module is not valid IR:\n" + Broken));

  std::optional<Plan> Guide;
  ProfileReport Report;
  if (Error E = openProfiles(J, *M, Options->Profile, Guide, Report))
    return Fail(std::move(E));
  optimise(*M, **Machine, *Options, Guide ? &*Guide : nullptr,
           J.ProfileReport.empty() ? nullptr : &Report);
  if (Error E = writeReport(J, Report))
    return Fail(std::move(E));
  if (Error E = writeOutputs(J, *M, **Machine, *Options))
    return Fail(std::move(E));
  return Handler.Failed ? ExitFailure : 0;
}

} // namespace

int main(int argc, char **argv) {
  ArrayRef<const char *> Arguments(argv + 1, argc - 1);
  bool Inspect = !Arguments.empty() && StringRef(Arguments[0]) == "--inspect";
  Job J = Inspect ? Job() : parseCommandLine(Arguments);
  if (!J.Directory.empty() && chdir(J.Directory.c_str()) != 0)
    usage("no directory '" + J.Directory + "'");
  installStopHandlers();
  // Standard error is never a terminal here; the caller says what it wants.
  errs().enable_colors(J.Colour);
  if (J.Colour)
    WithColor::setAutoDetectFunction([](const raw_ostream &) { return true; });
  InitializeAllTargetInfos();
  InitializeAllTargets();
  InitializeAllTargetMCs();
  InitializeAllAsmPrinters();
  InitializeAllAsmParsers();
  int Status = Inspect      ? inspect(Arguments.drop_front())
               : J.Assemble ? assemble(J.CC1As)
               : J.Profiles ? profileTool(J.Tool)
                            : run(J);
  // The instance ends here: tearing LLVM down would only cost time.
  outs().flush();
  errs().flush();
  _Exit(Status);
}
