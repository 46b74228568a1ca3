/** How two answers to the same request differ. */
import type { NamedTensors } from '../requests/answer.js';
import { indexOf, numberOf, type Scalar, type Tensor } from '../tensors/tensor.js';

export interface OutputDifference {
  readonly name: string;
  readonly first: Tensor | undefined;
  readonly second: Tensor | undefined;
  /** Why elements can not be compared. */
  readonly obstacle?: string;
  readonly count: number;
  readonly differing: number;
  /** Of numbers; 0 where all are equal. */
  readonly largest: number;
  readonly mean: number;
  /** Absolute differences by element; 0 or 1 for texts. */
  readonly values: Float64Array;
  /** The elements that differ most, the largest difference first. */
  readonly top: readonly ElementDifference[];
}

interface ElementDifference {
  readonly index: readonly number[];
  readonly first: Scalar;
  readonly second: Scalar;
  readonly difference: number;
}

const TOP = 20;

/** By output, in the order of the first answer. */
export function differencesOf(first: NamedTensors, second: NamedTensors): readonly OutputDifference[] {
  const names = new Set([...first.keys(), ...second.keys()]);
  return Array.from(names, (name) => differenceOf(name, first.get(name), second.get(name)));
}

function differenceOf(name: string, first: Tensor | undefined, second: Tensor | undefined): OutputDifference {
  const none = {
    name,
    first,
    second,
    count: 0,
    differing: 0,
    largest: 0,
    mean: 0,
    values: new Float64Array(0),
    top: [],
  };
  if (first === undefined || second === undefined) {
    return { ...none, obstacle: `Only the ${first ? 'first' : 'second'} version has this output.` };
  }
  if (first.shape.join() !== second.shape.join()) {
    return { ...none, obstacle: `The shapes differ: [${first.shape.join(', ')}] and [${second.shape.join(', ')}].` };
  }
  const values = Float64Array.from(first.values, (value, i) => scalarDifference(value, second.values[i] as Scalar));
  const order = Array.from(values.keys())
    .filter((i) => values[i] !== 0)
    .sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  const top = order.slice(0, TOP).map((i) => ({
    index: indexOf(first.shape, i),
    first: first.values[i] as Scalar,
    second: second.values[i] as Scalar,
    difference: values[i] ?? 0,
  }));
  const sum = values.reduce((total, value) => total + value, 0);
  return {
    ...none,
    count: values.length,
    differing: order.length,
    largest: top[0]?.difference ?? 0,
    mean: values.length > 0 ? sum / values.length : 0,
    values,
    top,
  };
}

/** Infinite where only one of them is a number. */
function scalarDifference(first: Scalar, second: Scalar): number {
  if (first === second || Object.is(first, second)) return 0;
  if (first instanceof Uint8Array || second instanceof Uint8Array) return String(first) === String(second) ? 0 : 1;
  if (typeof first === 'string' || typeof second === 'string') return 1;
  const difference = Math.abs(numberOf(first) - numberOf(second));
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}
