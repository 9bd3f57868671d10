// The integrated assembler.
#pragma once
#include "llvm/ADT/ArrayRef.h"

namespace art {

/// Assembles as `clang -cc1as` does with the same arguments. The exit status:
/// 0, or 1 where the source or an argument is at fault, said on standard error.
int assemble(llvm::ArrayRef<const char *> Arguments);

} // namespace art
