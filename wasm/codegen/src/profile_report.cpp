#include "profile_report.h"
#include "profile_instr.h"
#include "profile_sample.h"
#include "llvm/IR/PassManager.h"
#include "llvm/ProfileData/InstrProf.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace art {
namespace {

Error readTable(StringRef Path, bool Sample, ProfileTable &T) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> B = MemoryBuffer::getFile(Path);
  if (!B)
    return createFileError(Path, B.getError());
  ProfileDescription D;
  Error E = Sample ? readSampleProfile(std::move(*B), D, T)
                   : readInstrProfile(std::move(*B), D, T);
  return E ? createFileError(Path, std::move(E)) : Error::success();
}

/// What a profile may call F: static functions have their file before them.
SmallVector<std::string, 4> profileNames(const Function &F, bool Sample) {
  if (Sample)
    return {sampleprof::FunctionSamples::getCanonicalFnName(F).str()};
  StringRef File = F.getParent()->getSourceFileName();
  return {getIRPGOFuncName(F), getPGOFuncName(F),
          getPGOFuncName(F.getName(), F.getLinkage(),
                         sys::path::filename(File))}; // clang's own
}

} // namespace

void ProfileReport::setMatched(const Module &M) {
  for (const Function &F : M)
    if (auto Name = Names.find(F.getName().str());
        Name != Names.end() && !F.isDeclaration() && F.getEntryCount())
      Functions[Name->second].Matched = true;
}

Error ProfileReport::open(const Module &M, const ProfileOptions &O,
                          const Plan *P) {
  bool Sample = !O.SampleFile.empty() && O.UsePath.empty();
  ProfileTable T;
  if (!O.UsePath.empty() || Sample)
    if (Error E = readTable(Sample ? O.SampleFile : O.UsePath, Sample, T))
      return E;
  for (const Function &F : M) {
    if (F.isDeclaration())
      continue;
    ++Defined;
    std::string Symbol = F.getName().str();
    if (P && P->Functions.contains(Symbol))
      Functions[Symbol] = {P->Functions.lookup(Symbol), true};
    for (const std::string &Name : profileNames(F, Sample)) {
      auto Known = T.find(Name);
      if (Known == T.end() || !Known->second.Counted)
        continue;
      Functions[Name].Count = Known->second.Count;
      Names[Symbol] = Name;
      break;
    }
  }
  if (O.Use == ProfileKind::FrontEnd)
    setMatched(M); // the front end has used it already
  return Error::success();
}

void ProfileReport::watch(const Module &M, PassInstrumentationCallbacks &PIC) {
  PIC.registerAfterPassCallback(
      [this, &M](StringRef Pass, Any, const PreservedAnalyses &) {
        if (Pass == "PGOInstrumentationUse" || Pass == "SampleProfileLoaderPass")
          setMatched(M);
      });
}

void ProfileReport::write(raw_ostream &OS) const {
  json::OStream J(OS);
  J.object([&] {
    J.attributeArray("functions", [&] {
      for (const auto &F : Functions)
        J.object([&] {
          J.attribute("name", json::fixUTF8(F.first));
          J.attribute("count", int64_t(F.second.Count));
          J.attribute("status", F.second.Matched ? "matched" : "mismatched");
        });
    });
    J.attribute("defined", int64_t(Defined));
  });
  OS << "\n";
}

} // namespace art
