/**
 * Starts a module worker. Browsers want its script to be of the page's own origin: one that lies elsewhere, which must
 * be sent with CORS, is imported by a script of two lines that is (`worker-src blob:` in a content security policy).
 * @param script beside this module; bundlers know `new URL(…, import.meta.url)`
 */
export function startWorker(script: URL, name: string): Worker {
  const options = { type: 'module', name } as const;
  if (script.origin === location.origin) return new Worker(script, options);
  const importing = new Blob([`import ${JSON.stringify(script.href)};\n`], { type: 'text/javascript' });
  const url = URL.createObjectURL(importing);
  try {
    return new Worker(url, options);
  } finally {
    // The worker has begun to fetch it.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}
