// The page: sources on the left, outputs on the right, messages and runs below.
import type { Compilation, Diagnostic, Listing, SourceLine } from '../../../src/browser.js';
import { askName } from './ask.js';
import { BANDS } from './code-view.js';
import { Compiler, type Work } from './compiler.js';
import { $, download, el, rovingTabs, selectTab } from './dom.js';
import { SourceEditor } from './editor.js';
import { EXAMPLES, projectOf } from './examples.js';
import { type Opened, openDropped, openFiles, writeTar } from './files.js';
import { openDrawer, openPart, startLayout } from './layout.js';
import { countMessages, joinTexts, showMessages } from './messages.js';
import { Pane } from './pane.js';
import { isSource, type PaneSettings, type Project, pathProblem, unitOf } from './project.js';
import { RunPanel } from './run.js';
import { fromFragment, toFragment } from './share.js';
import { art, session } from './start.js';

const compiler = new Compiler(session);

let project: Project = fromFragment(location.hash) ?? projectOf(EXAMPLES[0] as (typeof EXAMPLES)[number]);
let panes: Pane[] = [];
let results: (Compilation | undefined)[] = [];
let lastUnit: string | undefined;
let addressTimer: ReturnType<typeof setTimeout> | undefined;

const editor = new SourceEditor($('editor'), {
  changed(path, text) {
    project.files.set(path, text);
    changed();
  },
  pointed: (path, line) => lightUp(line === undefined ? undefined : { file: path, line }, true),
  goTo,
});

/** Shows a message about the page itself. */
function say(text: unknown): void {
  $('status').textContent = text instanceof Error ? text.message : String(text);
}

/** Splits a text into words as a shell does. @throws Error */
function wordsOf(text: string): string[] {
  const words = art.splitShellWords(text);
  if (!words) throw new Error(`A quote is not closed: ${text}`);
  return words;
}

/** Reads the flags. `--with-profile=` is an option of art and not of clang. */
function readFlags(text: string): { flags: string[]; profiles: string[] } {
  const words = wordsOf(text);
  const profiles = words.flatMap((word) => /^--with-profile=(.+)$/.exec(word)?.[1] ?? []);
  return { flags: words.filter((word) => !word.startsWith('--with-profile=')), profiles };
}

function changed(atOnce = false): void {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(keepInAddress, 400);
  for (const pane of panes) pane.stale();
  compiler.schedule(plan, done, failed, atOnce);
}

function keepInAddress(): void {
  const fragment = toFragment(project);
  say(fragment === undefined ? 'This is too large for an address: download the project to keep it.' : '');
  history.replaceState(null, '', fragment === undefined ? location.pathname + location.search : `#${fragment}`);
}

function plan(): { files: ReadonlyMap<string, string>; works: Work[] } {
  const unit = unitOf(project, lastUnit);
  lastUnit = unit;
  if (unit === undefined) {
    showMessages('There is no source: name a file main.c, main.cpp or main.ll.\n', () => false, goTo);
    return { files: project.files, works: [] };
  }
  const works = panes.flatMap(({ settings, wants }, at): Work[] => {
    try {
      const { flags, profiles } = readFlags(settings.flags);
      return [{ at, unit, target: settings.target, flags, profiles, wants, demangle: project.demangle }];
    } catch (error) {
      failed(at, error);
      return [];
    }
  });
  for (const { at } of works) panes[at]?.say('…');
  return { files: new Map(project.files), works };
}

function done(at: number, result: Compilation, milliseconds: number): void {
  keepPage();
  results[at] = result;
  results.length = panes.length;
  const pane = panes[at];
  pane?.show(result);
  pane?.say(result.ok ? `${(milliseconds / 1000).toFixed(2)} s` : 'does not compile', !result.ok);
  showResults();
}

function failed(at: number, error: unknown): void {
  keepPage();
  results[at] = undefined;
  const pane = panes[at];
  const { message } = error as Error;
  pane?.say('not compiled', true);
  pane?.empty(message);
  showMessages(`${message}\n`, () => false, goTo);
}

let isKept = false;
/**
 * Installs the service worker, with which the page opens without a network. It fetches the page's files again, so this
 * waits until the first result.
 */
function keepPage(): void {
  if (isKept || !('serviceWorker' in navigator) || document.documentElement.dataset.offline === undefined) return;
  isKept = true;
  navigator.serviceWorker.register('service-worker.js').catch(() => {
    // Without it the page still works if there is a network.
  });
}

function showResults(): void {
  const all = results.filter((result) => result !== undefined);
  showDiagnostics(all.flatMap(({ diagnostics }) => diagnostics));
  showMessages(joinTexts(all), (file) => project.files.has(file), goTo);
  const count = countMessages(all);
  $('message-count').textContent = count;
  $('message-count').classList.toggle('bad', /error/.test(count));
  colourLines();
}

