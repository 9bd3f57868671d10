// clang, run in this process: what its driver plans, with several outputs of one
// compilation at once.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include <string>

namespace art {

/// What a compilation writes, and what steers it; empty: not asked for.
struct Outputs {
  std::string Object, Bitcode, Assembly, IR;
  std::string Plan, ProfileReport;
};

/// Runs what clang's driver plans for Arguments, argv[0] first. What generates
/// code writes Wanted instead of the file that the driver names.
/// \returns the exit status
int compile(llvm::ArrayRef<const char *> Arguments, const Outputs &Wanted);

} // namespace art

/// clang's compiler proper, which its driver calls: Arguments begin with "-cc1".
int cc1_main(llvm::ArrayRef<const char *> Arguments, const char *Program,
             void *Address);
/// Its assembler; without "-cc1as".
int cc1as_main(llvm::ArrayRef<const char *> Arguments, const char *Program,
               void *Address);
