// What of a profile found its function.
#pragma once
#include "options.h"
#include "plan.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

namespace art {

/// Functions of one module that the profile knows by name, and whether it could
/// be used. Counters are matched where the hash of the control flow is the
/// profile's. Samples have no such hash; they are unused where the front end has
/// not made the function for them.
class ProfileReport {
  enum class Status { Matched, Mismatched, Unused };
  struct Entry {
    uint64_t Count = 0;
    Status Is = Status::Mismatched;
  };
  std::map<std::string, Entry> Functions; ///< by the profile's name
  std::map<std::string, std::string> Names; ///< by the symbol's
  size_t Defined = 0;

  void setMatched(const llvm::Module &M);

public:
  /// Before the optimiser.
  llvm::Error open(const llvm::Module &M, const ProfileOptions &O,
                   const Plan *P);
  /// The passes that use a profile tell by entry counts what they used.
  void watch(const llvm::Module &M, llvm::PassInstrumentationCallbacks &PIC);
  /// Writes {"functions": [{"name", "count", "status", "shown"}], "defined"},
  /// where `shown` is the demangled name of what is not matched, if it has one.
  void write(llvm::raw_ostream &OS) const;
};

} // namespace art
