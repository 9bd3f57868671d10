// The dark or light theme: the system's, or the one that the user chose.
import { $ } from './dom.js';

const KEY = 'art-playground-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function show(): void {
  const isDark = (read() ?? (dark.matches ? 'dark' : 'light')) === 'dark';
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  $('theme').setAttribute('aria-pressed', String(isDark));
}

export function startTheme(): void {
  show();
  dark.addEventListener('change', show);
  $('theme').addEventListener('click', () => {
    const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // The browser stores nothing for this page, so the choice is lost at the next visit.
    }
    document.documentElement.dataset.theme = next;
    $('theme').setAttribute('aria-pressed', String(next === 'dark'));
  });
}
