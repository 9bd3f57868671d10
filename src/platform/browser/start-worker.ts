/**
 * Starts a module worker. Browsers require its script to have the page's own origin. A script of another origin, which
 * must be sent with CORS, is imported by a script of two lines in a blob URL (`worker-src blob:` in a content security
 * policy).
 * @param script beside this module; bundlers recognise `new URL(…, import.meta.url)`
 */
export function startWorker(script: URL, name: string): Worker {
  const options = { type: 'module', name } as const;
  if (script.origin === location.origin) return new Worker(script, options);
  const importing = new Blob([`import ${JSON.stringify(script.href)};\n`], { type: 'text/javascript' });
  const url = URL.createObjectURL(importing);
  try {
    return new Worker(url, options);
  } finally {
    // By then the worker has begun to fetch it.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}
