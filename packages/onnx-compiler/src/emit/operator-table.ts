/** Emitters by operation. */
import { control } from './control/index.js';
import { convolution } from './convolution/index.js';
import { elementWise } from './element-wise/index.js';
import type { Emitter, EmitterTable } from './emitter.js';
import { fused } from './fused/index.js';
import { image } from './image/index.js';
import { movement } from './movement/index.js';
import { recurrentLayers } from './recurrent/index.js';
import { reductions } from './reductions/index.js';
import { complexOperators } from './signal/index.js';
import { structure } from './structure.js';

const families: readonly EmitterTable[] = [
  structure,
  elementWise,
  reductions,
  movement,
  convolution,
  image,
  fused,
  control,
  recurrentLayers,
];

const emitters: ReadonlyMap<string, Emitter> = new Map(families.flatMap((family) => Object.entries(family)));

const complexEmitters: ReadonlyMap<string, Emitter> = new Map(Object.entries(complexOperators));

/** The emitter of an operation on real tensors; `undefined` for one that has none. */
export function emitterFor(op: string): Emitter | undefined {
  return emitters.get(op);
}

/** The emitter of an operation whose inputs or outputs are complex; `undefined` for one that has none. */
export function complexEmitterFor(op: string): Emitter | undefined {
  return complexEmitters.get(op);
}

/** Whether an operation has an emitter, for some data types at least. */
export function hasEmitter(op: string): boolean {
  return emitters.has(op) || complexEmitters.has(op);
}
