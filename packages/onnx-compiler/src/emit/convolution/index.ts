/** Emitters of convolutions and what goes with them. */
import type { EmitterTable } from '../emitter.js';
import { pooling } from '../pooling/pooling.js';
import { convolutions } from './convolution.js';
import { imageNormalizations } from './normalization.js';
import { transposedConvolutions } from './transposed-convolution.js';

export const convolution: EmitterTable = {
  ...convolutions,
  ...transposedConvolutions,
  ...imageNormalizations,
  ...pooling,
};
