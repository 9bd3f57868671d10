// What of a profile found its function.
#pragma once
#include "options.h"
#include "plan.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

namespace art {

/// Functions of one module that the profile knows by name, and whether it could
/// be used: the hash of their control flow is the profile's.
class ProfileReport {
  struct Entry {
    uint64_t Count = 0;
    bool Matched = false;
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
  /// Writes {"functions": [{"name", "count", "status"}], "defined"}.
  void write(llvm::raw_ostream &OS) const;
};

} // namespace art
