#pragma once
#include_next <sys/stat.h>
#ifdef __cplusplus
extern "C" {
#endif
mode_t umask(mode_t);
int chmod(const char *, mode_t);
int fchmod(int, mode_t);
char *realpath(const char *, char *);
#ifdef __cplusplus
}
#endif
