// LLVM's Path.inc takes the BSD branch for an unknown Unix: it wants f_flags
// and MNT_LOCAL. It has no GetMainExecutable for one either, short of asking
// dladdr, which it does where HAVE_DLOPEN is defined; this header comes first.
#pragma once
#include <sys/types.h>
#ifdef __cplusplus
extern "C" {
#endif
#define MNT_LOCAL 1
#ifndef HAVE_DLOPEN
#define HAVE_DLOPEN 1
#endif
#include <dlfcn.h>
struct statvfs {
  unsigned long f_bsize, f_frsize;
  fsblkcnt_t f_blocks, f_bfree, f_bavail;
  fsfilcnt_t f_files, f_ffree, f_favail;
  unsigned long f_fsid, f_flags, f_namemax;
};
int statvfs(const char *, struct statvfs *);
int fstatvfs(int, struct statvfs *);
#ifdef __cplusplus
}
#endif
