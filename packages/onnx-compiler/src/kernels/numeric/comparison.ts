/** Comparisons and logic. */
import { elementCount, type StringArray, type Tensor } from '@serving/core/tensor';
import { boolAttribute } from '../../graph/attribute-readers.js';
import { broadcastPositions, broadcastShapes, tryBroadcastShapes } from '../elements/broadcast.js';
import { sameBytes } from '../elements/bytes.js';
import { isBig, isComplex, numbersOf } from '../elements/numbers.js';
import type { KernelFactory } from '../kernel.js';
import { unsupported } from './element-wise.js';

type Comparable = number | bigint;

/** The kernel of an order relation. */
export function comparisonKernel(op: string, holds: (x: Comparable, y: Comparable) => boolean): KernelFactory {
  return () =>
    ([x, y]) => {
      if (x!.dtype === 'string' || x!.dtype === 'bool' || isComplex(x!.dtype)) unsupported(op, x!.dtype);
      const [a, b] = [comparables(x!), comparables(y!)];
      return [relation(x!, y!, broadcastShapes(x!.shape, y!.shape), (i, k) => holds(a[i]!, b[k]!))];
    };
}

/** The kernel of `Equal` (`equal` true) or `NotEqual`, also of strings, bools and complex numbers. */
export function equalityKernel(equal: boolean): KernelFactory {
  return ({ attributes }) => {
    const name = 'incompatible_shape_error';
    const mustBroadcast = !attributes.has(name) || boolAttribute(attributes, name);
    return ([x, y]) => {
      const shape = tryBroadcastShapes(x!.shape, y!.shape);
      if (shape === undefined && !mustBroadcast) {
        return [{ dtype: 'bool', shape: [], data: Uint8Array.of(equal ? 0 : 1) }];
      }
      const same = sameElements(x!, y!);
      return [relation(x!, y!, shape ?? broadcastShapes(x!.shape, y!.shape), (i, k) => same(i, k) === equal)];
    };
  };
}

function relation(x: Tensor, y: Tensor, shape: readonly number[], holds: (i: number, k: number) => boolean): Tensor {
  const left = broadcastPositions(x.shape, shape);
  const right = broadcastPositions(y.shape, shape);
  const data = new Uint8Array(elementCount(shape));
  for (let i = 0; i < data.length; i++) data[i] = holds(left?.[i] ?? i, right?.[i] ?? i) ? 1 : 0;
  return { dtype: 'bool', shape, data };
}

function comparables(tensor: Tensor): ArrayLike<Comparable> {
  return isBig(tensor.dtype) ? (tensor.data as BigInt64Array) : numbersOf(tensor);
}

function sameElements(x: Tensor, y: Tensor): (i: number, k: number) => boolean {
  if (x.dtype === 'string') {
    const [a, b] = [x.data, y.data as StringArray];
    return (i, k) => sameBytes(a.at(i), b.at(k));
  }
  if (isComplex(x.dtype)) {
    const [a, b] = [x.data as Float64Array, y.data as Float64Array];
    return (i, k) => a[2 * i] === b[2 * k] && a[2 * i + 1] === b[2 * k + 1];
  }
  const [a, b] = [comparables(x), comparables(y)];
  return (i, k) => a[i] === b[k];
}

/** The kernel of a logical operation of two bool tensors. */
export function logicalKernel(holds: (x: boolean, y: boolean) => boolean): KernelFactory {
  return () =>
    ([x, y]) => {
      const [a, b] = [x!.data as Uint8Array, y!.data as Uint8Array];
      return [relation(x!, y!, broadcastShapes(x!.shape, y!.shape), (i, k) => holds(a[i] !== 0, b[k] !== 0))];
    };
}

/** The kernel of a test of each number, as a bool. */
export function predicateKernel(holds: (x: number) => boolean): KernelFactory {
  return () =>
    ([x]) => [
      { dtype: 'bool', shape: x!.shape, data: Uint8Array.from(numbersOf(x!), (value) => (holds(value) ? 1 : 0)) },
    ];
}
