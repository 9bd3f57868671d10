// What happens where memory runs out or LLVM gives up: a message, no trap.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <string>

namespace art {

/// While it lives, the end of memory is the fault of the file that is read.
class ReadingFile {
public:
  explicit ReadingFile(llvm::StringRef Path);
  ~ReadingFile();
  ReadingFile(const ReadingFile &) = delete;
  ReadingFile &operator=(const ReadingFile &) = delete;
};

/// A message of LLVM's without the line feeds that some of them have, and of 1000 bytes at most.
std::string oneLine(llvm::StringRef Message);

/// Takes over LLVM's and libc++'s ways to stop.
void installStopHandlers();

} // namespace art
