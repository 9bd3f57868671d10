// What LLVM links against and WASI lacks: processes, signals, permissions,
// locks, memory protection. Each answers as a sandbox would. None of it is on
// the path of a compilation.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

static int unsupported(void) {
  errno = ENOSYS;
  return -1;
}

// Processes
pid_t fork(void) { return unsupported(); }
int execv(const char *p, char *const a[]) { return unsupported(); }
int execve(const char *p, char *const a[], char *const e[]) { return unsupported(); }
int execvp(const char *p, char *const a[]) { return unsupported(); }
pid_t wait(int *s) { return unsupported(); }
pid_t waitpid(pid_t p, int *s, int o) { return unsupported(); }
pid_t wait4(pid_t p, int *s, int o, struct rusage *u) { return unsupported(); }
int dup(int fd) { return unsupported(); }
int dup2(int a, int b) { return unsupported(); }
int pipe(int fds[2]) { return unsupported(); }
pid_t setsid(void) { return unsupported(); }
pid_t getsid(pid_t p) { return 1; }
pid_t getppid(void) { return 1; }
unsigned alarm(unsigned s) { return 0; }

int gethostname(char *n, size_t l) { return unsupported(); }

// Users, permissions, limits
uid_t getuid(void) { return 0; }
uid_t geteuid(void) { return 0; }
gid_t getgid(void) { return 0; }
struct passwd *getpwnam(const char *n) { return 0; }
struct passwd *getpwuid(uid_t u) { return 0; }
int getpwnam_r(const char *n, struct passwd *p, char *b, size_t l, struct passwd **r) {
  *r = 0;
  return 0;
}
int getpwuid_r(uid_t u, struct passwd *p, char *b, size_t l, struct passwd **r) {
  *r = 0;
  return 0;
}
mode_t umask(mode_t m) { return 022; }
int chmod(const char *p, mode_t m) { return 0; }
int fchmod(int fd, mode_t m) { return 0; }
int fchown(int fd, uid_t u, gid_t g) { return 0; }
int getrlimit(int r, struct rlimit *l) {
  l->rlim_cur = l->rlim_max = RLIM_INFINITY;
  return 0;
}
int setrlimit(int r, const struct rlimit *l) { return 0; }

// Files
int statvfs(const char *p, struct statvfs *s) { return unsupported(); }
int fstatvfs(int fd, struct statvfs *s) { return unsupported(); }
char *realpath(const char *p, char *out) {
  return out ? strcpy(out, p) : strdup(p); // the volume has no links
}

// WASI knows no block size, and LLVM's streams take 0 for 'write each piece at once'.
int __real_fstat(int fd, struct stat *s);
int __wrap_fstat(int fd, struct stat *s) {
  int status = __real_fstat(fd, s);
  if (status == 0 && s->st_blksize == 0)
    s->st_blksize = 65536;
  return status;
}

// Memory: pages cannot be protected; advice may be ignored.
int mprotect(void *a, size_t n, int p) { return 0; }
int posix_madvise(void *a, size_t n, int v) { return 0; }
int getpagesize(void) { return 65536; }
// wasi-libc reads a file into memory and writes nothing back: LLVM then writes it itself.
void *__real_mmap(void *a, size_t n, int p, int f, int fd, off_t o);
void *__wrap_mmap(void *a, size_t n, int p, int f, int fd, off_t o) {
  if (fd >= 0 && (f & MAP_SHARED) && (p & PROT_WRITE)) {
    errno = ENODEV;
    return MAP_FAILED;
  }
  return __real_mmap(a, n, p, f, fd, o);
}

// Threads: the only one ends with the process, and nobody would see what its variables' destructors do.
int __cxa_thread_atexit(void (*f)(void *), void *a, void *d) { return 0; }

// Signals: none arrive.
int sigaction(int s, const struct sigaction *n, struct sigaction *o) { return 0; }
int sigemptyset(sigset_t *s) { return 0; }
int sigfillset(sigset_t *s) { return 0; }
int sigaddset(sigset_t *s, int n) { return 0; }
int sigprocmask(int h, const sigset_t *n, sigset_t *o) { return 0; }
int sigaltstack(const stack_t *n, stack_t *o) { return unsupported(); }
int kill(pid_t p, int s) { abort(); }
void longjmp(jmp_buf e, int v) { abort(); }
void siglongjmp(sigjmp_buf e, int v) { abort(); }

// Dynamic loading, sockets
void *dlopen(const char *n, int f) { return 0; }
int dlclose(void *h) { return -1; }
void *dlsym(void *h, const char *n) { return 0; }
char *dlerror(void) { return "WASI has no dynamic loading"; }
int dladdr(const void *a, Dl_info *i) { return 0; }
int socket(int d, int t, int p) { return unsupported(); }
int bind(int f, const struct sockaddr *a, socklen_t l) { return unsupported(); }
int connect(int f, const struct sockaddr *a, socklen_t l) { return unsupported(); }
int listen(int f, int b) { return unsupported(); }

// Debian's wasi-libc declares this one without extern "C", so C++ callers ask
// for the mangled name.
int __wasilibc_dttoif(int);
int dttoif_cxx(int t) __asm__("_Z17__wasilibc_dttoifi");
int dttoif_cxx(int t) { return __wasilibc_dttoif(t); }
