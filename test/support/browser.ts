// Opens a headless browser, Chromium or Firefox, and pages in it, with the same driver for both.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser as Driven, launch, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { serve } from '../../examples/playground/serve.mjs';
import type * as ArtInBrowser from '../../src/browser.js';
import { IS_FULL } from './full.js';
import { available, scratch } from './native.js';
import { art } from './project.js';

export type BrowserKind = 'chromium' | 'firefox';
/** Those that tests are run in. */
const BROWSERS: readonly BrowserKind[] = IS_FULL ? ['chromium', 'firefox'] : ['chromium'];
export const PROGRAMS: Readonly<Record<BrowserKind, string>> = { chromium: 'chromium', firefox: 'firefox-esr' };

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // As Node's toolchain has it (src/platform/node/toolchain.ts), which takes less of a small machine.
  '--js-flags=--wasm-tiering-budget=60000000',
];
/** How long to wait for anything in a page, in milliseconds; the machine may be busy. */
const PATIENCE = Number(process.env.ART_PATIENCE ?? 240_000);

/** What a function that runs in a page gets: the module, and a value from the test. */
export interface InPage<T> {
  art: typeof ArtInBrowser & { test: { hash(bytes: Uint8Array): Promise<string> } };
  given: T;
}

/** A page. */
export interface Tab {
  page: Page;
  /** Uncaught errors of the page, and what its content security policy refused. */
  errors: string[];
  /** Runs a function in the page. Arguments and result are copied, so the function cannot use variables around it. */
  run<T, R>(work: (inPage: InPage<T>) => R | Promise<R>, given?: T): Promise<R>;
}

export interface Browser {
  /** URL of the server, ending in '/'. */
  url: string;
  open(path: string): Promise<Tab>;
  /** Stops the server. */
  stopServing(): Promise<void>;
  close(): Promise<void>;
}

/** Whether a browser is installed; prints a line if not. */
export function hasBrowser(kind: BrowserKind): boolean {
  const found = available(PROGRAMS[kind]);
  if (!found) console.warn(`no ${PROGRAMS[kind]} on this machine: nothing is tried in it`);
  return found;
}

/** A site with an empty page, and with what `art browser` writes in art/. */
export interface Site {
  /** Its folder. */
  folder: string;
  /** A browser that it is served to, and the empty page in it. */
  browser: Browser;
  tab: Tab;
}

/** Tests of such a site, in each browser. */
export function describeSite(name: string, tests: (site: Site, kind: BrowserKind) => void): void {
  for (const kind of BROWSERS) describe.skipIf(!hasBrowser(kind))(`${name}, ${kind}`, () => tests(useSite(kind), kind));
}

function useSite(kind: BrowserKind): Site {
  const site = { folder: scratch() } as Site;
  beforeAll(async () => {
    writeFileSync(
      join(site.folder, 'index.html'),
      '<!doctype html><title>empty</title><link rel="icon" href="data:,">',
    );
    expect(art(['browser', '--out', join(site.folder, 'art')])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('llvm.wasm\n'),
    });
    site.browser = await openBrowser(site.folder, kind);
    site.tab = await site.browser.open('/');
  });
  afterAll(() => site.browser?.close());
  return site;
}

function launchBrowser(kind: BrowserKind, profile: string): Promise<Driven> {
  return launch({
    browser: kind === 'firefox' ? 'firefox' : 'chrome',
    executablePath: `/usr/bin/${PROGRAMS[kind]}`,
    headless: true,
    userDataDir: profile,
    defaultViewport: { width: 1440, height: 900 },
    protocolTimeout: PATIENCE,
    timeout: PATIENCE,
    args: kind === 'chromium' ? FLAGS : [],
  });
}

/** Starts a browser with a profile of its own, and a server for a folder in which art/ holds what `art browser` wrote. */
export async function openBrowser(folder: string, kind: BrowserKind): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'art-test-'));
  const server = await serve(folder, 0);
  const browser = await launchBrowser(kind, profile);
  let isServing = true;
  const stopServing = async () => {
    if (isServing) await server.close();
    isServing = false;
  };
  return {
    url: server.url,
    async open(path) {
      const page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE);
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => {
        if (/Content.Security.Policy/i.test(message.text())) errors.push(message.text());
      });
      await page.goto(new URL(path, server.url).href);
      return {
        page,
        errors,
        run: (work, given) =>
          page.evaluate(
            `(async (given) => {
              const hash = async (bytes) => [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))]
                .map((byte) => byte.toString(16).padStart(2, '0')).join('');
              const art = { ...(await import('/art/index.js')), test: { hash } };
              return (${work})({ art, given });
            })(${JSON.stringify(given)})`,
          ) as ReturnType<Tab['run']> as never,
      };
    },
    stopServing,
    async close() {
      await browser.close();
      await stopServing();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
