// What of a profile found its function.
#pragma once
#include "plan.h"
#include "profile_table.h"
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
  /// How the profile is written.
  ProfileDescription Description;
  ProfileTable Table;
  const Plan *Guide = nullptr;
  /// The front end has used it before any pass.
  bool Used = false;
  bool Begun = false;
  std::map<std::string, Entry> Functions;   ///< by the profile's name
  std::map<std::string, std::string> Names; ///< by the symbol's
  size_t Defined = 0;

  ProfileReport() = default;
  void begin(const llvm::Module &M);
  void setMatched(const llvm::Module &M);

public:
  /// Reads what it needs of a profile: one of counters or one of samples, or a
  /// plan. ByFrontEnd: the counters are the front end's.
  static llvm::Expected<ProfileReport> open(llvm::StringRef Counters,
                                            llvm::StringRef Samples,
                                            bool ByFrontEnd, const Plan *P);
  /// Passes tell by entry counts what they used of the profile.
  void watch(llvm::PassInstrumentationCallbacks &PIC);
  /// Writes {"functions": [{"name", "count", "status", "shown"}], "defined"},
  /// where `shown` is the demangled name of what is not matched, if it has one.
  void write(llvm::raw_ostream &OS) const;
};

} // namespace art
