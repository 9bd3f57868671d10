// A short list of programs whose output is interesting to read beside the source.
import type { PaneSettings, Project } from './project.js';

const X86 = 'x86_64-linux-musl';
const ARM = 'aarch64-linux-musl';

const pane = (target: string, flags: string, view: PaneSettings['view'] = 'assembly'): PaneSettings => ({
  target,
  flags,
  view,
});

interface Example {
  name: string;
  files: Record<string, string>;
  panes: PaneSettings[];
  run?: Partial<Project['run']>;
}

export const EXAMPLES: readonly Example[] = [
  {
    name: 'C: a loop, twice',
    panes: [pane(X86, '-O1'), pane(ARM, '-O2')],
    run: { args: '10 20 30' },
    files: {
      'main.c': `#include <stdio.h>
#include <stdlib.h>

// The sum of the squares below n: look at what -O2 makes of the loop.
static unsigned squares(unsigned n) {
  unsigned sum = 0;
  for (unsigned i = 0; i < n; i++)
    sum += i * i;
  return sum;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    unsigned n = strtoul(argv[i], NULL, 10);
    printf("%u -> %u\\n", n, squares(n));
  }
  return argc < 2;
}
`,
    },
  },
  {
    name: 'C++20: ranges and concepts',
    panes: [pane(X86, '-std=c++20 -O0'), pane(X86, '-std=c++20 -O2')],
    run: { flags: '-std=c++20 -O2' },
    files: {
      'main.cpp': `#include <concepts>
#include <cstdio>
#include <ranges>

template <std::integral T>
constexpr bool even(T n) { return n % 2 == 0; }

int sum(int n) {
  namespace views = std::views;
  int total = 0;
  for (int square : views::iota(1, n) | views::filter(even<int>) |
                        views::transform([](int i) { return i * i; }))
    total += square;
  return total;
}

int main() { std::printf("%d\\n", sum(100)); }
`,
    },
  },
  {
    name: 'C++20: a coroutine',
    panes: [pane(X86, '-std=c++20 -O1', 'ir'), pane(X86, '-std=c++20 -O2')],
    run: { flags: '-std=c++20 -O2' },
    files: {
      'main.cpp': `#include <coroutine>
#include <cstdio>

struct numbers {
  struct promise_type {
    int value = 0;
    numbers get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int n) { value = n; return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
  bool next() { handle.resume(); return !handle.done(); }
  int value() const { return handle.promise().value; }
  ~numbers() { handle.destroy(); }
};

numbers fibonacci(int count) {
  for (int a = 0, b = 1; count-- > 0; b += a, a = b - a)
    co_yield a;
}

int main() {
  numbers all = fibonacci(12);
  while (all.next()) std::printf("%d ", all.value());
  std::puts("");
}
`,
    },
  },
  {
    name: 'SIMD: one source, two machines',
    panes: [pane(X86, '-O2 -mavx2 -mfma'), pane(ARM, '-O2')],
    run: { flags: '-O2 -msimd128' },
    files: {
      'dot.c': `#include <stdio.h>

// clang's vectors become the registers that each machine has.
typedef float f8 __attribute__((vector_size(32)));

float dot(const f8 *a, const f8 *b, int count) {
  f8 sum = {0};
  for (int i = 0; i < count; i++)
    sum += a[i] * b[i];
  float total = 0;
  for (int i = 0; i < 8; i++)
    total += sum[i];
  return total;
}

int main(void) {
  f8 a[4], b[4];
  for (int i = 0; i < 32; i++) {
    a[i / 8][i % 8] = i;
    b[i / 8][i % 8] = 1.0f / (i + 1);
  }
  printf("%f\\n", dot(a, b, 4));
}
`,
    },
  },
  {
    name: 'LLVM IR: a popcount that is found',
    panes: [pane(X86, '-O2 -mpopcnt'), pane(ARM, '-O2', 'ir')],
    files: {
      'count.ll': `; Counts the bits of %x one after another; the optimiser knows what that is.
define i32 @count(i32 %x) {
entry:
  br label %loop

loop:
  %rest = phi i32 [ %x, %entry ], [ %next, %body ]
  %bits = phi i32 [ 0, %entry ], [ %more, %body ]
  %done = icmp eq i32 %rest, 0
  br i1 %done, label %end, label %body

body:
  %less = sub i32 %rest, 1
  %next = and i32 %rest, %less
  %more = add i32 %bits, 1
  br label %loop

end:
  ret i32 %bits
}
`,
    },
  },
  {
    name: 'Profile-guided: what is hot is inlined',
    panes: [pane(X86, '-O2'), pane(X86, '-O2 --with-profile=calls.json')],
    files: {
      'main.c': `// calls.json says how often each function ran. With it, mix() is inlined where
// it is hot, and repair() and complain() are kept out of the way.
unsigned mix(unsigned a, unsigned b, unsigned c, unsigned value) {
#define ROUND(k, n) ((k ^ k >> 15) * 2246822519u + (k << n | k >> (32 - n)))
  unsigned key = a ^ b << 7 ^ c << 13;
  key = ROUND(key, 5) + b;
  key = ROUND(key, 9) + c;
  key = ROUND(key, 11) ^ a;
  key = ROUND(key, 3) + b;
  key = ROUND(key, 17) ^ c;
  key = ROUND(key, 13) + a;
  key = ROUND(key, 7) ^ b;
  key = ROUND(key, 19) + c;
  key = ROUND(key, 23) ^ a;
  key = ROUND(key, 29) + b;
  return (value ^ key) * 3266489917u;
}

unsigned repair(unsigned value) {
  unsigned bits = 0;
  for (; value != 0; value &= value - 1) bits++;
  return bits;
}

void complain(unsigned at);

unsigned run(unsigned count, unsigned seed) {
  unsigned sum = 0;
  for (unsigned i = 1; i <= count; i++) {
    unsigned value = mix(seed, seed >> 3, count, i);
    if (value % 4096 == 0) value = repair(value);
    if (i == 0) complain(i);
    sum += value;
  }
  return sum;
}
`,
      'calls.json': `{
  "functions": { "run": 1, "mix": 100000, "repair": 25, "complain": 0 },
  "edges": { "<root>->run": 1, "run->mix": 100000, "run->repair": 25, "run->complain": 0 }
}
`,
    },
  },
];

export function projectOf({ files, panes, run }: Example): Project {
  const [active = ''] = Object.keys(files);
  return {
    files: new Map(Object.entries(files)),
    active,
    panes: panes.map((settings) => ({ ...settings })),
    directives: false,
    demangle: true,
    run: { flags: '-O2', args: '', input: '', ...run },
  };
}
