# CMake has no platform file for WASI; without UNIX set, LLVM_ON_UNIX is 0 and
# LLVMSupport does not compile.
set(UNIX 1)
