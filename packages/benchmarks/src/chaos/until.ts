/** Waits for states, under any load of the machine. */
import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 2;
const LIMIT_MS = 120_000;

/** Resolves with the first value of `look` that is neither `false` nor `undefined`. @throws Error when there is none in two minutes. */
export async function until<T>(what: string, look: () => T | false | undefined): Promise<T> {
  const limit = performance.now() + LIMIT_MS;
  for (;;) {
    const value = look();
    if (value !== false && value !== undefined) return value;
    if (performance.now() > limit) throw new Error(`Waited in vain until ${what}`);
    await sleep(INTERVAL_MS);
  }
}
