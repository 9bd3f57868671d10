// LLVM uses setjmp only in CrashRecoveryContext, which is never enabled here.
#pragma once
#ifdef __cplusplus
extern "C" {
#endif
typedef int jmp_buf[1];
typedef int sigjmp_buf[1];
#define setjmp(env) ((void)(env), 0)
#define sigsetjmp(env, save) ((void)(env), (void)(save), 0)
__attribute__((noreturn)) void longjmp(jmp_buf, int);
__attribute__((noreturn)) void siglongjmp(sigjmp_buf, int);
#ifdef __cplusplus
}
#endif
