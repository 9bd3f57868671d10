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

Expected<ProfileReport> ProfileReport::open(StringRef Counters,
                                            StringRef Samples, bool ByFrontEnd,
                                            const Plan *P) {
  ProfileReport R;
  R.Guide = P;
  R.Used = ByFrontEnd;
  bool Sample = Counters.empty() && !Samples.empty();
  if (Sample || !Counters.empty())
    if (Error E = readTable(Sample ? Samples : Counters, Sample, R.Description,
                            R.Table))
      return E;
  return R;
}

void ProfileReport::begin(const Module &M) {
  bool Sample = Description.Family == ProfileFamily::Sample;
  for (const Function &F : M) {
    if (F.isDeclaration())
      continue;
    ++Defined;
    std::string Symbol = F.getName().str();
    if (Guide && Guide->Functions.contains(Symbol))
      Functions[Symbol] = {Guide->Functions.lookup(Symbol), Status::Matched};
    for (const std::string &Name : profileNames(F, Description)) {
      auto Known = Table.find(Name);
      if (Known == Table.end() || !Known->second.Counted)
        continue;
      Names[Symbol] = Description.HashedNames ? Symbol : Name;
      Entry &E = Functions[Names[Symbol]];
      E.Count = Known->second.Count;
      if (Sample)
        E.Is = F.hasFnAttribute("use-sample-profile") ? Status::Matched
                                                      : Status::Unused;
      break;
    }
  }
  if (Used)
    setMatched(M);
}

void ProfileReport::watch(PassInstrumentationCallbacks &PIC) {
  PIC.registerBeforeNonSkippedPassCallback([this](StringRef, Any IR) {
    auto *M = any_cast<const Module *>(&IR);
    if (!M || Begun)
      return;
    Begun = true;
    begin(**M);
  });
  PIC.registerAfterPassCallback(
      [this](StringRef Pass, Any IR, const PreservedAnalyses &) {
        if (Pass == "PGOInstrumentationUse")
          setMatched(**any_cast<const Module *>(&IR));
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
