// Objects are read with LLVM's Object library, modules with its IR reader. What
// comes here may be anything: a malformed file ends in a message, as it does in
// llvm-objdump and llvm-nm.
#include "inspect.h"
#include "inspect_object.h"
#include "stop.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/ModuleSlotTracker.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Object/Binary.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/ToolOutputFile.h"
#include <cstdlib>

using namespace llvm;
using namespace art;

namespace {

constexpr int ExitFailure = 1, ExitUsage = 2;

struct Request {
  StringRef Input, Name, Output;
  bool Disassemble = false, Compare = false;
};

int usage(const Twine &Problem) {
  errs() << "inspect: " << Problem
         << "\nusage: inspect [--disassemble] [--compare]"
            " [--name=N] --output=F <input>\n";
  return ExitUsage;
}

StringRef binding(const GlobalValue &V) {
  if (V.hasLocalLinkage())
    return "local";
  return V.isWeakForLinker() || V.hasExternalWeakLinkage() ? "weak" : "global";
}

StringRef kind(const GlobalValue &V) {
  if (isa<Function>(V))
    return "function";
  if (isa<GlobalIFunc>(V))
    return "ifunc";
  if (auto *Alias = dyn_cast<GlobalAlias>(&V))
    return isa<FunctionType>(Alias->getValueType()) ? "function" : "object";
  return V.isThreadLocal() ? "tls" : "object";
}

/// A definition's text, for comparisons. Numbers of metadata and of attribute
/// groups are left out: they change with everything else in the module.
std::string definition(const GlobalValue &V, ModuleSlotTracker &Slots) {
  std::string Text;
  raw_string_ostream OS(Text);
  V.print(OS, Slots);
  std::string Kept;
  for (size_t I = 0; I < Text.size(); ++I) {
    Kept += Text[I];
    if (Text[I] == '!' || Text[I] == '#')
      while (I + 1 < Text.size() && isDigit(Text[I + 1]))
        ++I;
  }
  return text(Kept);
}

void writeModule(const Module &M, const Request &R, json::OStream &JSON) {
  JSON.attribute("triple", text(M.getTargetTriple().str()));
  JSON.attribute("source", text(M.getSourceFileName()));
  JSON.attributeArray("symbols", [&] {
    ModuleSlotTracker Slots(&M);
    auto Write = [&](const GlobalValue &V) {
      JSON.object([&] {
        JSON.attribute("name", text(V.getName()));
        JSON.attribute("binding", binding(V));
        JSON.attribute("type", kind(V));
        JSON.attribute("defined", !V.isDeclaration());
        if (R.Compare && !V.isDeclaration())
          JSON.attribute("text", definition(V, Slots));
      });
    };
    for (const Function &F : M)
      Write(F);
    for (const GlobalVariable &G : M.globals())
      Write(G);
    for (const GlobalAlias &A : M.aliases())
      Write(A);
    for (const GlobalIFunc &I : M.ifuncs())
      Write(I);
  });
  if (!R.Disassemble)
    return;
  std::string IR;
  raw_string_ostream OS(IR);
  M.print(OS, nullptr);
  JSON.attribute("ir", text(IR));
}

/// Whether a file is for the IR reader: bitcode, with or without its wrapper, or
/// no binary at all.
bool isModule(file_magic Magic) {
  return Magic == file_magic::bitcode || Magic == file_magic::unknown;
}

Error write(const Request &R, MemoryBufferRef File, json::OStream &JSON) {
  if (isModule(identify_magic(File.getBuffer()))) {
    LLVMContext Context;
    SMDiagnostic Problem;
    std::unique_ptr<Module> M = parseIR(File, Problem, Context);
    if (!M)
      return createStringError(
          "is neither an object, bitcode nor textual IR: " + Problem.getMessage());
    JSON.object([&] {
      JSON.attribute("format", isBitcode(reinterpret_cast<const unsigned char *>(
                                             File.getBufferStart()),
                                         reinterpret_cast<const unsigned char *>(
                                             File.getBufferEnd()))
                                   ? "bitcode"
                                   : "ir");
      writeModule(*M, R, JSON);
    });
    return Error::success();
  }
  Expected<std::unique_ptr<object::ObjectFile>> Object =
      object::ObjectFile::createObjectFile(File);
  if (!Object)
    return Object.takeError();
  Error Problem = Error::success();
  JSON.object([&] {
    Problem = inspectObject(**Object, R.Compare, R.Disassemble, JSON);
  });
  return Problem;
}

} // namespace

std::string art::text(StringRef Name) {
  return json::isUTF8(Name) ? Name.str() : json::fixUTF8(Name);
}

int art::inspect(ArrayRef<const char *> Arguments) {
  static Request R; // the handler below needs its name
  for (StringRef A : Arguments) {
    if (A == "--disassemble")
      R.Disassemble = true;
    else if (A == "--compare")
      R.Compare = true;
    else if (A.consume_front("--output="))
      R.Output = A;
    else if (A.consume_front("--name="))
      R.Name = A;
    else if (A.starts_with("-"))
      return usage("unknown option '" + A + "'");
    else if (!R.Input.empty())
      return usage("more than one input: '" + R.Input + "' and '" + A + "'");
    else
      R.Input = A;
  }
  if (R.Input.empty() || R.Output.empty())
    return usage("an input and --output are needed");
  if (R.Name.empty())
    R.Name = R.Input;
  // For the Object library a malformed file is sometimes a fatal error.
  remove_fatal_error_handler();
  install_fatal_error_handler([](void *, const char *Reason, bool) {
    errs() << R.Name << ": " << oneLine(Reason) << "\n";
    errs().flush();
    _Exit(ExitFailure);
  });
  InitializeAllDisassemblers();

  auto Fail = [&](Error E) {
    errs() << R.Name << ": " << oneLine(toString(std::move(E))) << "\n";
    return ExitFailure;
  };
  ErrorOr<std::unique_ptr<MemoryBuffer>> File = MemoryBuffer::getFile(R.Input);
  if (!File)
    return Fail(errorCodeToError(File.getError()));
  std::error_code EC;
  ToolOutputFile Out(R.Output, EC, sys::fs::OF_None);
  if (EC)
    return Fail(createFileError(R.Output, EC));
  json::OStream JSON(Out.os());
  ReadingFile Reading(R.Name);
  if (Error E = write(R, MemoryBufferRef((*File)->getBuffer(), R.Name), JSON)) {
    // The writer checks at its end that all that was opened is closed.
    return Fail(std::move(E));
  }
  Out.keep();
  Out.os().flush();
  return 0;
}
