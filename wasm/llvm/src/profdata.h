// The profile tool: merges, converts and shows profiles.
#pragma once
#include "llvm/ADT/ArrayRef.h"

namespace art {

/// `profdata merge|show` with the arguments that follow. The exit status: 0;
/// 1 where an input is at fault, said on standard error; 2 for a wrong command
/// line.
int profileTool(llvm::ArrayRef<const char *> Arguments);

} // namespace art
