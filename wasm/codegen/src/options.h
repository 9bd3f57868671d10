// What one run of llvm-codegen is asked to do.
#pragma once
#include "profile_options.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Passes/OptimizationLevel.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetOptions.h"
#include <optional>
#include <string>
#include <vector>

namespace art {

enum class AssignmentTracking { Disabled, Enabled, Forced };

/// The options that clang keeps outside the IR: what clang's CodeGenOptions,
/// TargetOptions and LangOptions hold for its back end, in LLVM's own types.
struct BackendOptions {
  std::string CPU;
  std::vector<std::string> Features;
  std::string Triple;
  llvm::TargetOptions Target;
  llvm::Reloc::Model Relocation = llvm::Reloc::PIC_;
  std::optional<llvm::CodeModel::Model> CodeModel;
  uint64_t LargeDataThreshold = 0;
  llvm::OptimizationLevel Level = llvm::OptimizationLevel::O0;
  llvm::CodeGenOptLevel CodeGenLevel = llvm::CodeGenOptLevel::None;
  llvm::PipelineTuningOptions Tuning;
  AssignmentTracking Tracking = AssignmentTracking::Enabled;
  ProfileOptions Profile;
  /// -w; the other warning options are not recorded.
  bool IgnoreWarnings = false;
  std::string SplitDwarfOutput;
  /// Arguments of -mllvm, for LLVM's own option parser.
  std::vector<std::string> LLVMArguments;
};

/// Reads clang cc1 arguments, as clang itself records them with
/// -fembed-bitcode=marker: in canonical form, defaults left out. Arguments that
/// only concern the front end are passed over; one that asks for a back-end
/// feature this program lacks is an error that names it.
llvm::Expected<BackendOptions>
parseCC1Arguments(llvm::ArrayRef<llvm::StringRef> Arguments);

} // namespace art
