// Instrumentation profiles: indexed, raw, text.
#pragma once
#include "profile_table.h"
#include "llvm/ProfileData/InstrProfWriter.h"
#include <optional>

namespace art {

/// Instrumentation profiles that become one.
class InstrMerger {
  llvm::InstrProfWriter Writer;
  std::optional<bool> IRLevel;

public:
  /// Adds B's records, as `llvm-profdata merge` does. Warn is told of records
  /// that do not go with what is there.
  llvm::Error add(std::unique_ptr<llvm::MemoryBuffer> B,
                  llvm::function_ref<void(llvm::Twine)> Warn);
  /// Writes an indexed profile or text.
  llvm::Error write(llvm::raw_fd_ostream &OS, bool Text) {
    return Text ? Writer.writeText(OS) : Writer.write(OS);
  }
};

/// Fills T, which is empty, with B's entry counts, totals and indirect calls.
llvm::Error readInstrProfile(std::unique_ptr<llvm::MemoryBuffer> B,
                             ProfileDescription &D, ProfileTable &T);

} // namespace art
