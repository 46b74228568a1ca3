/** Kernels that need nothing of Node's, and no messages of TensorFlow's: those that browsers can run, too. */
import { listKernels } from './control/list-kernels.js';
import { hashKernels } from './hash/hash-kernels.js';
import type { KernelFactory } from './kernel.js';
import { movementKernels } from './movement/movement-kernels.js';
import { numericKernels } from './numeric/numeric-kernels.js';
import { raggedKernels } from './ragged/ragged-kernels.js';
import { regexKernels } from './regex/regex-kernels.js';
import { countingKernels } from './segment/counting-kernels.js';
import { segmentKernels } from './segment/segment-kernels.js';
import { sparseKernels } from './sparse/sparse-kernels.js';
import { stringKernels } from './string/string-kernels.js';
import { tableKernels } from './table/table-kernels.js';
import { unicodeKernels } from './unicode/unicode-kernels.js';

/** By operation. */
export const portableKernels: ReadonlyMap<string, KernelFactory> = new Map([
  ...numericKernels,
  ...movementKernels,
  ...stringKernels,
  ...regexKernels,
  ...hashKernels,
  ...raggedKernels,
  ...countingKernels,
  ...segmentKernels,
  ...sparseKernels,
  ...unicodeKernels,
  ...tableKernels,
  ...listKernels,
]);
