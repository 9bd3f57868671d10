// Makes elements without parsing markup, so that texts of users and compilers can never become elements.

type Child = Node | string;

/** Makes an element with properties, attributes (names with a '-', and `role`) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (key.includes('-') || key === 'role' || key === 'for') element.setAttribute(key, String(value));
    else Object.assign(element, { [key]: value });
  }
  element.append(...children);
  return element;
}

/** The element of index.html with an id. */
export function $<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as T;
}

/** Lets the arrow keys, Home and End move the focus between tabs and select the focused one (WAI-ARIA, tabs). */
export function rovingTabs(list: HTMLElement): void {
  list.addEventListener('keydown', (event) => {
    const tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')];
    const at = tabs.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    tab?.click();
    // Selecting a tab may have created the list again.
    list.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus();
  });
}

/** Marks the selected tab of a list, for the eye and for screen readers. */
export function selectTab(list: HTMLElement, chosen: (tab: HTMLElement) => boolean): void {
  for (const tab of list.querySelectorAll<HTMLElement>('[role=tab]')) {
    const isChosen = chosen(tab);
    tab.setAttribute('aria-selected', String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
  }
}

/** Lets the browser download a file to the user. */
export function download(name: string, content: BlobPart, type = 'application/octet-stream'): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
