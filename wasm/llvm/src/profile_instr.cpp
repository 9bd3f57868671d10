// Follows loadInput and showInstrProfile in
// llvm/tools/llvm-profdata/llvm-profdata.cpp (LLVM 22.1.8).
#include "profile_instr.h"
#include "profile_check.h"
#include "llvm/ProfileData/InstrProfReader.h"

using namespace llvm;

namespace art {
namespace {

using Reader = std::unique_ptr<InstrProfReader>;

Expected<Reader> open(std::unique_ptr<MemoryBuffer> B) {
  if (Error E = checkInstrProfile(*B))
    return E;
  return InstrProfReader::create(std::move(B));
}

/// The records of some profiles are counts that are no counts ("hot", "warm").
bool isPseudo(const InstrProfRecord &R) {
  return !R.Counts.empty() &&
         R.getCountPseudoKind() != InstrProfRecord::NotPseudo;
}

void addIndirectCalls(const InstrProfRecord &R, InstrProfSymtab &Symbols,
                      ProfiledFunction &F) {
  for (uint32_t S = 0; S < R.getNumValueSites(IPVK_IndirectCallTarget); ++S)
    for (const InstrProfValueData &V :
         R.getValueArrayForSite(IPVK_IndirectCallTarget, S)) {
      StringRef Callee = Symbols.getFuncOrVarName(V.Value);
      if (Callee.empty())
        continue; // a function of another library
      uint64_t &Edge = F.Edges[Callee.str()];
      Edge = addCounts(Edge, V.Count);
    }
}

} // namespace

Error InstrMerger::add(std::unique_ptr<MemoryBuffer> B,
                       function_ref<void(Twine)> Warn) {
  Expected<Reader> R = open(std::move(B));
  if (!R)
    return R.takeError();
  // Only some front-end profiles say what they are, and only those are refused
  // by mergeProfileKind.
  if (IRLevel.value_or((*R)->isIRLevelProfile()) != (*R)->isIRLevelProfile())
    return createStringError(
        "Merge IR generated profile with Clang generated profile.");
  IRLevel = (*R)->isIRLevelProfile();
  if (Error E = Writer.mergeProfileKind((*R)->getProfileKind()))
    return E;
  for (NamedInstrProfRecord &I : **R) {
    std::string Name = I.Name.str();
    bool Reported = false;
    Writer.addRecord(std::move(I), 1, [&](Error E) {
      if (!std::exchange(Reported, true))
        Warn(Name + ": " + toString(std::move(E)));
      else
        consumeError(std::move(E));
    });
  }
  if ((*R)->hasTemporalProfile()) {
    auto &Traces = (*R)->getTemporalProfTraces(1);
    if (!Traces.empty())
      Writer.addTemporalProfileTraces(Traces,
                                      (*R)->getTemporalProfTraceStreamSize());
  }
  if (Error E = (*R)->getError())
    return E;
  std::vector<object::BuildID> BinaryIds;
  if (Error E = (*R)->readBinaryIds(BinaryIds))
    return E;
  Writer.addBinaryIds(BinaryIds);
  return Error::success();
}

Error readInstrProfile(std::unique_ptr<MemoryBuffer> B, ProfileDescription &D,
                       ProfileTable &T) {
  D.Family = ProfileFamily::Instrumentation;
  D.Format = IndexedInstrProfReader::hasFormat(*B) ? "indexed"
             : RawInstrProfReader64::hasFormat(*B) ? "raw"
                                                   : "text";
  Expected<Reader> R = open(std::move(B));
  if (!R)
    return R.takeError();
  D.Kind = (*R)->isIRLevelProfile() ? "instr-ir" : "instr-frontend";
  // A raw profile's version carries its kind in the upper half.
  D.Version = GET_VERSION((*R)->getVersion());
  D.ContextSensitive = (*R)->hasCSIRLevelProfile();
  D.EntryCounts = D.Kind == "instr-frontend" || (*R)->instrEntryBBEnabled();

  // A context-sensitive record counts the same calls once more, after inlining:
  // it counts where there is no other, as in what a -fcs-profile-generate wrote.
  ProfileTable Contextual;
  std::vector<NamedInstrProfRecord> Records;
  for (NamedInstrProfRecord &I : **R) {
    if (isPseudo(I))
      continue;
    bool InContext = D.Kind == "instr-ir" && I.hasCSFlagInHash(I.Hash);
    ProfiledFunction &F = (InContext ? Contextual : T)[I.Name.str()];
    F.Counted = true;
    if (!I.Counts.empty())
      F.Count = addCounts(F.Count, I.Counts.front()); // as ProfileSummary counts
    for (uint64_t N : I.Counts)
      F.Total = addCounts(F.Total, N);
    if (!InContext && I.getNumValueSites(IPVK_IndirectCallTarget) > 0)
      Records.push_back(I);
  }
  if (Error E = (*R)->getError())
    return E;
  if (T.empty())
    T = std::move(Contextual);
  if (Records.empty())
    return Error::success();
  // Names of callees are known when all records are read.
  InstrProfSymtab &Symbols = (*R)->getSymtab();
  for (const NamedInstrProfRecord &I : Records)
    addIndirectCalls(I, Symbols, T[I.Name.str()]);
  return Error::success();
}

} // namespace art
