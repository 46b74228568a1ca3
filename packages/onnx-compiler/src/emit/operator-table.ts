/** Emitters by operation. */
import type { Emitter, EmitterTable } from './emitter.js';

const families: readonly EmitterTable[] = [];

const emitters: ReadonlyMap<string, Emitter> = new Map(families.flatMap((family) => Object.entries(family)));

/** The emitter of an operation; `undefined` for one that has none. */
export function emitterFor(op: string): Emitter | undefined {
  return emitters.get(op);
}
