/** Which kernel an operation has. */
import { listKernels } from './control/list-kernels.js';
import { hashKernels } from './hash/hash-kernels.js';
import type { KernelFactory } from './kernel.js';
import { mediaKernels } from './media/media-kernels.js';
import { movementKernels } from './movement/movement-kernels.js';
import { numericKernels } from './numeric/numeric-kernels.js';
import { parseKernels } from './parse/parse-kernels.js';
import { raggedKernels } from './ragged/ragged-kernels.js';
import { regexKernels } from './regex/regex-kernels.js';
import { countingKernels } from './segment/counting-kernels.js';
import { segmentKernels } from './segment/segment-kernels.js';
import { sparseKernels } from './sparse/sparse-kernels.js';
import { stringKernels } from './string/string-kernels.js';
import { tableKernels } from './table/table-kernels.js';
import { unicodeKernels } from './unicode/unicode-kernels.js';

const kernels: ReadonlyMap<string, KernelFactory> = new Map([
  ...numericKernels,
  ...movementKernels,
  ...stringKernels,
  ...regexKernels,
  ...hashKernels,
  ...raggedKernels,
  ...countingKernels,
  ...segmentKernels,
  ...sparseKernels,
  ...parseKernels,
  ...unicodeKernels,
  ...mediaKernels,
  ...tableKernels,
  ...listKernels,
]);

/** The kernel of TensorFlow's operation of this name, for every dtype that it supports there; `undefined` for operations without one. */
export function kernelFor(op: string): KernelFactory | undefined {
  return kernels.get(op);
}
