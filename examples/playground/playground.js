// A page that builds what is in its text field. ./art/ holds what `art browser --out art` writes.
import { BuildFailedError, build, openArtifact, splitShellWords } from './art/index.js';

const $ = (id) => document.getElementById(id);
const checked = (name) => [...document.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const isText = (type) => type === 'ir' || type.startsWith('asm/');

$('source').value ||= `#include <stdio.h>

static int fib(int n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(void) {
    for (int i = 0; i < 20; i++)
        printf("%d ", fib(i));
    puts("");
}
`;

let running;

$('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  running = new AbortController();
  setBusy(true);
  $('diagnostics').textContent = '';
  $('result').hidden = true;
  const started = performance.now();
  try {
    const result = await build({
      files: { [$('name').value]: $('source').value },
      package: 'playground',
      flags: flags($('flags').value),
      targets: checked('target'),
      emit: checked('emit'),
      ...($('program').checked && { link: 'program' }),
      timeout: 60,
      signal: running.signal,
      onEvent: show,
    });
    say(`Built in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
    await showArtifact(result);
  } catch (error) {
    const failures = error instanceof BuildFailedError ? error.failures : [];
    const ends = failures.filter(({ kind }) => kind !== 'diagnosed').map(({ message }) => message);
    say(ends[0] ?? error.message, true);
  } finally {
    setBusy(false);
    $('diagnostics').hidden = $('diagnostics').textContent === '';
  }
});

/** What is in the field, with quotes as in a shell. */
function flags(text) {
  const words = splitShellWords(text);
  if (words) return words;
  throw new Error(`Flags: a quote is not closed, or a \\ ends the line: ${text}`);
}

$('cancel').addEventListener('click', () => running?.abort());

/** What happens in a build, as it happens. */
function show(event) {
  if (event.type === 'loading') {
    if (event.total) Object.assign($('progress'), { max: event.total, value: event.loaded });
    else $('progress').removeAttribute('value');
    say(`Fetching ${event.file}: ${megabytes(event.loaded)}`);
  } else if (event.type === 'started') {
    $('progress').removeAttribute('value');
    say(`Compiling for ${event.target}`);
  } else if (event.type === 'diagnostics') {
    // Most come again for every target.
    if (!$('diagnostics').textContent.includes(event.text)) $('diagnostics').textContent += event.text;
  } else if (event.type === 'warning') $('diagnostics').textContent += `${event.message}\n`;
}

async function showArtifact({ manifest, artifact: files }) {
  const artifact = await openArtifact(files);
  const link = (id, content, type) => {
    if ($(id).href.startsWith('blob:')) URL.revokeObjectURL($(id).href);
    $(id).href = URL.createObjectURL(new Blob([content], { type }));
  };
  link('archive', files.archive, 'application/gzip');
  link('manifest', files.manifest, 'application/json');
  $('package').textContent = `${manifest.package}, for ${manifest.targets.join(' and ')}`;
  $('entries').replaceChildren(...artifact.entries().map((entry) => row(artifact, entry)));
  $('text').hidden = true;
  $('result').hidden = false;
  const first = artifact.entries().find(({ type }) => isText(type));
  if (first) await showText(artifact, first);
}

function row(artifact, entry) {
  const tr = document.createElement('tr');
  for (const [text, className] of [[''], [entry.type], [entry.size, 'number'], [`${entry.sha256.slice(0, 12)}…`]]) {
    const td = tr.insertCell();
    td.textContent = text;
    if (className) td.className = className;
  }
  const button = document.createElement('button');
  button.textContent = entry.path;
  button.onclick = () => (isText(entry.type) ? showText(artifact, entry) : save(artifact, entry));
  tr.cells[0].append(button);
  return tr;
}

async function showText(artifact, entry) {
  $('text').textContent = new TextDecoder().decode(await artifact.read(entry));
  $('text').hidden = false;
}

async function save(artifact, entry) {
  const a = document.createElement('a');
  a.href = URL.createObjectURL(new Blob([await artifact.read(entry)]));
  a.download = entry.path.split('/').at(-1);
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60_000);
}

function say(text, bad = false) {
  $('status').textContent = text;
  $('status').className = bad ? 'bad' : '';
}

function setBusy(busy) {
  $('build').disabled = busy;
  $('cancel').disabled = !busy;
  $('progress').hidden = !busy;
}
