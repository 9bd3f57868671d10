#pragma once
#include_next <unistd.h>
#ifdef __cplusplus
extern "C" {
#endif
pid_t fork(void);
int execv(const char *, char *const[]);
int execve(const char *, char *const[], char *const[]);
int execvp(const char *, char *const[]);
int dup(int);
int dup2(int, int);
int pipe(int[2]);
unsigned alarm(unsigned);
pid_t getsid(pid_t);
pid_t setsid(void);
pid_t getppid(void);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
int getpagesize(void);
int fchown(int, uid_t, gid_t);
#ifdef __cplusplus
}
#endif
