// The playground as users see it: elements are found by role and name. The tests are the same for each browser.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writePageFiles } from 'art-aot';
import type { ElementHandle, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSite } from '../../scripts/playground/site.mjs';
import { type Browser, type BrowserKind, hasBrowser, openBrowser, type Tab } from '../support/browser.js';
import { IS_FULL } from '../support/full.js';
import { run, scratch } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';

const C = `#include <stdio.h>
int twice(int n) { return n * 2; }
int main(void) { printf("%d\\n", twice(21)); }
`;

/** Finds an element by the role and name that the browser computes. */
const by = async (page: Page, role: string, name: string): Promise<ElementHandle> =>
  (await page.waitForSelector(`::-p-aria([name="${name}"][role="${role}"])`)) as ElementHandle;

const press = async (page: Page, role: string, name: string) => (await by(page, role, name)).click();

/** Returns all readable text, including that of CodeMirror's views in their shadow roots. */
const READ = `(() => {
  const read = (root) => [...root.childNodes].map((node) =>
    node.nodeType === 3 ? node.data
      : node.nodeName === 'STYLE' || node.hidden ? ''
      : read(node.shadowRoot ?? node) + (/^(DIV|P|TR|PRE)$/.test(node.nodeName) ? '\\n' : '')).join('');
  const found = document.querySelector('SELECTOR');
  return read(found.shadowRoot ?? found);
})()`;
const textOf = (page: Page, selector: string) => page.evaluate(READ.replace('SELECTOR', selector)) as Promise<string>;

const until = (page: Page, selector: string, pattern: RegExp) =>
  page.waitForFunction(`${pattern}.test(${READ.replace('SELECTOR', selector).replaceAll('\n', ' ')})`);

/** Waits for an element in the shadow root of another. */
const within = (page: Page, host: string, selector: string) =>
  page.waitForFunction(
    (host, selector) =>
      [...document.querySelectorAll(host)].map(({ shadowRoot }) => shadowRoot?.querySelector(selector)).find(Boolean),
    {},
    host,
    selector,
  ) as Promise<ElementHandle<HTMLElement>>;

/** Types a text into a field in place of its content. */
async function type(page: Page, label: string, text: string): Promise<void> {
  const field = await by(page, 'textbox', label);
  await field.click();
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await page.keyboard.press('Delete');
  if (text !== '') await page.keyboard.type(text);
}

/** Inserts a source into the editor as a paste does, so that the editor does not add closing brackets. */
async function write(page: Page, text: string): Promise<void> {
  const editor = await within(page, '#editor', '.cm-content');
  await editor.click();
  await editor.evaluate((element, text) => {
    const view = element as unknown as { cmTile: { view: EditorLike }; cmView: { view: EditorLike } };
    const { view: found } = view.cmTile ?? view.cmView;
    found.dispatch({ changes: { from: 0, to: found.state.doc.length, insert: text } });
  }, text);
}
interface EditorLike {
  state: { doc: { length: number } };
  dispatch(change: object): void;
}

