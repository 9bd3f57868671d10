// Stores the files of the page, so that it opens without a network. The session stores the compiler's files
// (src/platform/browser).
declare const SITE_FILES: readonly string[];
declare const SITE_VERSION: string;

const worker = self as unknown as {
  addEventListener(type: string, listener: (event: WorkerEvent) => void): void;
  clients: { claim(): Promise<void> };
};
interface WorkerEvent extends Event {
  request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(response: Promise<Response>): void;
}

const CACHE = `art-playground-page-${SITE_VERSION}`;

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(SITE_FILES.map((file) => new Request(file, { cache: 'no-cache' })))),
  );
});

worker.addEventListener('activate', (event) => {
  const isOld = (name: string) => name.startsWith('art-playground-page-') && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || url.search !== '') return;
  event.respondWith(
    caches
      .open(CACHE)
      .then((cache) => cache.match(request))
      .then((kept) => kept ?? fetch(request)),
  );
});
