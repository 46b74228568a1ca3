/** Operations on each element (`operator-table.ts` joins them). */
import type { EmitterTable } from '../emitter.js';
import { activations } from './activations.js';
import { arithmetic } from './arithmetic.js';
import { bits } from './bits.js';
import { casts } from './casts.js';
import { comparison } from './comparison.js';
import { division } from './division.js';
import { exponentials } from './exponentials.js';
import { power } from './power.js';
import { trigonometry } from './trigonometry.js';

export const elementWise: EmitterTable = {
  ...arithmetic,
  ...division,
  ...power,
  ...exponentials,
  ...trigonometry,
  ...activations,
  ...comparison,
  ...bits,
  ...casts,
};