async function axe(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(join(REPOSITORY, 'node_modules/axe-core/axe.min.js'), 'utf8'));
  return page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ': ' + JSON.stringify(target) + ' ' + failureSummary)))`) as Promise<
    string[]
  >;
}

/** Selects the first example, which replaces the project. */
const examplesFirst = async (page: Page) => (await by(page, 'combobox', 'Examples')).select('0');

/** Drops files and folders on the editor, as a user does with those of the desktop. Only Chromium's protocol can. */
async function dropFromDisk(page: Page, paths: string[]): Promise<void> {
  const box = await (await page.$('#editor'))?.boundingBox();
  const [x, y] = [(box?.x ?? 0) + 60, (box?.y ?? 0) + 20];
  const devtools = await page.createCDPSession();
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', {
      type,
      x,
      y,
      data: { items: [], files: paths, dragOperationsMask: 1 },
    });
  await devtools.detach();
}

/** Drops files that are on no disk on the editor. */
const dropFromMemory = (page: Page, files: { name: string; bytes: number[] }[]): Promise<void> =>
  page.evaluate((files) => {
    const dataTransfer = new DataTransfer();
    for (const { name, bytes } of files) dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
    const content = document.querySelector('#editor')?.shadowRoot?.querySelector('.cm-content');
    const options = { bubbles: true, cancelable: true, composed: true, dataTransfer };
    for (const type of ['dragenter', 'dragover', 'drop']) content?.dispatchEvent(new DragEvent(type, options));
  }, files);

/** The folder for screenshots, for people to look at. */
const PICTURES = process.env.ART_PICTURES;
async function picture(page: Page, name: `${string}.png`): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, name) as `${string}.png` });
}

export function describePage(kind: BrowserKind): void {
  describe.skipIf(!hasBrowser(kind))(`the playground in ${kind}`, () => {
    const site = scratch();
    const folder = scratch();
    let browser: Browser;
    let tab: Tab;
    let page: Page;

    beforeAll(async () => {
      await writeSite(site, { writePageFiles });
      browser = await openBrowser(site, kind);
      tab = await browser.open('/');
      page = tab.page;
    });

    afterAll(() => browser?.close());

    test('shows assembly for two targets, without headers of C++', async () => {
      await until(page, '#panes', /pushq[\s\S]*stp/);
      const fetched = (await page.evaluate(() =>
        performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname.slice(1)),
      )) as string[];
      expect(fetched).toContain('art/musl-headers.sysroot');
      expect(fetched).not.toContain('art/libcxx-headers.sysroot');
      // Firefox does not measure layout shifts.
      const jumps = await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            if (!PerformanceObserver.supportedEntryTypes.includes('layout-shift')) return resolve(0);
            new PerformanceObserver((list) =>
              resolve(list.getEntries().reduce((sum, entry) => sum + (entry as unknown as { value: number }).value, 0)),
            ).observe({ type: 'layout-shift', buffered: true });
            setTimeout(() => resolve(0), 1000);
          }),
      );
      expect(jumps).toBeLessThan(0.02);
      await picture(page, `${kind}-wide.png`);
    });

    test('an error is said where it is and below, and its fix-it is one click', async () => {
      await write(page, C.replace('n * 2;', 'n * 2'));
      await until(page, '#messages', /main\.c:2:\d+: error: expected ';' after return statement/);
      await by(page, 'tab', 'Messages 1 error');
      expect(await page.evaluate(() => document.querySelector('.ansi-red')?.textContent)).toBe('error: ');
      await (await within(page, '#editor', '.cm-lintRange-error')).hover();
      const fix = await within(page, '#editor', '.cm-diagnosticAction');
      await picture(page, `${kind}-fixit.png`);
      await fix.click();
      await until(page, '#messages', /No messages/);
      expect(await textOf(page, '#editor')).toContain('n * 2;');
    });

    test('a line and what became of it light up together, from both sides', async () => {
      await write(page, C);
      await until(page, '#panes', /twice:[\s\S]*twice:/);
      const line = await within(page, '#editor', '.cm-line:nth-child(2)');
      const litIn = (id: string) =>
        page.evaluate(
          (id) =>
            [...document.querySelectorAll(id)].map(
              ({ shadowRoot }) => shadowRoot?.querySelectorAll('.cm-lit').length ?? 0,
            ),
          id,
        );
      // If a new listing appears while the pointer rests, nothing is highlighted until the pointer moves again.
      for (let lit = false; !lit; ) {
        await (await by(page, 'combobox', 'Examples')).hover();
        await line.hover();
        const isLit = () =>
          [...document.querySelectorAll('.listing')].every((listing) => listing.shadowRoot?.querySelector('.cm-lit'));
        lit = await page.waitForFunction(isLit, { timeout: 5000 }).then(
          () => true,
          () => false,
        );
      }
      const box = await (await within(page, '.listing', '.cm-lit')).boundingBox();
      await (await by(page, 'combobox', 'Examples')).hover();
      await page.waitForFunction(() => !document.querySelector('.listing')?.shadowRoot?.querySelector('.cm-lit'));
      expect(await litIn('#editor')).toEqual([0]);
      await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + 8);
      await page.waitForFunction(() => document.querySelector('#editor')?.shadowRoot?.querySelector('.cm-lit'));
      expect(await litIn('#editor')).toEqual([1]);
    });

    test('every view, by the keyboard alone', async () => {
      await write(page, C);
      await (await by(page, 'tab', 'Assembly')).focus();
      for (const shown of [
        /define [\s\S]*@twice/,
        /<twice>:[\s\S]*c3 /,
        /\.text\s*PROGBITS/,
        /twice\s*global\s*function/,
      ]) {
        await page.keyboard.press('ArrowRight');
        await until(page, '.pane', shown);
      }
      await page.keyboard.press('ArrowRight');
      await until(page, '.pane', /retq/);
      await (await by(page, 'checkbox', 'Directives and unused labels')).focus();
      await page.keyboard.press(' ');
      await until(page, '.pane', /\.globl\s+twice/);
      expect(await textOf(page, '.pane')).not.toMatch(/\.loc\b|debug/);
      await page.keyboard.press(' ');
    });

    test('flags and targets count; what cannot be done is said', async () => {
      await write(page, C);
      await type(page, 'Flags', '-O0 -DX="two  words"');
      await until(page, '.pane', /movl\s+-4\(%rbp\)/);
      await type(page, 'Flags', '-flto');
      await until(page, '.pane', /clang flag '-flto' cannot be used here/);
      await type(page, 'Flags', '-DX="');
      await until(page, '.pane', /A quote is not closed/);
      await type(page, 'Flags', '-O2');
      await (await by(page, 'combobox', 'Target')).select('wasm32-wasip1');
      await until(page, '.pane', /local\.get/);
      await (await by(page, 'combobox', 'Target')).select('x86_64-linux-musl');
      await until(page, '.pane', /retq/);
    });

    test('a program runs, reads, writes files, and says how it ended', async () => {
      await write(
        page,
        `#include <stdio.h>
