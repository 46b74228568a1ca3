/** Emitters of operations on images and on boxes in them. */
import type { EmitterTable } from '../emitter.js';
import { colors } from './colors.js';
import { crops } from './crop-and-resize.js';
import { fakeQuantization } from './fake-quantization.js';
import { resizing } from './resize.js';
import { suppressions } from './suppression.js';

export const image: EmitterTable = {
  ...resizing,
  ...crops,
  ...suppressions,
  ...colors,
  ...fakeQuantization,
};
