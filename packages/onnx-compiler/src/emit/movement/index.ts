/** Shapes, movement of elements, and products of matrices (`operator-table.ts` joins them). */
import type { EmitterTable } from '../emitter.js';
import { blocks } from './blocks.js';
import { diagonals } from './diagonals.js';
import { filling } from './filling.js';
import { gathering } from './gathering.js';
import { joining } from './joining.js';
import { patches } from './patches.js';
import { products } from './products.js';
import { reversal } from './reversal.js';
import { scattering } from './scattering.js';
import { selection } from './selection.js';
import { shapeOperators } from './shapes.js';
import { slicing } from './slicing.js';
import { stridedSlices } from './strided-slice.js';

export const movement: EmitterTable = {
  ...shapeOperators,
  ...joining,
  ...stridedSlices,
  ...slicing,
  ...filling,
  ...gathering,
  ...scattering,
  ...selection,
  ...reversal,
  ...blocks,
  ...patches,
  ...diagonals,
  ...products,
};
