/** Empties the queue of connections that a listener is about to close with. */
import type { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from './clock.js';

/** Turns of the event loop that a queue of connections gets at most; each accepts one or more. */
const MAX_TURNS = 1024;

/** Milliseconds of a turn in which no connection is likely to have been queued after the last was accepted. */
const SHORT_TURN_MS = 0.3;

/** Milliseconds after which longer turns are allowed. */
const PATIENCE_MS = 250;

/** Accepts the connections that the system has queued: closing the listener would reset them. Close it when this resolves. */
export async function acceptQueued(server: Server): Promise<void> {
  let accepted = 0;
  const count = (): void => {
    accepted += 1;
  };
  server.on('connection', count);
  const latestShort = systemClock.now() + PATIENCE_MS;
  let quietTurns = 0;
  for (let turn = 0; turn < MAX_TURNS && quietTurns < 2; turn++) {
    const before = accepted;
    const startedAt = systemClock.now();
    await nextTurn();
    const isShort = systemClock.now() - startedAt < SHORT_TURN_MS || startedAt > latestShort;
    quietTurns = accepted === before && isShort ? quietTurns + 1 : 0;
  }
  server.off('connection', count);
}
