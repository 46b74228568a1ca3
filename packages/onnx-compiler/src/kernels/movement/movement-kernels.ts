/** Kernels that move elements of any dtype, by operation. */
import type { KernelFactory } from '../kernel.js';
import { gatherKernel, gatherNdKernel, gatherV2Kernel } from './gather.js';
import { concatKernel, concatV2Kernel, packKernel, splitKernel, splitVKernel, unpackKernel } from './join.js';
import {
  invertPermutationKernel,
  padKernel,
  reverseV2Kernel,
  tileKernel,
  transposeKernel,
  whereKernel,
} from './permute.js';
import {
  broadcastArgsKernel,
  broadcastToKernel,
  copyingReshapeKernel,
  expandDimsKernel,
  identityKernel,
  rankKernel,
  reshapeKernel,
  shapeKernel,
  sizeKernel,
  squeezeKernel,
  zerosLikeKernel,
} from './reshape.js';
import { selectKernel, selectV2Kernel } from './select.js';
import { sliceKernel, stridedSliceKernel } from './slice.js';

/** Kernels that move elements of any dtype, by operation. */
export const movementKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    BroadcastArgs: broadcastArgsKernel,
    BroadcastTo: broadcastToKernel,
    Concat: concatKernel,
    ConcatV2: concatV2Kernel,
    ExpandDims: expandDimsKernel,
    Gather: gatherKernel,
    GatherNd: gatherNdKernel,
    GatherV2: gatherV2Kernel,
    Identity: identityKernel,
    IdentityN: identityKernel,
    InvertPermutation: invertPermutationKernel,
    Pack: packKernel,
    Pad: padKernel,
    PadV2: padKernel,
    PreventGradient: identityKernel,
    Rank: rankKernel,
    Reshape: reshapeKernel,
    ReverseV2: reverseV2Kernel,
    Select: selectKernel,
    SelectV2: selectV2Kernel,
    Shape: shapeKernel,
    ShapeN: shapeKernel,
    Size: sizeKernel,
    Slice: sliceKernel,
    Snapshot: identityKernel,
    Split: splitKernel,
    SplitV: splitVKernel,
    Squeeze: squeezeKernel,
    StopGradient: identityKernel,
    StridedSlice: stridedSliceKernel,
    Tile: tileKernel,
    Transpose: transposeKernel,
    Unpack: unpackKernel,
    Where: whereKernel,
    ZerosLike: zerosLikeKernel,
    _Reshape: copyingReshapeKernel,
  } satisfies Record<string, KernelFactory>),
);
