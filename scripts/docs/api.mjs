// The public API as API Extractor reports it, one file an entry point, in api/: a change of the API is a change of these.
//   usage: node scripts/docs/api.mjs            writes them
//          node scripts/docs/api.mjs --check    exit status 1 where they are not what the sources say
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const ENTRY_POINTS = { 'art-aot': 'dist/index.d.ts', 'art-aot-browser': 'dist/browser.d.ts' };

/**
 * Reads the declarations of an entry point that `npm run build` wrote.
 * @param name its key in ENTRY_POINTS
 * @param folder the folder to write `<name>.api.md` and `<name>.api.json` to
 */
export function extract(name, folder) {
  const quiet = { default: { logLevel: 'none' } };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, ENTRY_POINTS[name]),
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: join(root, 'tsconfig.json') },
      apiReport: { enabled: true, reportFileName: name, reportFolder: folder, reportTempFolder: join(folder, 'temp') },
      docModel: { enabled: true, apiJsonFilePath: join(folder, `${name}.api.json`) },
      messages: { compilerMessageReporting: quiet, extractorMessageReporting: quiet, tsdocMessageReporting: quiet },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  });
  Extractor.invoke(config, { localBuild: true, messageCallback: (message) => (message.handled = true) });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = mkdtempSync(join(tmpdir(), 'art-api-'));
  try {
    for (const name of Object.keys(ENTRY_POINTS)) {
      extract(name, folder);
      const [made, kept] = [join(folder, `${name}.api.md`), join(root, 'api', `${name}.api.md`)];
      if (!process.argv.includes('--check')) copyFileSync(made, kept);
      else if (!existsSync(kept) || readFileSync(made, 'utf8') !== readFileSync(kept, 'utf8')) {
        writeFileSync(
          2,
          `api/${name}.api.md is not what the sources say: run 'npm run api', and look at what changes\n`,
        );
        process.exitCode = 1;
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
