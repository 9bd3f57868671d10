// The outputs of one compilation.
#pragma once
#include "compile.h"
#include "plan.h"
#include "profile_report.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/CodeGen/BackendUtil.h"
#include "clang/CodeGen/CodeGenAction.h"
#include "llvm/Passes/PassBuilder.h"
#include <optional>

namespace art {

/// Says an error as clang says one that has no place in a file.
void report(clang::DiagnosticsEngine &Diagnostics, llvm::Error E);

/// Makes and optimises a module as clang does, once, and writes all that is
/// wanted of it.
class OutputsAction : public clang::CodeGenAction {
  const Outputs &Wanted;
  std::optional<Plan> Guide;
  std::optional<ProfileReport> Report;

  void steer(llvm::PassBuilder &PB);
  llvm::Error write(llvm::Module &M);
  llvm::Error generate(llvm::Module &M, clang::BackendAction Kind,
                       const std::string &Path);

protected:
  bool BeginSourceFileAction(clang::CompilerInstance &CI) override;
  void ExecuteAction() override;

public:
  explicit OutputsAction(const Outputs &Wanted)
      : CodeGenAction(clang::Backend_EmitNothing), Wanted(Wanted) {}
};

} // namespace art
