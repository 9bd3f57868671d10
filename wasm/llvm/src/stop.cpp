#include "stop.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cstdlib>
#include <new>

using namespace llvm;

namespace {

constexpr int ExitFailure = 1, ExitInternal = 70;
constexpr size_t MaxMessage = 1000;
StringRef Reading;

/// Sizes in a file are believed until there is no room for them.
[[noreturn]] void stop(StringRef Reason) {
  bool FilesFault = !Reading.empty();
  if (FilesFault)
    errs() << Reading << ": malformed: it asks for more memory than there is\n";
  else
    errs() << "llvm: fatal error: " << Reason << "\n";
  errs().flush();
  _Exit(FilesFault ? ExitFailure : ExitInternal);
}

} // namespace

// libc++ without exceptions ends with this one, and all else with abort.
void std::__libcpp_verbose_abort(const char *Format, ...) noexcept {
  stop(Format);
}
extern "C" void abort() { stop("abort"); }

namespace art {

std::string oneLine(StringRef Message) {
  // Names in a file may be as long as the file.
  std::string Line = Message.trim().take_front(MaxMessage).str();
  std::replace(Line.begin(), Line.end(), '\n', ' ');
  return Line;
}

ReadingFile::ReadingFile(StringRef Path) { Reading = Path; }
ReadingFile::~ReadingFile() { Reading = ""; }

void installStopHandlers() {
  std::set_new_handler([] { stop("out of memory"); });
  install_bad_alloc_error_handler(
      [](void *, const char *, bool) { stop("out of memory"); });
  install_fatal_error_handler(
      [](void *, const char *Reason, bool) { stop(Reason); });
}

} // namespace art
