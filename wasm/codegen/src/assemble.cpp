// Follows clang/tools/driver/cc1as_main.cpp of LLVM 22.1.8.
#include "assemble.h"
#include "assemble_options.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCAsmBackend.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCCodeEmitter.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCObjectFileInfo.h"
#include "llvm/MC/MCObjectWriter.h"
#include "llvm/MC/MCParser/MCAsmParser.h"
#include "llvm/MC/MCParser/MCTargetAsmParser.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCStreamer.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormattedStream.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "llvm/Support/WithColor.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace art;

namespace {

int fail(const Twine &Message) {
  WithColor::error(errs(), "clang -cc1as") << Message << "\n";
  return 1;
}

/// The context's view of debug info, from the options.
void describeDebugInfo(MCContext &Context, const AssemblerInvocation &N, StringRef Source) {
  Context.setGenDwarfForAssembly(N.GenerateDwarf);
  Context.setDwarfDebugFlags(N.DebugFlags);
  Context.setDwarfDebugProducer(N.Producer);
  Context.setCompilationDir(N.CompilationDirectory);
  for (auto &[From, To] : N.DebugPrefixMap)
    Context.addDebugPrefixMapEntry(From, To);
  if (!N.MainFileName.empty())
    Context.setMainFileName(N.MainFileName);
  Context.setDwarfFormat(N.Dwarf64 ? dwarf::DWARF64 : dwarf::DWARF32);
  Context.setDwarfVersion(N.DwarfVersion);
  if (N.GenerateDwarf)
    Context.setGenDwarfRootFile(N.Input, Source);
}

int run(const AssemblerInvocation &N) {
  std::string Problem;
  const Target *T = TargetRegistry::lookupTarget(N.Target, Problem);
  if (!T)
    return fail("unknown target triple '" + N.Target.str() + "'");
  ErrorOr<std::unique_ptr<MemoryBuffer>> Buffer =
      MemoryBuffer::getFileOrSTDIN(N.Input, /*IsText=*/true);
  if (!Buffer)
    return fail("error reading '" + N.Input + "': " + Buffer.getError().message());

  SourceMgr Sources;
  StringRef Source = (*Buffer)->getBuffer();
  Sources.AddNewSourceBuffer(std::move(*Buffer), SMLoc());
  Sources.setIncludeDirs(N.IncludePaths);
  Sources.setVirtualFileSystem(vfs::getRealFileSystem());

  MCTargetOptions Options = N.Early;
  std::unique_ptr<MCRegisterInfo> Registers(T->createMCRegInfo(N.Target));
  std::unique_ptr<MCAsmInfo> AsmInfo(
      T->createMCAsmInfo(*Registers, N.Target, Options));
  std::string Features = join(N.Features, ",");
  std::unique_ptr<MCSubtargetInfo> Subtarget(
      T->createMCSubtargetInfo(N.Target, N.CPU, Features));
  if (!Subtarget)
    return fail("unable to create subtarget '" + N.CPU + "' " + Features);

  std::error_code EC;
  ToolOutputFile Out(N.Output, EC, sys::fs::OF_None);
  if (EC)
    return fail("unable to open output file '" + N.Output + "': '" + EC.message() + "'");

  MCContext Context(N.Target, AsmInfo.get(), Registers.get(), Subtarget.get(),
                    &Sources, &Options);
  std::unique_ptr<MCObjectFileInfo> Sections(
      T->createMCObjectFileInfo(Context, N.RelocationModel == "pic"));
  Context.setObjectFileInfo(Sections.get());
  describeDebugInfo(Context, N, Source);

  Options.MCNoWarn = N.Late.MCNoWarn;
  Options.MCFatalWarnings = N.Late.MCFatalWarnings;
  Options.MCNoTypeCheck = N.Late.MCNoTypeCheck;
  Options.ShowMCInst = N.Late.ShowMCInst;
  Options.ABIName = N.Late.ABIName;
  Options.AsmVerbose = true;
  Options.MCUseDwarfDirectory = MCTargetOptions::EnableDwarfDirectory;

  std::unique_ptr<MCInstrInfo> Instructions(T->createMCInstrInfo());
  std::unique_ptr<MCAsmBackend> Backend(
      T->createMCAsmBackend(*Subtarget, *Registers, Options));
  std::unique_ptr<MCCodeEmitter> Emitter;
  if (N.Type == FileType::Object || N.ShowEncoding)
    Emitter.reset(T->createMCCodeEmitter(*Instructions, Context));
  // A pipe, such as standard output, cannot be sought in.
  SmallVector<char, 0> Object;
  raw_svector_ostream ObjectStream(Object);
  std::unique_ptr<MCStreamer> Streamer;
  if (N.Type == FileType::Null)
    Streamer.reset(createNullStreamer(Context));
  else if (N.Type == FileType::Assembly)
    Streamer.reset(T->createAsmStreamer(
        Context, std::make_unique<formatted_raw_ostream>(Out.os()),
        std::unique_ptr<MCInstPrinter>(T->createMCInstPrinter(
            N.Target, N.OutputVariant, *AsmInfo, *Instructions, *Registers)),
        std::move(Emitter), std::move(Backend)));
  else {
    std::unique_ptr<MCObjectWriter> Writer = Backend->createObjectWriter(ObjectStream);
    Streamer.reset(T->createMCObjectStreamer(N.Target, Context, std::move(Backend),
                                             std::move(Writer), std::move(Emitter),
                                             *Subtarget));
    if (N.Target.isOSBinFormatMachO() && N.Target.isOSDarwin())
      Streamer->emitVersionForTarget(N.Target, VersionTuple(), nullptr, VersionTuple());
  }

  std::unique_ptr<MCAsmParser> Parser(
      createMCAsmParser(Sources, Context, *Streamer, *AsmInfo));
  std::unique_ptr<MCTargetAsmParser> TargetParser(
      T->createMCAsmParser(*Subtarget, *Parser, *Instructions, Options));
  if (!TargetParser)
    return fail("no assembler for '" + N.Target.str() + "'");
  for (StringRef Definition : N.SymbolDefinitions) {
    auto [Name, Text] = Definition.split('=');
    int64_t Value = 0;
    Text.getAsInteger(0, Value); // checked by clang's driver
    Context.setSymbolValue(Parser->getStreamer(), Name, Value);
  }
  Parser->setTargetParser(*TargetParser);
  if (Parser->Run(N.NoInitialTextSection))
    return 1;
  Out.os().write(Object.data(), Object.size());
  Out.keep();
  return 0;
}

} // namespace

int art::assemble(ArrayRef<const char *> Arguments) {
  Expected<AssemblerInvocation> N = parseCC1AsArguments(Arguments);
  if (!N)
    return fail(toString(N.takeError()));
  if (!N->LLVMArguments.empty()) {
    std::vector<const char *> Argv{"clang (LLVM option parsing)"};
    for (const std::string &A : N->LLVMArguments)
      Argv.push_back(A.c_str());
    cl::ParseCommandLineOptions(Argv.size(), Argv.data());
  }
  return run(*N);
}