int main(int argc, char **argv) {
  char word[20];
  if (scanf("%19s", word) != 1) return 9;
  fprintf(fopen("made.txt", "w"), "made");
  fprintf(stderr, "<b>%s</b>\\n", word);
  printf("%s %d\\n", argv[1], argc);
  return 3;
}
`,
      );
      await press(page, 'tab', 'Run');
      await type(page, 'Arguments', '"one word" two');
      await type(page, 'Input', 'read');
      await press(page, 'button', 'Run');
      await until(page, '#run-status', /Exit status 3 after/);
      await by(page, 'log', 'Output of the program');
      expect((await textOf(page, '#log')).trim().split('\n').sort()).toEqual(['<b>read</b>', 'one word 3']);
      expect(await page.evaluate(() => document.querySelector('#log b'))).toBeNull();
      await by(page, 'link', 'made.txt');
      await picture(page, `${kind}-run.png`);
    });

    test('one that never ends, prints without end or wants a gigabyte does not take the page along', async () => {
      const run = async (body: string, ended: RegExp) => {
        await write(page, `#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint main(void) { ${body} }\n`);
        await press(page, 'button', 'Run');
        await until(page, '#run-status', ended);
      };
      await run('puts("begun"); for (volatile int i = 0;; i++);', /Running/);
      await until(page, '#log', /begun/);
      await press(page, 'button', 'Stop');
      await until(page, '#run-status', /Stopped after/);
      await run('for (;;) puts("again and again");', /Broke down after .*: it printed more than 262144 bytes/);
      await run(
        'char *volatile p = malloc(1u << 30); if (!p) return 7; memset(p, 1, 1u << 30); return p[9];',
        /Exit status 7/,
      );
      expect(tab.errors).toEqual([]);
    });

    test('C++ comes when it is wanted, with its headers', async () => {
      await press(page, 'button', 'New file');
      await type(page, 'Name of the new file', 'main.cpp');
      await page.keyboard.press('Enter');
      await by(page, 'tab', 'main.cpp');
      await write(
        page,
        '#include <vector>\nint sum(const std::vector<int> &v) { int s = 0; for (int i : v) s += i; return s; }\n',
      );
      await until(page, '.pane', /sum\(std::/);
      await press(page, 'button', 'Delete');
      await by(page, 'tab', 'main.c');
    });

    test('names and texts never become markup', async () => {
      const name = '<img src=x onerror=alert(1)>.c';
      await press(page, 'button', 'Rename');
      await type(page, 'New name', name);
      await page.keyboard.press('Enter');
      await by(page, 'tab', name);
      await write(page, '#error <script>alert(1)</script>\n');
      await until(page, '#messages', /error: <script>alert/);
      expect(await page.evaluate(() => document.querySelectorAll('img, main script').length)).toBe(0);
      await press(page, 'button', 'Rename');
      await type(page, 'New name', 'main.c');
      await page.keyboard.press('Enter');
      await by(page, 'tab', 'main.c');
    });

    test('axe finds nothing, light and dark', async () => {
      await press(page, 'tab', 'Messages 1 error');
      expect(await axe(page)).toEqual([]);
      await press(page, 'button', 'Dark');
      await press(page, 'tab', 'Run');
      await picture(page, `${kind}-dark.png`);
      expect(await axe(page)).toEqual([]);
      await press(page, 'button', 'Dark');
    });

    test('the address holds everything: after a reload, and in another tab', async () => {
      await write(page, C.replace('n * 2', 'n * 77'));
      await until(page, '.pane', /77/);
      await page.waitForFunction(() => location.hash.length > 100);
      const hash = (await page.evaluate(() => location.hash)) as string;
      await page.waitForFunction((old) => location.hash !== old || old.length > 0, {}, hash);
      await new Promise((resolve) => setTimeout(resolve, 600));
      const address = (await page.evaluate(() => location.href)) as string;
      await page.reload();
      await until(page, '#editor', /n \* 77/);
      await page.goto('about:blank');
      await page.goto(address);
      await until(page, '.pane', /77/);
      await page.goto('about:blank');
      await page.goto(`${browser.url}#1nonsense`);
      await until(page, '#editor', /The sum of the squares/);
    });

    test.runIf(IS_FULL)('every example compiles for all of its outputs', async () => {
      const examples = await by(page, 'combobox', 'Examples');
      const values = (await page.evaluate(() =>
        [...document.querySelectorAll<HTMLOptionElement>('#examples option')]
          .map(({ value }) => value)
          .filter((v) => v !== ''),
      )) as string[];
      expect(values.length).toBe(6);
      for (const value of values) {
        await page.evaluate(() => {
          for (const state of document.querySelectorAll('.pane-state')) state.textContent = '';
        });
        await examples.select(value);
        await page.waitForFunction(() => {
          const states = [...document.querySelectorAll('.pane-state')].map(({ textContent }) => textContent ?? '');
          return states.every((text) => /\d s$|not/.test(text));
        });
        const states = (await page.evaluate(() =>
          [...document.querySelectorAll('.pane-state')].map(({ textContent }) => textContent),
        )) as string[];
        expect([value, states]).toEqual([value, [expect.stringMatching(/ s$/), expect.stringMatching(/ s$/)]]);
      }
      // The last example has a profile, which changes what is inlined.
      const [without, with_] = (await page.evaluate(
        `[...document.querySelectorAll('.listing')].map((listing) => (${READ.replace("document.querySelector('SELECTOR')", 'listing')}))`,
      )) as [string, string];
      expect(without).not.toBe(with_);
    });

    test('what was made is downloaded: artifact, program, project', async () => {
      await page.evaluate(() => {
        const saved: string[] = [];
        Object.assign(globalThis, { saved });
        HTMLAnchorElement.prototype.click = function () {
          saved.push(this.download);
        };
      });
      await examplesFirst(page);
      for (const [button, names] of [
        ['Project (.tar)', ['project.tar']],
        ['Artifact (.json, .tar.gz)', ['artifact.json', 'artifact.tar.gz']],
        ['Program (.wasm)', ['program.wasm']],
      ] as const) {
        await (await page.$('details.menu:last-of-type summary'))?.click();
        await press(page, 'button', button);
        await page.waitForFunction(
          (names) => names.every((name) => (globalThis as unknown as { saved: string[] }).saved.includes(name)),
          {},
          names,
        );
      }
      await page.reload();
    });

    test('C++ names are demangled unless the box says no, which the address holds', async () => {
      await examplesFirst(page);
      await press(page, 'button', 'Rename');
      await type(page, 'New name', 'main.cpp');
      await page.keyboard.press('Enter');
      await by(page, 'tab', 'main.cpp');
      await write(
        page,
        `template <class A, class B> struct pair_of { A first; B second; };
template <class T> struct twice { using type = pair_of<typename T::type, typename T::type>; };
struct once { using type = int; };
struct counter { int n; counter operator+(counter); };
counter counter::operator+(counter c) { return {n + c.n}; }
int large(twice<twice<twice<twice<twice<twice<twice<once>>>>>>>::type *p) { return p->first.second.first.first.first.first.first; }
`,
      );
      await until(page, '.pane', /counter::operator\+\(counter\):[\s\S]*retq/);
      // A label is coloured as one, whatever is in it.
      const coloured = await page.evaluate(() =>
        [
          ...(document.querySelector('.listing')?.shadowRoot?.querySelectorAll('.cm-line > span:first-child') ?? []),
        ].map(({ textContent }) => textContent),
      );
      expect(coloured).toContain('counter::operator+(counter):');
      const line = await within(page, '#editor', '.cm-line:nth-child(5)');
      await (await by(page, 'combobox', 'Examples')).hover();
      await line.hover();
      const lit = await within(page, '.listing', '.cm-lit');
      expect(await lit.evaluate(({ textContent }) => textContent)).toMatch(/^\t(leal|addl|movl|retq|pushq)/);
      await picture(page, `${kind}-demangled.png`);
      const widths = () =>
        page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      for (const [tab, shown] of [
        ['IR', /@counter::operator\+\(counter\)\(/],
        ['Disassembly', /<counter::operator\+\(counter\)>:/],
        ['Symbols', /counter::operator\+\(counter\)\s*global\s*function/],
      ] as const) {
        await press(page, 'tab', tab);
        await until(page, '.pane', shown);
        const [all, seen] = (await widths()) as [number, number];
        expect([tab, all]).toEqual([tab, seen]);
      }
      const table = (await page.evaluate(() => {
        const { scrollWidth = 0, clientWidth = 0 } = document.querySelector('.table') ?? {};
        const name = [...document.querySelectorAll<HTMLElement>('td.name')].find(({ title }) => /large/.test(title));
        return [scrollWidth - clientWidth, name?.title, name?.textContent?.length];
      })) as [number, string, number];
      const [beyond, mangled, length] = table;
      expect(mangled).toMatch(/^_Z5large/);
      expect(length).toBeGreaterThan(1000);
      expect(beyond).toBeLessThan(300);
      await picture(page, `${kind}-demangled-symbols.png`);
      expect(await axe(page)).toEqual([]);
      await press(page, 'tab', 'Assembly');
      const box = await by(page, 'checkbox', 'Demangle C++ names');
      const isChecked = () => page.$eval('#demangle', (box) => (box as HTMLInputElement).checked);
      expect(await isChecked()).toBe(true);
      await box.focus();
      await page.keyboard.press(' ');
      await until(page, '.pane', /_ZN7counterplES_:/);
      await new Promise((resolve) => setTimeout(resolve, 600));
      await page.reload();
      await until(page, '.pane', /_ZN7counterplES_:/);
      expect(await isChecked()).toBe(false);
      await (await by(page, 'checkbox', 'Demangle C++ names')).focus();
      await page.keyboard.press(' ');
      await until(page, '.pane', /counter::operator\+\(counter\):/);
    });

    test('files and tars that are picked are opened', async () => {
      const path = join(folder, `picked-${process.pid}-${kind}.c`);
      writeFileSync(path, 'int picked(void) { return 4711; }\n');
      const input = (await page.$('#open-files')) as ElementHandle<HTMLInputElement>;
      await input.uploadFile(path);
      await until(page, '.pane', /4711/);
      // If all files of a tar are in one folder, the page removes that folder from their names.
      const tar = join(folder, `picked-${process.pid}-${kind}.tar.gz`);
      mkdirSync(join(folder, `tar-${process.pid}/demo/include`), { recursive: true });
      writeFileSync(
        join(folder, `tar-${process.pid}/demo/in_tar.c`),
        '#include "include/n.h"\nint in_tar(void) { return N; }\n',
      );
      writeFileSync(join(folder, `tar-${process.pid}/demo/include/n.h`), '#define N 815\n');
      run('tar', ['-czf', tar, '-C', join(folder, `tar-${process.pid}`), 'demo']);
      await input.uploadFile(tar);
      await until(page, '.pane', /815/);
      await by(page, 'tab', 'include/n.h');
    });

    test('files, tars and folders that are dropped are opened', async () => {
      const dropped = join(folder, `dropped-${process.pid}`);
      mkdirSync(join(dropped, 'demo/include'), { recursive: true });
      writeFileSync(join(dropped, 'dropped.c'), 'int dropped(void) { return 4712; }\n');
      writeFileSync(join(dropped, 'demo/in_demo.c'), '#include "include/m.h"\nint in_demo(void) { return M; }\n');
      const tar = join(dropped, 'demo.tar');
      const drop = (paths: string[]) =>
        kind === 'chromium' ? dropFromDisk(page, paths) : dropFromMemory(page, paths.map(named));
      const named = (path: string) => ({ name: basename(path), bytes: [...readFileSync(path)] });
      await drop([join(dropped, 'dropped.c')]);
      await until(page, '.pane', /4712/);
      await by(page, 'tab', 'dropped.c');
      // The editor does not insert the file into the text that it shows.
      expect((await textOf(page, '#editor')).match(/dropped/g)).toHaveLength(1);
      writeFileSync(join(dropped, 'demo/include/m.h'), '#define M 816\n');
      run('tar', ['-cf', tar, '-C', dropped, 'demo']);
      await drop([tar]);
      await until(page, '.pane', /816/);
      await by(page, 'tab', 'include/m.h');
      if (kind === 'chromium') {
        writeFileSync(join(dropped, 'demo/include/m.h'), '#define M 817\n');
        await drop([join(dropped, 'demo')]);
        await until(page, '.pane', /817/);
        await by(page, 'tab', 'include/m.h');
      }
      await dropFromMemory(page, [
        { name: 'one.c', bytes: [...Buffer.from('#include "one.h"\nint one(void) { return ONE; }\n')] },
        { name: 'one.h', bytes: [...Buffer.from('#define ONE 818\n')] },
      ]);
      await until(page, '.pane', /818/);
      await by(page, 'tab', 'one.h');
      expect(tab.errors).toEqual([]);
    });

    test('a phone held upright: one part at a time, nothing wider than the screen', async () => {
      await page.setViewport({ width: 390, height: 844 });
      for (const [part, shown] of [
        ['Source', '#editor'],
        ['Output', '#panes'],
        ['Console', '#drawer'],
      ] as const) {
        await press(page, 'tab', part);
        const [width, left, right, height] = (await page.evaluate((selector) => {
          const { left, right, height } = (document.querySelector(selector) as Element).getBoundingClientRect();
          return [document.documentElement.scrollWidth, left, right, height];
        }, shown)) as [number, number, number, number];
        expect([part, width]).toEqual([part, 390]);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(390);
        expect(height).toBeGreaterThan(400);
        await picture(page, `${kind}-phone-${part}.png`);
      }
      expect(await axe(page)).toEqual([]);
      await page.setViewport({ width: 1440, height: 900 });
      expect(tab.errors).toEqual([]);
    });

    test('a second visit needs no network', async () => {
      await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      await page.waitForFunction(async () => {
        const store = await caches.open('art-playground-compiler');
        const names = (await store.keys()).map(({ url }) => new URL(url).pathname);
        return names.includes('/art/llvm.wasm') && names.includes('/art/musl-headers.sysroot');
      });
      await browser.stopServing();
      for (const name of readdirSync(site)) renameSync(join(site, name), join(site, `${name}.away`));
      await page.goto('about:blank');
      await page.goto(browser.url);
      await until(page, '#panes', /pushq[\s\S]*stp/);
      expect(tab.errors).toEqual([]);
    });
  });
}
