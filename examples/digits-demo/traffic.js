/** Clients that ask without a pause and keep account of who answered. */

/** Starts `clients` loops of requests to the app's /classify route. */
export function keepAsking(url, images, clients) {
  /** The version that answered each request, in the order of the answers; `undefined` for a failed one. */
  const versions = [];
  let running = true;
  let sent = 0;
  let waiters = [];

  async function ask() {
    while (running) {
      const image = images[sent++ % images.length];
      try {
        const response = await fetch(`${url}/classify`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ image }),
        });
        versions.push(response.ok ? (await response.json()).version : undefined);
      } catch {
        versions.push(undefined);
      }
      waiters = waiters.filter(({ count, resolve }) => versions.length < count || resolve());
    }
  }
  const loops = Array.from({ length: clients }, ask);

  return {
    counts: () => ({ sent, failed: versions.filter((version) => version === undefined).length }),
    /** Resolves once so many answers have come. */
    answered: (count) => new Promise((resolve) => waiters.push({ count, resolve })),
    /** The distinct versions that answered from the given answer on. */
    versionsSince: (first) => [...new Set(versions.slice(first))],
    async stop() {
      running = false;
      await Promise.all(loops);
      return this.counts();
    },
  };
}
