// From counts of calls to weights of branches.
#pragma once
#include "plan.h"

namespace art {

/// Gives F's calls the weights of their edges, and its branches the weights that
/// follow: a block runs as often as its calls do, and a loop's body as often as
/// the busiest call in it. Branches of which the plan tells nothing, or that the
/// source has weighed, stay as they are.
void weighCode(const Plan &P, llvm::Function &F, uint64_t EntryCount);

} // namespace art
