// LLVM's profile readers trust the offsets and sizes in a file. These checks
// come first, so that a damaged file is an error and not the end of the program.
#pragma once
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace art {

/// Every offset and size of an indexed or raw profile lies in the file, and its
/// version and target are ones that can be read.
llvm::Error checkInstrProfile(const llvm::MemoryBuffer &B);

/// The sections of an extended binary sample profile lie in the file.
llvm::Error checkSampleProfile(const llvm::MemoryBuffer &B);

} // namespace art
