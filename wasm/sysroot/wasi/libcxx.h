// Read before each of libc++'s sources: it takes musl's word for this function, which wasi-libc lacks. std::filesystem then
// copies by reading and writing.
#pragma once
#include <errno.h>
#include <unistd.h>

static inline ssize_t copy_file_range(int, off_t *, int, off_t *, size_t, unsigned) {
  errno = ENOSYS;
  return -1;
}
