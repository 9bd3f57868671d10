// Follows the profile parts of RunOptimizationPipeline and getInstrProfOptions
// in clang/lib/CodeGen/BackendUtil.cpp, of Options.td, and of addPGOAndCoverageFlags
// in clang/lib/Driver/ToolChains/Clang.cpp (LLVM 22.1.8).
#include "profile_options.h"
#include "profile_check.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ProfileData/InstrProfCorrelator.h"
#include "llvm/ProfileData/InstrProfReader.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace llvm {
extern cl::opt<InstrProfCorrelator::ProfCorrelatorKind> ProfileCorrelate;
} // namespace llvm

namespace art {
namespace {

// An -mllvm option that clang itself defines.
cl::opt<PGOOptions::ColdFuncOpt> ColdFunctions(
    "pgo-cold-func-opt", cl::init(PGOOptions::ColdFuncOpt::Default), cl::Hidden,
    cl::values(clEnumValN(PGOOptions::ColdFuncOpt::Default, "default", ""),
               clEnumValN(PGOOptions::ColdFuncOpt::OptSize, "optsize", ""),
               clEnumValN(PGOOptions::ColdFuncOpt::MinSize, "minsize", ""),
               clEnumValN(PGOOptions::ColdFuncOpt::OptNone, "optnone", "")));

ProfileKind kind(StringRef Value) {
  return StringSwitch<ProfileKind>(Value)
      .Case("clang", ProfileKind::FrontEnd)
      .Case("llvm", ProfileKind::IR)
      .Case("csllvm", ProfileKind::ContextSensitiveIR)
      .Default(ProfileKind::None); // sample-coldcov, which -mllvm options do
}

/// Where an instrumented program writes its profile.
std::string outputName(const ProfileOptions &O) {
  std::string Name = O.InstrumentPath;
  if (Name.empty())
    Name = ProfileCorrelate != InstrProfCorrelator::NONE ? "default_%m.proflite"
                                                         : "default_%m.profraw";
  return O.Continuous ? "%c" + Name : Name;
}

} // namespace

bool applyProfileOption(StringRef A, ProfileOptions &O) {
  if (A.consume_front("-fprofile-instrument="))
    O.Instrument = kind(A);
  else if (A.consume_front("-fprofile-instrument-path="))
    O.InstrumentPath = A.str();
  else if (A.consume_front("-fprofile-instrument-use="))
    O.Use = kind(A);
  else if (A.consume_front("-fprofile-instrument-use-path="))
    O.UsePath = A.str();
  else if (A.consume_front("-fprofile-sample-use="))
    O.SampleFile = A.str();
  else if (A.consume_front("-fprofile-remapping-file="))
    O.RemappingFile = A.str();
  else if (A.starts_with("-fprofile-update="))
    O.Atomic = true; // a flag to cc1, which records it without its value
  else if (A == "-fprofile-continuous")
    O.Continuous = true;
  else if (A == "-fdebug-info-for-profiling")
    O.DebugInfoForProfiling = true;
  else if (A == "-fpseudo-probe-for-profiling")
    O.PseudoProbes = true;
  else if (A == "-disable-red-zone")
    O.NoRedZone = true;
  else
    return false;
  return true;
}

Error openProfile(ProfileOptions &O) {
  auto Fail = [](StringRef Path, Error E) {
    return createStringError("Error in reading profile " + Path + ": " +
                             toString(std::move(E)));
  };
  for (const std::string &Path : {O.UsePath, O.SampleFile}) {
    if (Path.empty())
      continue;
    bool Sample = Path == O.SampleFile;
    ErrorOr<std::unique_ptr<MemoryBuffer>> B = MemoryBuffer::getFile(Path);
    if (!B)
      return Fail(Path, errorCodeToError(B.getError()));
    if (Error E = Sample ? checkSampleProfile(**B) : checkInstrProfile(**B))
      return Fail(Path, std::move(E));
    if (Sample || O.Use != ProfileKind::None)
      continue;
    auto Reader = IndexedInstrProfReader::create(std::move(*B));
    if (!Reader)
      return Fail(Path, Reader.takeError());
    O.Use = (*Reader)->hasCSIRLevelProfile() ? ProfileKind::ContextSensitiveIR
            : (*Reader)->isIRLevelProfile()  ? ProfileKind::IR
                                             : ProfileKind::FrontEnd;
  }
  return Error::success();
}

std::optional<PGOOptions> pgoOptions(const ProfileOptions &O) {
  std::optional<PGOOptions> Result;
  if (O.Instrument == ProfileKind::IR)
    Result = PGOOptions(outputName(O), "", "", "", PGOOptions::IRInstr,
                        PGOOptions::NoCSAction, ColdFunctions,
                        O.DebugInfoForProfiling,
                        /*PseudoProbeForProfiling=*/false, O.Atomic);
  else if (O.Use == ProfileKind::IR ||
           O.Use == ProfileKind::ContextSensitiveIR)
    Result = PGOOptions(O.UsePath, "", O.RemappingFile, "", PGOOptions::IRUse,
                        O.Use == ProfileKind::IR ? PGOOptions::NoCSAction
                                                 : PGOOptions::CSIRUse,
                        ColdFunctions, O.DebugInfoForProfiling);
  else if (!O.SampleFile.empty())
    Result = PGOOptions(O.SampleFile, "", O.RemappingFile, "",
                        PGOOptions::SampleUse, PGOOptions::NoCSAction,
                        ColdFunctions, O.DebugInfoForProfiling, O.PseudoProbes);
  else if (O.PseudoProbes || O.DebugInfoForProfiling)
    Result = PGOOptions("", "", "", "", PGOOptions::NoAction,
                        PGOOptions::NoCSAction, ColdFunctions,
                        O.DebugInfoForProfiling || !O.PseudoProbes,
                        O.PseudoProbes);

  if (O.Instrument != ProfileKind::ContextSensitiveIR)
    return Result;
  if (!Result)
    return PGOOptions("", outputName(O), "", "", PGOOptions::NoAction,
                      PGOOptions::CSIRInstr, ColdFunctions,
                      O.DebugInfoForProfiling);
  Result->CSProfileGenFile = outputName(O);
  Result->CSAction = PGOOptions::CSIRInstr;
  return Result;
}

std::optional<InstrProfOptions>
instrumentationOptions(const ProfileOptions &O) {
  if (O.Instrument != ProfileKind::FrontEnd)
    return std::nullopt;
  InstrProfOptions Result;
  Result.NoRedZone = O.NoRedZone;
  Result.InstrProfileOutput =
      O.Continuous ? "%c" + O.InstrumentPath : O.InstrumentPath;
  Result.Atomic = O.Atomic;
  return Result;
}

} // namespace art
