// What is in an object or a module, as JSON.
#pragma once
#include "llvm/ADT/ArrayRef.h"

namespace art {

/// `inspect`: reads an object (ELF, COFF, Mach-O, WebAssembly), bitcode or
/// textual IR and writes what is in it. README.md describes the JSON. The exit
/// status: 0, 1 where the input is at fault, said on standard error, 2 for wrong
/// usage. Arguments are those after `inspect`.
int inspect(llvm::ArrayRef<const char *> Arguments);

} // namespace art
