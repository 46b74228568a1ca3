/** Operations on complex tensors (`operator-table.ts` keeps them apart from those on real ones). */
import type { EmitterTable } from '../emitter.js';
import { joining } from '../movement/joining.js';
import { shapeOperators } from '../movement/shapes.js';
import { slicing } from '../movement/slicing.js';
import { stridedSlices } from '../movement/strided-slice.js';
import { complexArithmetic } from './complex-arithmetic.js';
import { onEachPart } from './complex-values.js';
import { fourier } from './fourier.js';

const { Reshape, Squeeze, ExpandDims, Transpose } = shapeOperators;
const { ConcatV2, Pack } = joining;
const { Slice } = slicing;
const { StridedSlice } = stridedSlices;
const moving: EmitterTable = {
  Reshape: Reshape!,
  Squeeze: Squeeze!,
  ExpandDims: ExpandDims!,
  Transpose: Transpose!,
  StridedSlice: StridedSlice!,
  Slice: Slice!,
  ConcatV2: ConcatV2!,
  Pack: Pack!,
};

export const complexOperators: EmitterTable = {
  ...complexArithmetic,
  ...fourier,
  ...Object.fromEntries(Object.entries(moving).map(([op, emitter]) => [op, onEachPart(emitter)])),
};
