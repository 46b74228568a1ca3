/** How versions came to their states, from the changes that a server remembers. */
import type { ServableId } from '@serving/core';
import type { StateAtTime } from '../events/state-text.js';

/** The changes by version, oldest first. */
export function timelines(changes: readonly StateAtTime[]): ReadonlyMap<string, readonly StateAtTime[]> {
  const found = new Map<string, StateAtTime[]>();
  for (const change of changes) {
    const key = keyOf(change.state.id);
    const list = found.get(key);
    if (list === undefined) found.set(key, [change]);
    else list.push(change);
  }
  return found;
}

/** The last changes of a version. */
export function timelineOf(
  changes: ReadonlyMap<string, readonly StateAtTime[]>,
  id: ServableId,
): readonly StateAtTime[] {
  return (changes.get(keyOf(id)) ?? []).slice(-MAX_CHANGES);
}

/** Milliseconds from the beginning of the last load that succeeded to its end; `undefined` where they are not remembered. */
export function loadMsOf(history: readonly StateAtTime[]): number | undefined {
  const available = history.findLastIndex(({ state }) => state.managerState === 'available');
  const begun = history
    .slice(0, Math.max(available, 0))
    .findLast(({ state }) => state.managerState === 'loading' || state.managerState === 'start');
  return begun && history[available]!.time - begun.time;
}

const MAX_CHANGES = 32;

function keyOf({ name, version }: ServableId): string {
  return `${version}:${name}`;
}
