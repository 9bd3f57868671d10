// One headless Chromium, and pages of it that have art.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { serve } from '../../examples/playground/serve.mjs';
import type * as ArtInBrowser from '../../src/browser.js';
import { art, type CliResult, REPOSITORY } from './project.js';

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

/** What a function that runs in a page is given: the module, and a digest to compare with. */
export interface InPage<T> {
  art: typeof ArtInBrowser & { test: { hash(bytes: Uint8Array): Promise<string> } };
  given: T;
}

/** A page. */
export interface Tab {
  page: Page;
  /** What the page threw without catching it. */
  errors: string[];
  /** Runs a function in it; what goes in and comes out is copied, so the function sees nothing from around it. */
  run<T, R>(work: (inPage: InPage<T>) => R | Promise<R>, given?: T): Promise<R>;
}

export interface Browser {
  open(path: string): Promise<Tab>;
  close(): Promise<void>;
}

/** Makes a folder the playground's site, with what `art browser` writes in art/. @returns what that command said */
export function makeSite(folder: string): CliResult {
  cpSync(join(REPOSITORY, 'examples/playground'), folder, {
    recursive: true,
    filter: (from) => !from.endsWith('/art'),
  });
  return art(['browser', '--out', join(folder, 'art')]);
}

/** Starts a browser with a profile of its own, and a server for a folder in which art/ holds what `art browser` wrote. */
export async function openBrowser(folder: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'art-test-'));
  const server = await serve(folder, 0);
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: FLAGS,
  });
  return {
    async open(path) {
      const page = await context.newPage();
      page.setDefaultTimeout(120_000);
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
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
          ),
      };
    },
    async close() {
      await context.close();
      await server.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
