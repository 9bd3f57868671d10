#include "plan_weights.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/ProfDataUtils.h"

using namespace llvm;

namespace art {
namespace {

using BlockCounts = DenseMap<const BasicBlock *, uint64_t>;

/// Direct calls of named functions, and how often each one runs. A callee that
/// the plan knows and the caller has no edge to is never called there.
BlockCounts weighCalls(const Plan &P, Function &F) {
  MapVector<Function *, SmallVector<CallBase *, 4>> Sites;
  for (BasicBlock &BB : F)
    for (Instruction &I : BB)
      if (auto *Call = dyn_cast<CallBase>(&I))
        if (Function *Callee = Call->getCalledFunction())
          if (!Callee->isIntrinsic())
            Sites[Callee].push_back(Call);

  auto Edges = P.Edges.find(F.getName());
  BlockCounts Counts;
  for (auto &[Callee, Calls] : Sites) {
    StringRef Name = Callee->getName();
    bool Told = P.Cold.contains(Name) ||
                (Edges != P.Edges.end() && Edges->second.contains(Name));
    // It runs, and no edge says from where.
    bool Untold = !P.Called.contains(Name) && P.Functions.lookup(Name) != 0;
    if (!Told && (Untold || !P.Functions.contains(Name)))
      continue;
    uint64_t Count = P.calls(F.getName(), Name);
    for (auto [I, Call] : enumerate(Calls)) {
      uint64_t Share = Count / Calls.size() + (I < Count % Calls.size());
      setFittedBranchWeights(*Call, {Share}, /*IsExpected=*/false);
      auto [At, New] = Counts.try_emplace(Call->getParent(), Share);
      if (!New)
        At->second = std::max(At->second, Share);
    }
  }
  return Counts;
}

/// Spreads what is known of some blocks over the branches of a function.
class BranchWeigher {
  DominatorTree DT;
  LoopInfo LI;
  const BlockCounts &Known;
  DenseMap<const Loop *, uint64_t> LoopCounts;
  BlockCounts Estimates;

public:
  BranchWeigher(Function &F, const BlockCounts &Known, uint64_t EntryCount)
      : DT(F), LI(DT), Known(Known) {
    // Dominators first: a block is as busy as its dominator, but for what its
    // loop or a branch says.
    Estimates[&F.getEntryBlock()] = EntryCount;
    for (DomTreeNode *Node : depth_first(DT.getRootNode()))
      visit(*Node->getBlock(), Node->getIDom());
  }

private:
  /// The largest known count below Root, in Root's own loop. Nested loops
  /// count more than once.
  std::optional<uint64_t> knownBelow(BasicBlock *Root) {
    std::optional<uint64_t> Most;
    for (DomTreeNode *Node : depth_first(DT.getNode(Root))) {
      auto At = Known.find(Node->getBlock());
      if (At != Known.end() &&
          LI.getLoopFor(Node->getBlock()) == LI.getLoopFor(Root))
        Most = std::max(Most.value_or(0), At->second);
    }
    return Most;
  }

  uint64_t estimate(BasicBlock &BB, DomTreeNode *Above) {
    if (auto At = Estimates.find(&BB); At != Estimates.end())
      return At->second; // the entry, or a branch has weighed it
    uint64_t Count = Estimates.lookup(Above->getBlock());
    // Out of a loop: as often as the loop was entered.
    for (Loop *L = LI.getLoopFor(Above->getBlock()); L && !L->contains(&BB);
         L = L->getParentLoop())
      if (DomTreeNode *Outside = DT.getNode(L->getHeader())->getIDom())
        Count = Estimates.lookup(Outside->getBlock());
    return Count;
  }

  void visit(BasicBlock &BB, DomTreeNode *Above) {
    uint64_t Count = estimate(BB, Above);
    if (Loop *L = LI.getLoopFor(&BB); L && L->getHeader() == &BB)
      Count = weighLoop(*L, Count);
    Estimates[&BB] = Count;
    weighBranch(*BB.getTerminator(), Count);
  }

  /// Entered so often: how often its header runs.
  uint64_t weighLoop(Loop &L, uint64_t Entered) {
    uint64_t Most = 0;
    for (BasicBlock *BB : L.blocks())
      if (LI.getLoopFor(BB) == &L)
        Most = std::max(Most, Known.lookup(BB));
    if (Most <= Entered)
      return Entered; // it may as well go round between the calls
    LoopCounts[&L] = Most;
    SmallVector<BasicBlock *> Exiting;
    L.getExitingBlocks(Exiting);
    for (BasicBlock *BB : Exiting) {
      auto *Branch = dyn_cast<BranchInst>(BB->getTerminator());
      if (!Branch || !Branch->isConditional() ||
          Branch->hasMetadata(LLVMContext::MD_prof))
        continue;
      uint64_t Out = Entered / Exiting.size();
      bool FirstStays = L.contains(Branch->getSuccessor(0));
      setFittedBranchWeights(*Branch,
                             {FirstStays ? Most : Out, FirstStays ? Out : Most},
                             /*IsExpected=*/false);
    }
    return Most;
  }

  void weighBranch(Instruction &T, uint64_t Count) {
    unsigned Number = T.getNumSuccessors();
    if (Number < 2 || !isa<BranchInst, SwitchInst>(T) ||
        T.hasMetadata(LLVMContext::MD_prof))
      return;
    BasicBlock *BB = T.getParent();
    SmallVector<std::optional<uint64_t>> Weights;
    uint64_t Sum = 0;
    unsigned Unknown = 0;
    for (BasicBlock *S : successors(BB)) {
      std::optional<uint64_t> W;
      if (LI.getLoopFor(S) != LI.getLoopFor(BB) && LI.getLoopFor(BB) &&
          !LI.getLoopFor(BB)->contains(S))
        return; // a loop's exit
      if (S->getSinglePredecessor() == BB)
        W = knownBelow(S);
      Sum += W.value_or(0);
      Unknown += !W;
      Weights.push_back(W);
    }
    if (Unknown == Number || (Unknown == 0 && Sum == 0))
      return;
    uint64_t Rest = Unknown && Count > Sum ? (Count - Sum) / Unknown : 0;
    if (Sum == 0 && Rest == 0)
      return;
    SmallVector<uint64_t> All;
    for (auto [S, W] : zip(successors(BB), Weights)) {
      All.push_back(W.value_or(Rest));
      if (S->getSinglePredecessor() == BB)
        Estimates[S] = All.back();
    }
    setFittedBranchWeights(T, All, /*IsExpected=*/false);
  }
};

} // namespace

void weighCode(const Plan &P, Function &F, uint64_t EntryCount) {
  BlockCounts Counts = weighCalls(P, F);
  if (!Counts.empty() && EntryCount > 0)
    BranchWeigher(F, Counts, EntryCount);
}

} // namespace art
