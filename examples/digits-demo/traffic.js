/** Clients that ask without a pause and keep account of who answered. */

/** Starts `clients` loops of `ask`, which gets the number of the request and gives the version that answered. */
export function keepAsking(ask, clients) {
  /** The version that answered each request, in the order of the answers; `undefined` for a failed one. */
  const versions = [];
  let running = true;
  let sent = 0;
  let waiters = [];

  async function loop() {
    while (running) {
      versions.push(await ask(sent++).catch(() => undefined));
      waiters = waiters.filter(({ count, resolve }) => versions.length < count || resolve());
    }
  }
  const loops = Array.from({ length: clients }, loop);

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
