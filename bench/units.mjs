// Small C files for the benchmark: varied, and the same on every machine.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** mulberry32: numbers from 0 to `below` - 1. */
function dice(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

const SNIPPETS = [
  (n, roll) => `
static unsigned long hash_${n}(const char *text) {
  unsigned long h = ${1000 + roll(9000)}ul;
  while (*text) h = (h ^ (unsigned char)*text++) * ${3 + 2 * roll(500)}ul;
  return h ^ (h >> ${3 + roll(20)});
}
unsigned long use_${n}(const char *a, const char *b) {
  char joined[${64 + 16 * roll(8)}];
  snprintf(joined, sizeof joined, "%s-${n}-%s", a, b);
  return hash_${n}(joined) + strlen(joined);
}`,
  (n, roll) => `
struct item_${n} { struct item_${n} *next; int key; double weight; };
struct item_${n} *insert_${n}(struct item_${n} *head, int key, double weight) {
  struct item_${n} **at = &head;
  while (*at && (*at)->key < key) at = &(*at)->next;
  struct item_${n} *item = malloc(sizeof *item);
  if (!item) return head;
  *item = (struct item_${n}){*at, key % ${2 + roll(97)}, weight * ${1 + roll(9)}.5};
  *at = item;
  return head;
}`,
  (n, roll) => `
void blur_${n}(float *restrict out, const float *restrict in, size_t width, size_t height) {
  for (size_t y = 1; y + 1 < height; y++)
    for (size_t x = 1; x + 1 < width; x++) {
      const float *p = in + y * width + x;
      out[y * width + x] = (p[0] * ${1 + roll(7)}.0f + p[-1] + p[1] + p[-(long)width] + p[width]) / ${5 + roll(5)}.0f;
    }
}`,
  (n, roll) => `
static int compare_${n}(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a % ${2 + roll(50)}, y = *(const int64_t *)b % ${2 + roll(50)};
  return (x > y) - (x < y);
}
int64_t middle_${n}(int64_t *values, size_t count) {
  if (count == 0) { errno = EINVAL; return ${roll(10)}; }
  qsort(values, count, sizeof *values, compare_${n});
  return values[count / 2];
}`,
  (n, roll) => `
int scan_${n}(const char *text, long *numbers, int most) {
  enum { START, NUMBER, WORD } state = START;
  int found = 0;
  for (const char *p = text; *p && found < most; p++) switch (state) {
    case START: state = isdigit((unsigned char)*p) ? NUMBER : isalpha((unsigned char)*p) ? WORD : START; break;
    case NUMBER: if (!isxdigit((unsigned char)*p)) { numbers[found++] = strtol(text, NULL, ${2 + roll(30)}); state = START; } break;
    case WORD: if (isspace((unsigned char)*p)) state = START; break;
  }
  return found;
}`,
  (n, roll) => `
double series_${n}(double x, unsigned terms) {
  double sum = 0, power = 1;
  for (unsigned i = 1; i <= terms; i++) {
    power *= x / (i + ${roll(5)});
    sum += (i & ${1 + roll(3)}) ? sin(power) : sqrt(fabs(power));
  }
  return isfinite(sum) ? sum : -${1 + roll(8)}.0;
}`,
];

const HEADERS = ['ctype', 'errno', 'math', 'stddef', 'stdint', 'stdio', 'stdlib', 'string', 'time', 'unistd'];
const SNIPPETS_A_UNIT = 4;

function unitText(index) {
  const roll = dice(index + 1);
  const includes = HEADERS.map((name) => `#include <${name}.h>\n`).join('');
  const from = roll(SNIPPETS.length);
  const parts = Array.from({ length: SNIPPETS_A_UNIT }, (_, i) =>
    SNIPPETS[(from + i) % SNIPPETS.length](`${index}_${i}`, roll),
  );
  return `${includes}${parts.join('\n')}\n`;
}

/** Writes `count` C files and gives their paths. */
export function writeUnits(directory, count) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "name": "units", "version": "1.0.0" }\n');
  return Array.from({ length: count }, (_, index) => {
    const path = join(directory, `unit-${String(index).padStart(3, '0')}.c`);
    writeFileSync(path, unitText(index));
    return path;
  });
}
