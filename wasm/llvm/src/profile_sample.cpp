// Follows mergeSampleProfile in llvm/tools/llvm-profdata/llvm-profdata.cpp
// (LLVM 22.1.8).
#include "profile_sample.h"
#include "profile_check.h"
#include "llvm/ProfileData/SampleProfWriter.h"
#include "llvm/Support/VirtualFileSystem.h"

using namespace llvm;
using namespace sampleprof;

namespace art {
namespace {

using Reader = std::unique_ptr<SampleProfileReader>;

/// What a reader has to say beside its error code.
struct QuietDiagnostics : DiagnosticHandler {
  bool handleDiagnostics(const DiagnosticInfo &) override { return true; }
};

Expected<Reader> read(std::unique_ptr<MemoryBuffer> B, LLVMContext &Context) {
  if (SampleProfileReaderGCC::hasFormat(*B))
    return createStringError("GCC's profiles are not supported");
  if (Error E = checkSampleProfile(*B))
    return E;
  auto Files = vfs::getRealFileSystem();
  ErrorOr<Reader> R = SampleProfileReader::create(B, Context, *Files);
  if (!R)
    return createStringError(R.getError().message());
  if (std::error_code EC = (*R)->read())
    return createStringError(EC.message());
  return std::move(*R);
}

void addCalls(const FunctionSamples &F, ProfileTable &T) {
  ProfiledFunction &Function = T[F.getFunction().str()];
  Function.Counted = true;
  Function.Count = addCounts(Function.Count, F.getHeadSamplesEstimate());
  Function.Total = addCounts(Function.Total, F.getTotalSamples());
  auto Add = [&](FunctionId Callee, uint64_t Count) {
    uint64_t &Edge = Function.Edges[Callee.str()];
    Edge = addCounts(Edge, Count);
  };
  for (const auto &[Line, Record] : F.getBodySamples())
    for (const auto &[Callee, Count] : Record.getCallTargets())
      Add(Callee, Count);
  for (const auto &[Line, Callees] : F.getCallsiteSamples())
    for (const auto &[Callee, Inlined] : Callees) {
      Add(Callee, Inlined.getHeadSamplesEstimate());
      addCalls(Inlined, T);
    }
}

} // namespace

SampleMerger::SampleMerger() {
  Context.setDiagnosticHandler(std::make_unique<QuietDiagnostics>());
}

Error SampleMerger::add(std::unique_ptr<MemoryBuffer> B) {
  Expected<Reader> Read = read(std::move(B), Context);
  if (!Read)
    return Read.takeError();
  SampleProfileReader &R = **Read;
  Readers.push_back(std::move(*Read));
  if (ProbeBased && *ProbeBased != FunctionSamples::ProfileIsProbeBased)
    return createStringError(
        "cannot merge probe-based profile with non-probe-based profile");
  ProbeBased = FunctionSamples::ProfileIsProbeBased;
  if (ContextSensitive && *ContextSensitive != FunctionSamples::ProfileIsCS)
    return createStringError("cannot merge CS profile with non-CS profile");
  ContextSensitive = FunctionSamples::ProfileIsCS;
  HashedNames |= R.useMD5();
  for (auto &[Key, Samples] : R.getProfiles()) {
    sampleprof_error Result =
        Profiles[Samples.getContext()].merge(Samples, /*Weight=*/1);
    // Counts that overflow stay at the largest, as in llvm-profdata.
    if (Result != sampleprof_error::success &&
        Result != sampleprof_error::counter_overflow)
      return createStringError(Samples.getContext().toString() + ": " +
                               make_error_code(Result).message());
  }
  if (auto List = R.getProfileSymbolList())
    Symbols.merge(*List);
  return Error::success();
}

void SampleMerger::add(const ProfileTable &T) {
  for (const auto &[Name, F] : T) {
    if (Name == RootCaller)
      continue;
    FunctionId Id{StringRef(Name)};
    FunctionSamples &S = Profiles[SampleContext(Id.stringRef())];
    S.setContext(SampleContext(Id.stringRef()));
    S.addHeadSamples(F.Count);
    S.addTotalSamples(F.Count);
    S.addBodySamples(0, 0, F.Count);
    for (const auto &[Callee, N] : F.Edges)
      S.addCalledTargetSamples(0, 0, FunctionId{StringRef(Callee)}, N);
  }
}

Error SampleMerger::write(StringRef Path, bool Text) {
  auto Writer =
      SampleProfileWriter::create(Path, Text ? SPF_Text : SPF_Ext_Binary);
  if (std::error_code EC = Writer.getError())
    return createFileError(Path, EC);
  if (HashedNames)
    (*Writer)->setUseMD5(); // of all names, so that each function stays one
  (*Writer)->setProfileSymbolList(&Symbols);
  if (std::error_code EC = (*Writer)->write(Profiles))
    return createFileError(Path, EC);
  return Error::success();
}

Error readSampleProfile(std::unique_ptr<MemoryBuffer> B, ProfileDescription &D,
                        ProfileTable &T) {
  LLVMContext Context;
  Context.setDiagnosticHandler(std::make_unique<QuietDiagnostics>());
  Expected<Reader> R = read(std::move(B), Context);
  if (!R)
    return R.takeError();
  SampleProfileFormat Format = (*R)->getFormat();
  D.Family = ProfileFamily::Sample;
  D.Kind = "sample";
  D.Format = Format == SPF_Text         ? "text"
             : Format == SPF_Ext_Binary ? "extbinary"
                                        : "binary";
  D.Version = Format == SPF_Text ? 0 : SPVersion();
  D.ContextSensitive = (*R)->profileIsCS();
  D.HashedNames = (*R)->useMD5();
  for (const auto &[Key, Samples] : (*R)->getProfiles())
    addCalls(Samples, T);
  return Error::success();
}

} // namespace art
