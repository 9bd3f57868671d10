#include "profile_report.h"
#include "profile_instr.h"
#include "profile_sample.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/IR/PassManager.h"
#include "llvm/ProfileData/InstrProf.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace art {
namespace {

Error readTable(StringRef Path, bool Sample, ProfileDescription &D,
                ProfileTable &T) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> B = MemoryBuffer::getFile(Path);
  if (!B)
    return createFileError(Path, B.getError());
  Error E = Sample ? readSampleProfile(std::move(*B), D, T)
                   : readInstrProfile(std::move(*B), D, T);
  return E ? createFileError(Path, std::move(E)) : Error::success();
}

/// What a profile may call F: static functions have their file before them.
SmallVector<std::string, 4> profileNames(const Function &F,
                                         const ProfileDescription &D) {
  if (D.Family == ProfileFamily::Sample) {
    StringRef Name = sampleprof::FunctionSamples::getCanonicalFnName(F);
    if (D.HashedNames)
      return {std::to_string(Function::getGUIDAssumingExternalLinkage(Name))};
    return {Name.str()};
  }
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
      Functions[Name->second].Is = Status::Matched;
}

Error ProfileReport::open(const Module &M, const ProfileOptions &O,
                          const Plan *P) {
  bool Sample = !O.SampleFile.empty() && O.UsePath.empty();
  ProfileDescription D;
  ProfileTable T;
  if (!O.UsePath.empty() || Sample)
    if (Error E = readTable(Sample ? O.SampleFile : O.UsePath, Sample, D, T))
      return E;
  for (const Function &F : M) {
    if (F.isDeclaration())
      continue;
    ++Defined;
    std::string Symbol = F.getName().str();
    if (P && P->Functions.contains(Symbol))
      Functions[Symbol] = {P->Functions.lookup(Symbol), Status::Matched};
    for (const std::string &Name : profileNames(F, D)) {
      auto Known = T.find(Name);
      if (Known == T.end() || !Known->second.Counted)
        continue;
      Names[Symbol] = D.HashedNames ? Symbol : Name;
      Entry &E = Functions[Names[Symbol]];
      E.Count = Known->second.Count;
      if (Sample)
        E.Is = F.hasFnAttribute("use-sample-profile") ? Status::Matched
                                                      : Status::Unused;
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
        if (Pass == "PGOInstrumentationUse")
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
          J.attribute("status", F.second.Is == Status::Matched  ? "matched"
                                : F.second.Is == Status::Unused ? "unused"
                                                                : "mismatched");
          if (F.second.Is == Status::Matched)
            return;
          if (std::string Shown = demangle(F.first); Shown != F.first)
            J.attribute("shown", json::fixUTF8(Shown));
        });
    });
    J.attribute("defined", int64_t(Defined));
  });
  OS << "\n";
}

} // namespace art
