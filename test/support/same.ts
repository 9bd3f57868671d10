/** A project that must give the same bytes wherever it is built. */
export const SAME_SOURCES = {
  'package.json': '{"name":"same","version":"1.0.0"}',
  'src/main.c': `#include <assert.h>
#include <stdio.h>
#include "lib/lib.h"
const char *built(void) { return __FILE__ " " __DATE__ " " __TIME__ " " __TIMESTAMP__; }
int main(void) { assert(lib(1)); return printf("%s %s\\n", built(), where()); }
`,
  'src/lib/lib.c':
    '#include "lib.h"\nint lib(int x) { static int calls; return ++calls + x; }\nconst char *where(void) { return LIB_FILE; }\n',
  'src/lib/lib.h': '#pragma once\n#define LIB_FILE __FILE__\nint lib(int);\nconst char *where(void);\n',
  'src/z.cpp':
    'template <int N> struct Sum { static constexpr int of = N + Sum<N - 1>::of; };\ntemplate <> struct Sum<0> { static constexpr int of = 0; };\nextern "C" int sum() { return Sum<9>::of; }\n',
  'src/ir.ll': 'define i32 @ir(i32 %x) {\n  %y = mul i32 %x, 3\n  ret i32 %y\n}\n',
};
export const SAME_FLAGS = ['-O2', '-g'];

/** A source of which each line takes clang about a second; its limits on constant evaluation are never reached. */
export const ENDLESS = `
constexpr int spin(int from) {
  int n = from;
  for (int i = 0; i < 300000; ++i) n = (n * 7 + i) % 1000;
  return n;
}
${Array.from({ length: 2000 }, (_, i) => `static_assert(spin(${i}) >= 0);`).join('\n')}
`;
