#pragma once
#include <sys/time.h>
// wasi-libc's rusage lacks ru_maxrss; its getrusage fills in the two times only.
#define __wasilibc___struct_rusage_h
struct rusage {
  struct timeval ru_utime, ru_stime;
  long ru_maxrss;
};
#include_next <sys/resource.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef unsigned long long rlim_t;
struct rlimit {
  rlim_t rlim_cur, rlim_max;
};
#define RLIM_INFINITY (~0ULL)
#define RLIMIT_DATA 2
#define RLIMIT_STACK 3
#define RLIMIT_CORE 4
#define RLIMIT_RSS 5
#define RLIMIT_NOFILE 7
#define RLIMIT_AS 9
int getrlimit(int, struct rlimit *);
int setrlimit(int, const struct rlimit *);
#ifdef __cplusplus
}
#endif