/** Shows each diagnostic once; two outputs usually have the same. */
function showDiagnostics(diagnostics: readonly Diagnostic[]): void {
  const known = new Map(diagnostics.map((d) => [`${d.file}:${d.line}:${d.column}:${d.severity}:${d.message}`, d]));
  editor.showDiagnostics([...known.values()]);
}

/** Gives a colour to every source line from which output lines come, and the same colour to these output lines. */
function colourLines(): void {
  const count = project.files.get(project.active)?.split('\n').length ?? 0;
  const used = new Set(panes.flatMap((pane) => [...pane.linesOf(project.active)]));
  const order = [...used].sort((a, b) => a - b);
  const colours = new Map(order.map((line, at) => [line, at % BANDS]));
  editor.band(Array.from({ length: count }, (_, at) => colours.get(at + 1)));
  for (const pane of panes) pane.band(({ file, line }) => (file === project.active ? colours.get(line) : undefined));
}

function lightUp(from: SourceLine | undefined, reveals: boolean): void {
  for (const pane of panes) pane.light(from, reveals);
  editor.light(from && from.file === project.active ? from.line : undefined);
}

function goTo(file: string, line: number, column: number): void {
  if (!project.files.has(file)) return;
  openPart('source');
  if (file !== project.active) openFile(file);
  editor.goTo(line, column);
}

function openFile(path: string): void {
  project.active = path;
  editor.open(path, project.files.get(path) ?? '');
  showFiles();
  changed(true);
}

function showFiles(): void {
  const list = $('files');
  list.replaceChildren(
    ...[...project.files.keys()].map((path) =>
      el(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `file-${path}`,
          title: path,
          'aria-controls': 'editor',
          onclick: () => openFile(path),
        },
        path,
      ),
    ),
  );
  selectTab(list, (tab) => tab.id === `file-${project.active}`);
  list.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  $('editor').setAttribute('aria-labelledby', `file-${project.active}`);
  $<HTMLButtonElement>('delete-file').disabled = project.files.size < 2;
}

/** The listing that a pane shows for assembly. */
const shown = (listing: Listing): Listing => (project.directives ? listing : art.codeOnly(listing));

function showPanes(): void {
  panes = project.panes.map(
    (settings, at) =>
      new Pane(settings, at + 1, {
        changed: () => changed(true),
        pointed: (from) => lightUp(from, false),
        closed: () => {
          project.panes.splice(at, 1);
          showPanes();
          changed(true);
          $('add-output').focus();
        },
        shown,
      }),
  );
  results = [];
  $('panes').replaceChildren(...panes.map(({ element }) => element));
  for (const pane of panes) {
    pane.close.hidden = panes.length < 2;
    pane.empty('Waiting for the compiler…');
  }
  $('add-output').hidden = panes.length > 1;
}

/** Replaces the current project by another. */
function openProject(next: Project): void {
  project = next;
  lastUnit = undefined;
  editor.forgetAll();
  editor.showDiagnostics([]);
  for (const id of ['run-flags', 'run-args', 'run-input'] as const)
    $<HTMLInputElement | HTMLTextAreaElement>(id).value = project.run[id.slice(4) as keyof Project['run']];
  for (const id of ['directives', 'demangle'] as const) $<HTMLInputElement>(id).checked = project[id];
  showPanes();
  openFile(project.active);
}

function take({ files, leftOut }: Opened): void {
  if (files.size === 0) {
    say('Nothing of this is text.');
    return;
  }
  const active = [...files.keys()].find(isSource) ?? ([...files.keys()][0] as string);
  openProject({ ...project, files, active });
  if (leftOut.length > 0)
    say(
      `Left out, since they are no text or too large: ${leftOut.slice(0, 5).join(', ')}${leftOut.length > 5 ? ' …' : ''}`,
    );
}

async function addFile(): Promise<void> {
  const name = await askName('Name of the new file', 'new.c', (path) => pathProblem(path, project.files));
  if (name === undefined) return;
  project.files.set(name, '');
  openFile(name);
  editor.focus();
}

async function renameFile(): Promise<void> {
  const old = project.active;
  const name = await askName('New name', old, (path) => (path === old ? undefined : pathProblem(path, project.files)));
  if (name === undefined || name === old) return;
  project.files = new Map([...project.files].map(([path, text]) => [path === old ? name : path, text]));
  editor.forget(old);
  openFile(name);
}

function deleteFile(): void {
  project.files.delete(project.active);
  editor.forget(project.active);
  openFile([...project.files.keys()].find(isSource) ?? ([...project.files.keys()][0] as string));
  $('add-file').focus();
}

