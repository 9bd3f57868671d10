// Where the program starts. What is the same for every run is done once, when the program is built: ../initialise.mjs calls
// `initialise`, and writes the memory that it leaves into the program.
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <wasi/libc-environ.h>

void __wasm_call_ctors(void);
void initialiseLLVM(void); // main.cpp
int __main_void(void);     // wasi-libc: main, with the arguments

bool initialised; // memory.c

__attribute__((export_name("initialise"))) void initialise(void) {
  if (initialised)
    return;
  __wasm_call_ctors();
  initialiseLLVM();
  __wasilibc_deinitialize_environ(); // a run has its own
  sbrk(0); // remembers where the heap ends, however large the memory is when a run begins
  initialised = true;
}

__attribute__((export_name("_start"))) void _start(void) {
  initialise();
  _Exit(__main_void());
}
