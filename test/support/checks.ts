// A program with errors that -fsanitize=undefined finds, and the output of native clang's program.
export const CHECKS = `#include <limits.h>
#include <stdio.h>
int main(int argc, char **argv) {
  (void)argv;
  volatile int zero = argc - 1, bits = 32 + argc, big = INT_MAX;
  int numbers[4] = {0};
  big += argc;
  zero = 1 << bits;
  zero = numbers[argc + 4];
  enum { last = 3 };
  _Bool flag;
  *(unsigned char *)&flag = 2 * argc;
  zero = flag;
  puts("done");
  return 0;
}
`;
/** The output, except addresses. */
export const SAID = `checks.c:7:7: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'
SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior checks.c:7:7 
checks.c:8:12: runtime error: shift exponent 33 is too large for 32-bit type 'int'
SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior checks.c:8:12 
checks.c:9:10: runtime error: index 5 out of bounds for type 'int[4]'
SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior checks.c:9:10 
checks.c:13:10: runtime error: load of value 2, which is not a valid value for type '_Bool'
SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior checks.c:13:10 
`;
