/**
 * What the wire APIs and the engines of this project share with core. Nobody else is to import it: it changes without notice, outside
 * semantic versioning.
 *
 * @module @serving/core/internal
 */

export { type BufferPool, bufferPoolOf } from './memory/buffer-pool.js';
export { FairSlots, type SlotMember } from './scheduling/fair-slots.js';
