#include "plan.h"
#include "plan_weights.h"
#include "profile_table.h"
#include "llvm/IR/ProfileSummary.h"
#include "llvm/ProfileData/InstrProf.h"
#include "llvm/ProfileData/ProfileCommon.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace art {
namespace {

Error malformed(const Twine &What) {
  return createStringError("not a plan: " + What);
}

std::optional<uint64_t> count(const json::Object &O) {
  std::optional<int64_t> N = O.getInteger("count");
  if (!N || *N < 0 || uint64_t(*N) > MaxCount)
    return std::nullopt;
  return *N;
}

Error readFunctions(const json::Array &A, Plan &P) {
  for (const json::Value &V : A) {
    const json::Object *O = V.getAsObject();
    auto Name = O ? O->getString("name") : std::nullopt;
    auto N = O ? count(*O) : std::nullopt;
    if (!Name || !N)
      return malformed("a function is {\"name\", \"count\", ...}");
    P.Functions[*Name] = *N;
  }
  return Error::success();
}

Error readEdges(const json::Array &A, Plan &P) {
  for (const json::Value &V : A) {
    const json::Object *O = V.getAsObject();
    auto Caller = O ? O->getString("caller") : std::nullopt;
    auto Callee = O ? O->getString("callee") : std::nullopt;
    auto N = O ? count(*O) : std::nullopt;
    if (!Caller || !Callee || !N)
      return malformed("an edge is {\"caller\", \"callee\", \"count\"}");
    uint64_t &Edge = P.Edges[*Caller][*Callee];
    Edge = addCounts(Edge, *N);
    P.Called.insert(*Callee);
  }
  return Error::success();
}

Error readNames(const json::Array &A, StringRef Key,
                function_ref<void(StringRef)> Add) {
  for (const json::Value &V : A) {
    const json::Object *O = V.getAsObject();
    auto Name = O ? O->getString("name") : V.getAsString();
    if (!Name)
      return malformed("\"" + Key + "\" must be an array of names");
    Add(*Name);
  }
  return Error::success();
}

/// What is hot is decided as LLVM decides it, from all counts of the plan, so
/// that every module sees the same; what ran at all is not cold, but where the
/// plan says so. The least count that is hot.
uint64_t setSummary(const Plan &P, Module &M) {
  InstrProfSummaryBuilder Builder(ProfileSummaryBuilder::DefaultCutoffs.vec());
  for (const auto &F : P.Functions)
    Builder.addEntryCount(P.Cold.contains(F.getKey()) ? 0 : F.second);
  for (const auto &Caller : P.Edges)
    for (const auto &Edge : Caller.second)
      Builder.addInternalCount(P.calls(Caller.getKey(), Edge.getKey()));
  std::unique_ptr<ProfileSummary> S = Builder.getSummary();
  SummaryEntryVector Entries;
  uint64_t HotCount = 1;
  for (const ProfileSummaryEntry &E : S->getDetailedSummary()) {
    bool Hot = E.Cutoff <= unsigned(ProfileSummaryCutoffHot);
    uint64_t Least = Hot ? std::max<uint64_t>(E.MinCount, 1) : 0;
    if (Hot)
      HotCount = Least; // the cutoffs ascend
    Entries.emplace_back(E.Cutoff, Least, E.NumCounts);
  }
  ProfileSummary Ours(ProfileSummary::PSK_Instr, Entries, S->getTotalCount(),
                      S->getMaxCount(), S->getMaxInternalCount(),
                      S->getMaxFunctionCount(), S->getNumCounts(),
                      S->getNumFunctions());
  M.setProfileSummary(Ours.getMD(M.getContext()), ProfileSummary::PSK_Instr);
  return HotCount;
}

/// The plan has a count for Name, or decides without one.
bool knows(const Plan &P, StringRef Name) {
  return P.Functions.contains(Name) || P.Cold.contains(Name) ||
         P.Hot.contains(Name);
}

/// How often a function that the plan knows is entered. One of `hot` is hot by
/// its count, or calls something that often.
uint64_t entryCount(const Plan &P, StringRef Name, uint64_t HotCount) {
  if (P.Cold.contains(Name))
    return 0;
  uint64_t Count = P.Functions.lookup(Name), Heat = Count;
  if (!P.Hot.contains(Name))
    return Count;
  if (auto Edges = P.Edges.find(Name); Edges != P.Edges.end())
    for (const auto &Edge : Edges->second)
      Heat = std::max(Heat, P.calls(Name, Edge.getKey()));
  return Heat < HotCount ? HotCount : Count;
}

/// The source has the last word: an attribute it gives is not taken back.
void addAttributes(const Plan &P, Function &F) {
  StringRef Name = F.getName();
  bool Optimised = !F.hasOptNone() && !F.isDeclaration();
  if (P.Hot.contains(Name) && !F.hasFnAttribute(Attribute::Cold))
    F.addFnAttr(Attribute::Hot);
  if (P.Cold.contains(Name) && !F.hasFnAttribute(Attribute::Hot)) {
    F.addFnAttr(Attribute::Cold);
    if (Optimised && !F.hasMinSize() &&
        !F.hasFnAttribute(Attribute::AlwaysInline))
      F.addFnAttr(Attribute::OptimizeForSize);
  }
  if (P.InlineCandidates.contains(Name) && Optimised &&
      !F.hasFnAttribute(Attribute::NoInline) &&
      !F.hasFnAttribute(Attribute::AlwaysInline))
    F.addFnAttr(Attribute::InlineHint);
}

} // namespace

