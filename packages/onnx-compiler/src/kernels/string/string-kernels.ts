/** Kernels of strings, by operation. */
import type { KernelFactory } from '../kernel.js';
import { asStringKernel } from './as-string.js';
import { decodeBase64Kernel, encodeBase64Kernel } from './base64.js';
import { stringLowerKernel, stringStripKernel, stringUpperKernel } from './string-case.js';
import { reduceJoinKernel, stringJoinKernel, unsortedSegmentJoinKernel } from './string-join.js';
import { stringNGramsKernel } from './string-ngrams.js';
import { stringSplitKernel, stringSplitV2Kernel } from './string-split.js';
import { stringToNumberKernel } from './string-to-number.js';
import { stringLengthKernel, substrKernel } from './substr.js';

/** Kernels of strings, by operation. */
export const stringKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    AsString: asStringKernel,
    DecodeBase64: decodeBase64Kernel,
    EncodeBase64: encodeBase64Kernel,
    ReduceJoin: reduceJoinKernel,
    StringJoin: stringJoinKernel,
    StringLength: stringLengthKernel,
    StringLower: stringLowerKernel,
    StringNGrams: stringNGramsKernel,
    StringSplit: stringSplitKernel,
    StringSplitV2: stringSplitV2Kernel,
    StringStrip: stringStripKernel,
    StringToNumber: stringToNumberKernel,
    StringUpper: stringUpperKernel,
    Substr: substrKernel,
    UnsortedSegmentJoin: unsortedSegmentJoinKernel,
  }),
);
