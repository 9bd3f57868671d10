// UBSan's handlers of deadly signals, for programs that are linked statically. LLVM's own file of this name has interceptors
// of signal and sigaction, which find libc's functions with dlsym: in a static program there is none to find, and then a
// program cannot set a handler of its own. Without interceptors sanitizer_common calls libc's sigaction. And libunwind cannot
// step over musl's frame of a signal on x86_64, so the stack is walked by frame pointers.
#include "sanitizer_common/sanitizer_common.h"
#include "sanitizer_common/sanitizer_stacktrace.h"

void ubsan_GetStackTrace(__sanitizer::BufferedStackTrace *stack, __sanitizer::uptr max_depth, __sanitizer::uptr pc,
                         __sanitizer::uptr bp, void *context, bool fast);

namespace __ubsan {
using namespace __sanitizer;

static void OnStackUnwind(const SignalContext &sig, const void *, BufferedStackTrace *stack) {
  const bool by_frame_pointers = true;
  ubsan_GetStackTrace(stack, kStackTraceMax, StackTrace::GetNextInstructionPc(sig.pc), sig.bp, sig.context,
                      by_frame_pointers);
}

static void OnDeadlySignal(int, void *siginfo, void *context) {
  HandleDeadlySignal(siginfo, context, GetTid(), &OnStackUnwind, nullptr);
}

void InitializeDeadlySignals() {
  static bool is_initialized = false;
  if (is_initialized) return;
  is_initialized = true;
  InstallDeadlySignalHandlers(&OnDeadlySignal);
}
} // namespace __ubsan
