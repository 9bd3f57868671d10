// Profiles among the options: what clang's CodeGenOptions hold about them.
#pragma once
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/PGOOptions.h"
#include "llvm/Transforms/Utils/Instrumentation.h"
#include <optional>
#include <string>

namespace art {

/// clang's ProfileInstrKind: who instruments, or whose profile is used.
enum class ProfileKind { None, FrontEnd, IR, ContextSensitiveIR };

struct ProfileOptions {
  ProfileKind Instrument = ProfileKind::None, Use = ProfileKind::None;
  std::string InstrumentPath, UsePath, SampleFile, RemappingFile;
  bool Atomic = false, Continuous = false, NoRedZone = false;
  bool DebugInfoForProfiling = false, PseudoProbes = false;
};

/// Reads one cc1 argument; false where it is not about profiles.
bool applyProfileOption(llvm::StringRef A, ProfileOptions &O);

/// Looks into the profile to use: it is sound, and its kind is found where no
/// argument told, as clang's driver does.
llvm::Error openProfile(ProfileOptions &O);

/// For PassBuilder and TargetMachine.
std::optional<llvm::PGOOptions> pgoOptions(const ProfileOptions &O);

/// For the lowering of the counters that the front end asked for.
std::optional<llvm::InstrProfOptions>
instrumentationOptions(const ProfileOptions &O);

} // namespace art
