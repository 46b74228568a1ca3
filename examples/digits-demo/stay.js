/** Keeps the demo up: a few clients classify digits, and a new version of the model arrives every 20 seconds. */
import { setTimeout as pause } from 'node:timers/promises';

const CLIENTS = 4;
const PAUSE_MS = 50;
const SWAP_EVERY_MS = 20_000;

/** Whether the demo stays up: at a terminal, unless something says otherwise. */
export function stays(argv, { isTTY = false, env }) {
  if (argv.includes('--stay')) return true;
  return !argv.includes('--exit') && isTTY && !env.CI;
}

/** Resolves after Ctrl+C. `ask` sends request number i, `deploy` puts a further version into the model folder. */
export async function stayUntilInterrupted(ask, deploy) {
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ended.abort());
  let sent = 0;
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!ended.signal.aborted) {
      await ask(sent++);
      await pause(PAUSE_MS);
    }
  });
  while (!ended.signal.aborted) {
    await pause(SWAP_EVERY_MS, undefined, { signal: ended.signal }).then(deploy, () => undefined);
  }
  await Promise.all(clients);
}
