// Sample profiles: text, binary, extended binary.
#pragma once
#include "profile_table.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/ProfileData/SampleProfReader.h"
#include <optional>

namespace art {

/// Why a profile with hashed names cannot be written in a format of names.
constexpr llvm::StringLiteral OnlyHashes =
    "it has hashes (MD5) in place of names, which cannot be turned back: create "
    "the profile without --use-md5";

/// Sample profiles that become one. The readers own the names.
class SampleMerger {
  llvm::LLVMContext Context;
  std::vector<std::unique_ptr<llvm::sampleprof::SampleProfileReader>> Readers;
  llvm::sampleprof::SampleProfileMap Profiles;
  llvm::sampleprof::ProfileSymbolList Symbols;
  std::optional<bool> ProbeBased, ContextSensitive;
  bool HashedNames = false;

public:
  SampleMerger();
  /// Adds a sample profile, as `llvm-profdata merge` does.
  llvm::Error add(std::unique_ptr<llvm::MemoryBuffer> B);
  /// Adds an artifact profile: a function's count is its head, body and total,
  /// and its edges are calls at its first line. T outlives this object.
  void add(const ProfileTable &T);
  /// Names are hashes, at least in one of the profiles.
  bool hashedNames() const { return HashedNames; }
  /// Writes extended binary or text.
  llvm::Error write(llvm::StringRef Path, bool Text);
};

/// Adds B's head samples, totals and calls to T, inlined ones among them.
llvm::Error readSampleProfile(std::unique_ptr<llvm::MemoryBuffer> B,
                              ProfileDescription &D, ProfileTable &T);

} // namespace art
