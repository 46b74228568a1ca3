/** Elements in another order or repeated, of any dtype. */
import { ServingError } from '@serving/core/portable';
import { elementCount } from '@serving/core/tensor';
import { axisOf, integersOf, integerTensor, nonZeros } from '../elements/numbers.js';
import { indexAt, rowMajorStrides, stridedPositions } from '../elements/strides.js';
import { concatElements, countOf, takeElements } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';

/** `Transpose`. */
export const transposeKernel: KernelFactory =
  () =>
  ([x, permTensor]) => {
    const rank = x!.shape.length;
    const perm = integersOf(permTensor!);
    if (perm.length !== rank) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `transpose expects a vector of size ${rank}. But input(1) is a vector of size ${perm.length}`,
      );
    }
    const axes = perm.map((axis) => axisOf(axis, rank, `${axis} is out of range [0 .. ${rank})`));
    if (new Set(axes).size !== rank) {
      const missing = x!.shape.findIndex((_, d) => !axes.includes(d));
      throw new ServingError('INVALID_ARGUMENT', `${missing} is missing from {${perm}}.`);
    }
    const strides = rowMajorStrides(x!.shape);
    const shape = axes.map((axis) => x!.shape[axis]!);
    return [
      takeElements(
        x!,
        shape,
        stridedPositions(
          shape,
          axes.map((axis) => strides[axis]!),
        ),
      ),
    ];
  };

/** `Tile`. */
export const tileKernel: KernelFactory =
  () =>
  ([x, multiplesTensor]) => {
    const multiples = integersOf(multiplesTensor!);
    const negative = multiples.findIndex((multiple) => multiple < 0);
    if (negative >= 0) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Expected multiples[${negative}] >= 0, but got ${multiples[negative]}`,
      );
    }
    if (multiples.length !== x!.shape.length) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Expected multiples argument to be a vector of length ${x!.shape.length} but got length ${multiples.length}`,
      );
    }
    const strides = rowMajorStrides(x!.shape);
    const view = x!.shape.flatMap((size, d) => [multiples[d]!, size]);
    const positions = stridedPositions(
      view,
      x!.shape.flatMap((_, d) => [0, strides[d]!]),
    );
    return [
      takeElements(
        x!,
        x!.shape.map((size, d) => size * multiples[d]!),
        positions,
      ),
    ];
  };

/** `ReverseV2`. */
export const reverseV2Kernel: KernelFactory =
  () =>
  ([x, axesTensor]) => {
    const rank = x!.shape.length;
    const axes = new Set(
      integersOf(axesTensor!).map((axis) =>
        axisOf(axis, rank, `'axis'[0] = ${axis} is out of valid range [0, ${rank - 1}`),
      ),
    );
    const strides = rowMajorStrides(x!.shape);
    const offset = x!.shape.reduce((sum, size, d) => (axes.has(d) ? sum + (size - 1) * strides[d]! : sum), 0);
    const positions = stridedPositions(
      x!.shape,
      strides.map((stride, d) => (axes.has(d) ? -stride : stride)),
      offset,
    );
    return [takeElements(x!, x!.shape, positions)];
  };

/** `InvertPermutation`. */
export const invertPermutationKernel: KernelFactory =
  () =>
  ([x]) => {
    const perm = integersOf(x!);
    const inverse = new Array<number>(perm.length).fill(-1);
    for (const [i, value] of perm.entries()) {
      if (value < 0 || value >= perm.length) {
        throw new ServingError('INVALID_ARGUMENT', `${value} is not between 0 and ${perm.length}`);
      }
      if (inverse[value] !== -1) throw new ServingError('INVALID_ARGUMENT', `${value} is duplicated in the input.`);
      inverse[value] = i;
    }
    return [integerTensor(x!.dtype, [perm.length], inverse)];
  };

/** `Pad` with zeros, and `PadV2` with its third input. */
export const padKernel: KernelFactory =
  () =>
  ([x, paddingsTensor, value]) => {
    const paddings = integersOf(paddingsTensor!);
    const before = x!.shape.map((_, d) => paddings[2 * d]!);
    const after = x!.shape.map((_, d) => paddings[2 * d + 1]!);
    const wrong = x!.shape.findIndex((_, d) => before[d]! < 0 || after[d]! < 0);
    if (wrong >= 0) {
      throw new ServingError('INVALID_ARGUMENT', `Paddings must be non-negative: ${before[wrong]} ${after[wrong]}`);
    }
    const shape = x!.shape.map((size, d) => before[d]! + size + after[d]!);
    const strides = rowMajorStrides(shape);
    const inside = stridedPositions(
      x!.shape,
      strides,
      before.reduce((sum, begin, d) => sum + begin * strides[d]!, 0),
    );
    const source = value === undefined ? x! : concatElements([x!, value]);
    const positions = new Int32Array(elementCount(shape)).fill(value === undefined ? -1 : countOf(x!));
    for (let i = 0; i < inside.length; i++) positions[inside[i]!] = i;
    return [takeElements(source, shape, positions)];
  };

/** `Where`: the indices of elements that are true or not zero. */
export const whereKernel: KernelFactory =
  () =>
  ([x]) => {
    const { shape } = x!;
    const flags = nonZeros(x!);
    const found: number[] = [];
    let rows = 0;
    for (let i = 0; i < flags.length; i++) {
      if (!flags[i]) continue;
      rows++;
      found.push(...indexAt(shape, i));
    }
    return [integerTensor('int64', [rows, shape.length], found)];
  };
