/**
 * Requests without rows. Kernels are written for some: TensorFlow's convolutions answer no rows in the shape of their input (2.21
 * with oneDNN), on which what comes behind them fails. So they are run with one row, which is cut off again.
 */
import type { Signature, SignatureDefMap } from '@serving/core/extend';
import {
  dataTypeInfo,
  elementCount,
  type NamedTensors,
  StringArray,
  type Tensor,
  type TensorDataMap,
} from '@serving/core/tensor';
import type { RunEffectsOfGraph } from './graph/run-effects.js';
import { fetchesOf } from './signatures.js';

/** Which of them are padded: all that can be, or those that TensorFlow answers in a wrong shape. */
export type EmptyRequestsRule = 'always' | 'where-needed';

/**
 * Bytes that a row may have of which a client chooses a dimension. A request of a few bytes must not allocate a row of gigabytes.
 */
const MAX_CHOSEN_ROW_BYTES = 4 * 1024 ** 2;

/** The inputs of the signatures whose requests without rows are padded, by name, and whether a row of each is of a declared size. */
export type PaddedSignatures = ReadonlyMap<string, readonly PaddedInput[]>;

/** Finds the signatures whose requests without rows can and may be padded. */
export function paddedSignatures(
  effects: RunEffectsOfGraph,
  signatures: ReadonlyMap<string, Signature>,
  defs: SignatureDefMap,
  rule: EmptyRequestsRule,
): PaddedSignatures {
  const padded = new Map<string, readonly PaddedInput[]>();
  for (const [name, signature] of signatures) {
    if (!hasFreeRows(signature)) continue;
    const { isStateful, isWrongWithoutRows } = effects.of(fetchesOf(defs.get(name)!));
    if (isStateful || (rule === 'where-needed' && !isWrongWithoutRows)) continue;
    const inputs = Array.from(signature.inputs, ([alias, { shape }]) => ({
      alias,
      hasDeclaredRow: shape!.slice(1).every((size) => size >= 0),
    }));
    padded.set(name, inputs);
  }
  return padded;
}

/** Decides for each signature whether its requests without rows are padded. */
export class EmptyRequests {
  readonly #padded: PaddedSignatures;

  constructor(padded: PaddedSignatures) {
    this.#padded = padded;
  }

  /** Whether requests of this signature may be padded. */
  pads(name: string): boolean {
    return this.#padded.has(name);
  }

  /** Whether a request has no rows and is run with one. */
  isPadded({ name }: Signature, inputs: NamedTensors): boolean {
    const padded = this.#padded.get(name);
    if (padded === undefined) return false;
    for (let i = 0; i < padded.length; i++) {
      const { alias, hasDeclaredRow } = padded[i]!;
      const input = inputs[alias];
      if (input === undefined || input.shape[0] !== 0) return false;
      if (!hasDeclaredRow && rowBytes(input) > MAX_CHOSEN_ROW_BYTES) return false;
    }
    return true;
  }
}

/** An input of such a signature. */
interface PaddedInput {
  readonly alias: string;
  readonly hasDeclaredRow: boolean;
}

/** Each input with one row, of zeros or empty strings. */
export function withOneRow(inputs: NamedTensors): NamedTensors {
  const padded: NamedTensors = Object.create(null);
  for (const alias in inputs) {
    const { dtype, shape } = inputs[alias]!;
    const oneRow = [1, ...shape.slice(1)];
    const { array, width } = dataTypeInfo(dtype);
    const length = elementCount(oneRow) * width;
    const data = array ? new array(length) : new StringArray(new Uint8Array(0), new Uint32Array(length + 1));
    padded[alias] = { dtype, shape: oneRow, data } as Tensor;
  }
  return padded;
}

/** The outputs of one row without it; `undefined` when one has another number of rows. */
export function withoutRows(outputs: NamedTensors): NamedTensors | undefined {
  const cut: NamedTensors = Object.create(null);
  for (const alias in outputs) {
    const { dtype, shape, data } = outputs[alias]!;
    if (shape[0] !== 1) return undefined;
    const none = data.subarray(0, 0) as TensorDataMap[typeof dtype];
    cut[alias] = { dtype, shape: [0, ...shape.slice(1)], data: none } as Tensor;
  }
  return cut;
}

function hasFreeRows({ inputs, outputs }: Signature): boolean {
  if (inputs.size === 0) return false;
  for (const { shape } of [...inputs.values(), ...outputs.values()]) {
    if (shape === undefined || shape.length === 0 || shape[0]! >= 0) return false;
  }
  return true;
}

function rowBytes({ dtype, shape }: Tensor): number {
  const { array, width } = dataTypeInfo(dtype);
  return elementCount([1, ...shape.slice(1)]) * width * (array?.BYTES_PER_ELEMENT ?? 4);
}
