// The layout of the page: movable separators between its parts, and on a phone one part at a time.
import { $, rovingTabs, selectTab } from './dom.js';

/** Makes a separator that the user moves with the pointer or the arrow keys (WAI-ARIA, window splitter). */
function separator(id: string, variable: string, isVertical: boolean, fromEnd: boolean): void {
  const handle = $(id);
  const area = handle.parentElement as HTMLElement;
  const set = (percent: number) => {
    const value = Math.round(Math.min(85, Math.max(12, percent)) * 10) / 10;
    area.style.setProperty(variable, `${value}%`);
    handle.setAttribute('aria-valuenow', String(Math.round(value)));
  };
  handle.addEventListener('pointerdown', (event) => {
    handle.setPointerCapture(event.pointerId);
    event.preventDefault();
    const move = ({ clientX, clientY }: PointerEvent) => {
      const { left, top, width, height } = area.getBoundingClientRect();
      const part = isVertical ? (clientX - left) / width : (clientY - top) / height;
      set(100 * (fromEnd ? 1 - part : part));
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), {
      once: true,
    });
  });
  handle.addEventListener('keydown', ({ key }) => {
    const step = { ArrowLeft: -3, ArrowUp: -3, ArrowRight: 3, ArrowDown: 3 }[key];
    if (step !== undefined) set(Number(handle.getAttribute('aria-valuenow')) + (fromEnd ? -step : step));
  });
}

/** Opens a tab below the source. */
export function openDrawer(name: 'messages' | 'run'): void {
  selectTab($('drawer-tabs'), (tab) => tab.id === `tab-${name}`);
  $('panel-messages').hidden = name !== 'messages';
  $('panel-run').hidden = name !== 'run';
}

/** Shows a part on a phone; wide pages show all parts. */
export function openPart(name: 'source' | 'output' | 'drawer'): void {
  document.body.dataset.part = name;
  selectTab($('parts'), (tab) => tab.id === `part-${name}`);
}

export function startLayout(): void {
  separator('split-columns', '--source-width', true, false);
  separator('split-rows', '--drawer-height', false, true);
  for (const name of ['messages', 'run'] as const) $(`tab-${name}`).addEventListener('click', () => openDrawer(name));
  for (const name of ['source', 'output', 'drawer'] as const)
    $(`part-${name}`).addEventListener('click', () => openPart(name));
  rovingTabs($('drawer-tabs'));
  rovingTabs($('parts'));
  openDrawer('messages');
  openPart('source');
}
