/**
 * What runs in browsers as well as in Node and loads in a few milliseconds, for other packages of this project. No part of the versioned API.
 *
 * @module @serving/core/portable
 */

export { nameHint, nearestName } from './nearest-name.js';
export { printableLine } from './printable-text.js';
export { ServingError } from './serving-error.js';
export { bytesFromText, textFromBytes } from './tensor/byte-text.js';
