// Where malloc has its memory from. wasi-libc grows the WebAssembly memory by what is needed at once, a few pages; to a
// JavaScript engine, each time, that is a new buffer of the whole memory's size, and a reason to collect garbage.
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

enum { PAGE = 1 << 16, STEP_PAGES = (32 << 20) / PAGE };

extern bool initialised; // start.c: until then, only what is needed, since it becomes part of the program

void *sbrk(intptr_t increment) {
  static uint64_t end; // of what is given out; the first time, what malloc began with
  uint64_t size = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
  if (!end)
    end = size;
  if (increment < 0) {
    errno = EINVAL; // memory does not shrink
    return (void *)-1;
  }
  uint64_t start = end;
  if (start + increment > size) {
    size_t pages = (start + increment - size + PAGE - 1) / PAGE;
    size_t ahead = initialised && pages < STEP_PAGES ? STEP_PAGES : pages;
    if (__builtin_wasm_memory_grow(0, ahead) == SIZE_MAX && __builtin_wasm_memory_grow(0, pages) == SIZE_MAX) {
      errno = ENOMEM;
      return (void *)-1;
    }
  }
  end = start + increment;
  return (void *)(uintptr_t)start;
}

// What a run may have written to ends here, if it ended by itself (../initialise.mjs).
__attribute__((export_name("heap_end"))) void *heap_end(void) { return sbrk(0); }