async function share(): Promise<void> {
  keepInAddress();
  try {
    await navigator.clipboard.writeText(location.href);
    say('The address is copied: it holds the whole project.');
  } catch {
    say('The address of this page holds the whole project: copy it.');
  }
}

const DOWNLOADS: Readonly<Record<string, () => Promise<void>>> = {
  async project() {
    download('project.tar', writeTar(project.files), 'application/x-tar');
  },
  async program() {
    if (!runPanel.program) await runPanel.run();
    if (runPanel.program) download('program.wasm', runPanel.program, 'application/wasm');
  },
  async artifact() {
    const [first] = panes as [Pane];
    say('Building the artifact…');
    const { flags } = readFlags(first.settings.flags);
    const targets = [...new Set(panes.map(({ settings }) => settings.target))];
    const inputs = [...project.files.keys()].filter(isSource);
    const { artifact } = await session.build({ files: project.files, inputs, flags, targets });
    download('artifact.json', artifact.manifest, 'application/json');
    download('artifact.tar.gz', artifact.archive, 'application/gzip');
    say('');
  },
};

const runPanel = new RunPanel({
  session,
  project: () => project,
  words: wordsOf,
  built: ({ diagnostics, text }) => {
    if (text === '') return;
    showDiagnostics(diagnostics);
    showMessages(text, (file) => project.files.has(file), goTo);
  },
  show: () => {
    openDrawer('run');
    openPart('drawer');
  },
});

startLayout();
rovingTabs($('files'));

$('examples').append(...EXAMPLES.map(({ name }, at) => el('option', { value: String(at) }, name)));
$<HTMLSelectElement>('examples').addEventListener('change', ({ target }) => {
  const example = EXAMPLES[Number((target as HTMLSelectElement).value)];
  (target as HTMLSelectElement).value = '';
  if (example) openProject(projectOf(example));
});
$('add-file').addEventListener('click', () => void addFile());
$('rename-file').addEventListener('click', () => void renameFile());
$('delete-file').addEventListener('click', deleteFile);
$('share').addEventListener('click', () => void share());
$('add-output').addEventListener('click', () => {
  const [first] = project.panes as [PaneSettings];
  project.panes.push({
    ...first,
    flags: /-O[1-3s]/.test(first.flags) ? first.flags.replace(/-O[1-3s]/, '-O0') : `${first.flags} -O2`.trim(),
  });
  showPanes();
  changed(true);
  panes.at(-1)?.element.querySelector('select')?.focus();
});
$<HTMLInputElement>('directives').addEventListener('change', ({ target }) => {
  project.directives = (target as HTMLInputElement).checked;
  for (const pane of panes) pane.refresh();
  colourLines();
  keepInAddress();
});
$<HTMLInputElement>('demangle').addEventListener('change', ({ target }) => {
  project.demangle = (target as HTMLInputElement).checked;
  changed(true);
});
for (const id of ['run-flags', 'run-args', 'run-input'] as const)
  $(id).addEventListener('input', ({ target }) => {
    project.run[id.slice(4) as keyof Project['run']] = (target as HTMLInputElement).value;
    clearTimeout(addressTimer);
    addressTimer = setTimeout(keepInAddress, 400);
  });
for (const id of ['open-files', 'open-folder'] as const)
  $<HTMLInputElement>(id).addEventListener('change', async ({ target }) => {
    const input = target as HTMLInputElement;
    await openFiles(input.files ?? []).then(take, say);
    input.value = '';
    closeMenus();
  });
for (const [name, act] of Object.entries(DOWNLOADS))
  $(`download-${name}`).addEventListener('click', () => {
    closeMenus();
    act().catch(say);
  });

const menus = [...document.querySelectorAll<HTMLDetailsElement>('details.menu')];
function closeMenus(but?: HTMLDetailsElement): void {
  for (const menu of menus) if (menu !== but) menu.open = false;
}
document.addEventListener('click', ({ target }) =>
  closeMenus((target as Element).closest<HTMLDetailsElement>('details.menu') ?? undefined),
);
document.addEventListener(
  'keydown',
  (event) => {
    if (event.key === 'Escape') {
      const open = menus.find((menu) => menu.open);
      closeMenus();
      open?.querySelector('summary')?.focus();
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void runPanel.run();
    }
  },
  true,
);

for (const name of ['dragover', 'drop'] as const)
  document.addEventListener(
    name,
    (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      if (event.type === 'drop') openDropped(event.dataTransfer.items).then(take, say);
    },
    true,
  );

window.addEventListener('hashchange', () => {
  const next = fromFragment(location.hash);
  if (next) openProject(next);
});

openProject(project);
