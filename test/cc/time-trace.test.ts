// -ftime-trace: the only output of a compiler command that may depend on the clock.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { ok } = commands();
const SOURCE = '#include <stdio.h>\nint main(void) { return puts("a") < 0; }\n';

interface Event {
  name: string;
  ts: number;
  dur?: number;
  args?: { detail?: string };
}
const eventsOf = (path: string) => (JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: Event[] }).traceEvents;

test('a trace lies beside the object, which is the same as without', () => {
  const cwd = project({ 'a.c': SOURCE });
  ok(['cc', '-c', 'a.c', '-o', 'without.o'], { cwd });
  ok(['cc', '-ftime-trace', '-ftime-trace-granularity=0', '-c', 'a.c', '-o', 'o.o'], { cwd });
  expect(readdirSync(cwd).sort()).toEqual(['a.c', 'o.json', 'o.o', 'without.o']);
  expect(readFileSync(join(cwd, 'o.o'))).toEqual(readFileSync(join(cwd, 'without.o')));
  const events = eventsOf(join(cwd, 'o.json'));
  const whole = events.find(({ name }) => name === 'ExecuteCompiler');
  expect(whole?.dur).toBeGreaterThan(0);
  const header = events.find(({ name, args }) => name === 'Source' && args?.detail?.endsWith('stdio.h'));
  expect(header?.ts).toBeGreaterThan(0);
  for (const { dur = 0 } of events.filter(({ name }) => !name.startsWith('Total')))
    expect(dur).toBeLessThanOrEqual(whole?.dur as number);
});

test('it goes where it is told, also from the assembler and the linker of one command', () => {
  const cwd = project({ 'a.c': SOURCE, 'traces/x': '' });
  ok(['cc', '-ftime-trace=traces', '-c', 'a.c'], { cwd });
  ok(['cc', '-ftime-trace=named.json', '-Wl,--time-trace=link.json', 'a.c', '-o', 'a'], { cwd });
  expect(readdirSync(join(cwd, 'traces')).sort()).toEqual(['a.json', 'x']);
  for (const trace of ['traces/a.json', 'named.json'])
    expect(eventsOf(join(cwd, trace)).find(({ name }) => name === 'ExecuteCompiler')?.dur).toBeGreaterThan(0);
  expect(eventsOf(join(cwd, 'link.json')).find(({ name }) => name === 'ExecuteLinker')?.dur).toBeGreaterThan(0);
});
