// The plan that `art plan` makes of an artifact profile, and what it changes.
#pragma once
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace art {

struct Plan {
  /// Entry counts; caller, callee and count of calls.
  llvm::StringMap<uint64_t> Functions;
  llvm::StringMap<llvm::StringMap<uint64_t>> Edges;
  llvm::StringSet<> Called; ///< names that an edge leads to
  llvm::StringSet<> InlineCandidates, Hot, Cold, Split;
  std::vector<std::string> Order;

  /// How often Caller calls Callee: what is cold neither calls nor is called.
  uint64_t calls(llvm::StringRef Caller, llvm::StringRef Callee) const;
};

/// Reads a plan's JSON. The error names what is wrong in it.
llvm::Expected<Plan> readPlan(llvm::StringRef Text);

/// Before the optimiser: entry counts, branch and call weights, a profile
/// summary, and attributes. Code that runs is cold only where the plan says so.
/// A module that neither defines nor calls what P knows stays as it is.
void applyPlan(const Plan &P, llvm::Module &M);

/// P names a function of M to split.
bool splits(const Plan &P, const llvm::Module &M);

/// After the optimiser: definitions that P orders come first, in its order; what
/// was split off is cold.
void finishPlan(const Plan &P, llvm::Module &M);

} // namespace art