Expected<Plan> readPlan(StringRef Text) {
  Expected<json::Value> Root = json::parse(Text);
  if (!Root)
    return malformed(toString(Root.takeError()));
  const json::Object *O = Root->getAsObject();
  if (!O)
    return malformed("it is not an object");
  Plan P;
  auto Read = [&](StringRef Key, auto Reader) -> Error {
    const json::Array *A = O->getArray(Key);
    return A ? Reader(*A) : malformed("\"" + Key + "\" is missing or not an array");
  };
  auto Set = [&](StringRef Key, StringSet<> &S) {
    return Read(Key, [&](const json::Array &A) {
      return readNames(A, Key, [&](StringRef Name) { S.insert(Name); });
    });
  };
  if (Error E = Read("functions", [&](auto &A) { return readFunctions(A, P); }))
    return E;
  if (Error E = Read("edges", [&](auto &A) { return readEdges(A, P); }))
    return E;
  if (Error E = Set("inline_candidates", P.InlineCandidates))
    return E;
  if (Error E = Set("hot", P.Hot))
    return E;
  if (Error E = Set("cold", P.Cold))
    return E;
  if (Error E = Set("split", P.Split))
    return E;
  if (Error E = Read("order", [&](auto &A) {
        return readNames(A, "order", [&](StringRef N) { P.Order.push_back(N.str()); });
      }))
    return E;
  return P;
}

uint64_t Plan::calls(StringRef Caller, StringRef Callee) const {
  auto From = Edges.find(Caller);
  return From == Edges.end() || Cold.contains(Caller) || Cold.contains(Callee)
             ? 0
             : From->second.lookup(Callee);
}

void applyPlan(const Plan &P, Module &M) {
  SmallVector<Function *> Known;
  for (Function &F : M) {
    addAttributes(P, F);
    if (!F.isDeclaration() && knows(P, F.getName()))
      Known.push_back(&F);
  }
  if (Known.empty())
    return; // another profile must not change this module
  uint64_t HotCount = setSummary(P, M);
  for (Function *F : Known) {
    uint64_t Count = entryCount(P, F->getName(), HotCount);
    F->setEntryCount(Count);
    weighCode(P, *F, Count);
  }
}

bool splits(const Plan &P, const Module &M) {
  return any_of(M, [&](const Function &F) {
    return !F.isDeclaration() && P.Split.contains(F.getName());
  });
}

void finishPlan(const Plan &P, Module &M) {
  // What is split off a hot function is cold, and has inherited both.
  for (Function &F : M)
    if (F.hasFnAttribute(Attribute::Cold) && !P.Hot.contains(F.getName()))
      F.removeFnAttr(Attribute::Hot);
  auto &List = M.getFunctionList();
  // From the last to the first, each to the front.
  for (const std::string &Name : reverse(P.Order)) {
    Function *F = M.getFunction(Name);
    if (!F || F->isDeclaration())
      continue;
    List.remove(F->getIterator());
    List.push_front(F);
  }
}

} // namespace art
