// What any profile says about calls, whatever its format.
#pragma once
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <map>
#include <string>

namespace art {

/// The largest integer that every JSON reader keeps; counts stop there.
constexpr uint64_t MaxCount = (uint64_t(1) << 53) - 1;

/// The caller of what the program's start calls.
constexpr llvm::StringLiteral RootCaller = "<root>";

/// A + B, or MaxCount where that is less.
uint64_t addCounts(uint64_t A, uint64_t B);

struct ProfiledFunction {
  /// How often it was entered; all its counters, or samples, together.
  uint64_t Count = 0, Total = 0;
  /// It has a count of its own, and is not only a name in an edge.
  bool Counted = false;
  /// Callee and count.
  std::map<std::string, uint64_t> Edges;
};

/// Ordered bytewise, as all that is written from it.
using ProfileTable = std::map<std::string, ProfiledFunction>;

enum class ProfileFamily { Instrumentation, Sample, Artifact };

/// The kind of a profile, in the words of `profdata show`.
struct ProfileDescription {
  ProfileFamily Family = ProfileFamily::Artifact;
  llvm::StringRef Kind, Format;
  uint64_t Version = 0; ///< 0: the format has none
  bool ContextSensitive = false;
  bool HashedNames = false; ///< MD5 hashes stand for them
  bool EntryCounts = true;  ///< the first counter of a function is its entry's
};

/// By content: which family reads it. An error where none does.
llvm::Expected<ProfileFamily> recogniseProfile(const llvm::MemoryBuffer &B);

/// Adds an artifact profile, or writes one: {"functions", "edges"}.
llvm::Error readArtifactProfile(llvm::StringRef Text, ProfileTable &T);
void writeArtifactProfile(const ProfileTable &T, llvm::raw_ostream &OS);

} // namespace art
