// The optimiser and the code generator, set up as clang sets them up.
#pragma once
#include "options.h"
#include "profile_report.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>

namespace art {

/// The target's machine for M's triple, with the given options.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const llvm::Triple &Triple, const BackendOptions &Options);

/// Runs the standard per-module pipeline for Options.Level on M, guided by a
/// plan where there is one. Report, if any, learns what of a profile was used.
void optimise(llvm::Module &M, llvm::TargetMachine &Machine,
              const BackendOptions &Options, const Plan *Guide = nullptr,
              ProfileReport *Report = nullptr);

/// Writes M as an object or as assembly. M is not usable afterwards.
llvm::Error emit(llvm::Module &M, llvm::TargetMachine &Machine,
                 const BackendOptions &Options, llvm::CodeGenFileType Type,
                 llvm::raw_pwrite_stream &Out);

} // namespace art
