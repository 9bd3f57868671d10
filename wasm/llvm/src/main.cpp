// LLVM as one program, like its own `llvm`: argv[0] names the tool. README.md
// describes those that are ours.
#include "compile.h"
#include "inspect.h"
#include "profdata.h"
#include "stop.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/LLVMDriver.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <unistd.h>

using namespace llvm;

int clang_main(int argc, char **argv, const ToolContext &);
int clang_scan_deps_main(int argc, char **argv, const ToolContext &);
int llvm_ar_main(int argc, char **argv, const ToolContext &);
int llvm_nm_main(int argc, char **argv, const ToolContext &);
int llvm_objcopy_main(int argc, char **argv, const ToolContext &);
LLD_HAS_DRIVER(coff)
LLD_HAS_DRIVER(elf)
LLD_HAS_DRIVER(mingw)
LLD_HAS_DRIVER(wasm)
namespace lld {
int unsafeLldMain(ArrayRef<const char *> Arguments, raw_ostream &Out,
                  raw_ostream &Error, ArrayRef<DriverDef> Drivers,
                  bool ExitEarly);
} // namespace lld

namespace {

constexpr int ExitUsage = 2;

using Arguments = MutableArrayRef<char *>;

int runLinker(Arguments A) {
  ArrayRef<const char *> Words(A.data(), A.size());
  return lld::unsafeLldMain(
      Words, outs(), errs(),
      {{lld::Gnu, &lld::elf::link},
       {lld::MinGW, &lld::mingw::link},
       {lld::WinLink, &lld::coff::link},
       {lld::Wasm, &lld::wasm::link}},
      /*ExitEarly=*/true);
}

template <int Main(int, char **, const ToolContext &)> int run(Arguments A) {
  return Main(A.size(), A.data(), {A[0], nullptr, false});
}

int compileUsage(const Twine &Problem) {
  errs() << "compile: " << Problem
         << "\nusage: compile [--object=F] [--bitcode=F] [--asm=F] [--ir=F]"
            " [--plan=F] [--profile-report=F] -- clang <arguments of clang's driver>\n";
  return ExitUsage;
}

int runCompile(Arguments A) {
  art::Outputs Wanted;
  std::pair<StringRef, std::string *> Options[] = {
      {"--object=", &Wanted.Object},   {"--bitcode=", &Wanted.Bitcode},
      {"--asm=", &Wanted.Assembly},    {"--ir=", &Wanted.IR},
      {"--plan=", &Wanted.Plan},       {"--profile-report=", &Wanted.ProfileReport}};
  for (size_t I = 1; I < A.size(); ++I) {
    StringRef Word = A[I];
    if (Word == "--")
      return I + 1 == A.size()
                 ? compileUsage("nothing after '--'")
                 : art::compile(ArrayRef<const char *>(A.data(), A.size()).drop_front(I + 1),
                                Wanted);
    auto *Known = find_if(Options, [&](auto &O) { return Word.starts_with(O.first); });
    if (Known == std::end(Options))
      return compileUsage("unknown option '" + Word + "'");
    *Known->second = Word.drop_front(Known->first.size()).str();
  }
  return compileUsage("no '--'");
}

using Tool = int (*)(Arguments);

Tool toolNamed(StringRef Name) {
  return StringSwitch<Tool>(Name)
      .Cases({"clang", "clang++"}, run<clang_main>)
      .Case("clang-scan-deps", run<clang_scan_deps_main>)
      .Cases({"ld.lld", "lld-link", "wasm-ld"}, runLinker)
      .Cases({"ar", "dlltool", "lib", "ranlib"}, run<llvm_ar_main>)
      .Case("nm", run<llvm_nm_main>)
      .Cases({"objcopy", "strip"}, run<llvm_objcopy_main>)
      .Case("compile", runCompile)
      .Case("inspect",
            [](Arguments A) {
              return art::inspect(ArrayRef<const char *>(A.data(), A.size()).drop_front());
            })
      .Case("profdata",
            [](Arguments A) {
              return art::profileTool(ArrayRef<const char *>(A.data(), A.size()).drop_front());
            })
      .Default(nullptr);
}

} // namespace

extern "C" void initialiseLLVM() {
  InitializeAllTargetInfos();
  InitializeAllTargets();
  InitializeAllTargetMCs();
  InitializeAllAsmPrinters();
  InitializeAllAsmParsers();
}

int main(int argc, char **argv) {
  // A program of WASI starts at '/'.
  if (const char *Directory = getenv("PWD"))
    if (chdir(Directory) != 0) {
      errs() << "llvm: no directory '" << Directory << "'\n";
      return ExitUsage;
    }
  Arguments A(argv, argc);
  Tool Run = argc > 0 ? toolNamed(sys::path::filename(argv[0])) : nullptr;
  if (!Run) {
    errs() << "llvm: unknown tool\n";
    return ExitUsage;
  }
  art::installStopHandlers();
  int Status = Run(A);
  // The instance ends here: tearing LLVM down would only cost time.
  outs().flush();
  errs().flush();
  _Exit(Status);
}
