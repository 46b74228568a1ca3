/** The `data` of an input from a parsed JSON text: any rectangular nesting, with an error for every value that does not fit. */
import { ServingError } from '@serving/core';
import {
  dataTypeInfo,
  elementCount,
  type NumericArray,
  StringArray,
  type Tensor,
  toBfloat16,
  toHalf,
} from '@serving/core/tensor';
import {
  ARRAY,
  DOUBLE,
  FALSE,
  INTEGER,
  type JsonTape,
  numberValue,
  type SliceBudget,
  STRING,
  TRUE,
} from '@serving/json-codec/internal';
import { type Datatype, dtypeOf } from '../infer/datatype.js';
import { shownNode, wrongKind } from './json-members.js';

/** The protocol's own limit is the reader's memory; clients nest as deeply as shapes have dimensions. */
const MAX_DEPTH = 100;
/** What a slice gives for one element. */
const ELEMENT_COST = 8;

/**
 * Reads the tensor of a `data` node. Yields where the budget is used up.
 *
 * @param subject the input, for error texts
 * @throws ServingError `INVALID_ARGUMENT` for ragged lists, another number of elements than the shape has, and elements that the data
 * type does not take.
 */
export function* readTensorData(
  tape: JsonTape,
  node: number,
  datatype: Datatype,
  shape: readonly number[],
  subject: string,
  budget: SliceBudget,
): Generator<void, Tensor> {
  if (tape.kind(node) !== ARRAY && shape.length > 0) throw wrongKind(tape, node, `${subject}: "data"`, 'an array');
  const count = elementCount(shape);
  const found = yield* countElements(tape, node, subject, budget);
  if (found !== count) throw wrongCount(subject, shape, count, found);
  const dtype = dtypeOf(datatype);
  const end = tape.next(node);
  const data = dtype === 'string' ? new ByteStrings() : new Numbers(datatype, count);
  for (let at = node; at < end; at++) {
    if (tape.kind(at) === ARRAY) continue;
    if (!data.add(tape, at)) {
      throw ServingError.invalidArgument(
        `${subject}: element ${data.length} is ${shownNode(tape, at)}; ${datatype} takes ${expected[datatype]}`,
      );
    }
    budget.left -= ELEMENT_COST;
    if (budget.left <= 0) yield;
  }
  return { dtype, shape, data: data.finish() } as Tensor;
}

/** The error of another number of elements than a shape has. */
function wrongCount(subject: string, shape: readonly number[], count: number, found: number): ServingError {
  return ServingError.invalidArgument(`${subject}: shape [${shape}] has ${count} elements, but "data" has ${found}`);
}

/** Leaves of lists that are as long as their neighbours. */
function* countElements(tape: JsonTape, root: number, subject: string, budget: SliceBudget): Generator<void, number> {
  const sizes: number[] = [];
  for (let node = root; tape.kind(node) === ARRAY; node++) {
    if (sizes.push(tape.count(node)) > MAX_DEPTH) {
      throw ServingError.invalidArgument(`${subject}: "data" nests more than ${MAX_DEPTH} lists`);
    }
    if (tape.count(node) === 0) break;
  }
  const ends: number[] = [];
  const rank = sizes.length;
  const end = tape.next(root);
  let depth = 0;
  let count = 0;
  for (let node = root; node < end; ) {
    while (depth > 0 && node === ends[depth - 1]) depth--;
    budget.left -= ELEMENT_COST;
    if (budget.left <= 0) yield;
    if (tape.kind(node) !== ARRAY) {
      if (depth !== rank) throw ragged(subject, `an element stands at depth ${depth}, others at depth ${rank}`);
      count++;
      node = tape.next(node);
      continue;
    }
    const size = tape.count(node);
    if (depth >= rank) throw ragged(subject, `a list stands at depth ${depth}, where elements do`);
    if (size !== sizes[depth]) throw ragged(subject, `lists at depth ${depth} have ${sizes[depth]} and ${size} items`);
    ends[depth++] = tape.next(node++);
  }
  return count;
}

function ragged(subject: string, how: string): ServingError {
  return ServingError.invalidArgument(`${subject}: "data" is ragged: ${how}`);
}

const integerRange = (bits: number, signed: boolean): string => {
  const size = 2n ** BigInt(bits);
  return signed ? `integers from ${-size / 2n} to ${size / 2n - 1n}` : `integers from 0 to ${size - 1n}`;
};

const expected: Readonly<Record<Datatype, string>> = {
  BOOL: 'true and false',
  UINT8: integerRange(8, false),
  UINT16: integerRange(16, false),
  UINT32: integerRange(32, false),
  UINT64: integerRange(64, false),
  INT8: integerRange(8, true),
  INT16: integerRange(16, true),
  INT32: integerRange(32, true),
  INT64: integerRange(64, true),
  FP16: 'numbers',
  BF16: 'numbers',
  FP32: 'numbers',
  FP64: 'numbers',
  BYTES: 'strings',
};

/** Converts the elements of a numeric data type. */
class Numbers {
  length = 0;
  readonly #array: NumericArray;
  readonly #convert: (tape: JsonTape, node: number) => number | bigint | undefined;

  constructor(datatype: Datatype, count: number) {
    const { array } = dataTypeInfo(dtypeOf(datatype));
    this.#array = new array!(count);
    this.#convert = converters[datatype] ?? wholeNumber(datatype);
  }

  /** Whether the data type takes the value. */
  add(tape: JsonTape, node: number): boolean {
    const value = this.#convert(tape, node);
    if (value === undefined) return false;
    (this.#array as Float64Array)[this.length++] = value as number;
    return true;
  }

  finish(): NumericArray {
    return this.#array;
  }
}

type Converter = (tape: JsonTape, node: number) => number | bigint | undefined;

const float: Converter = (tape, node) => {
  const kind = tape.kind(node);
  return kind === INTEGER || kind === DOUBLE ? numberValue(tape, node) : undefined;
};

const rounded =
  (toPattern: (value: number) => number): Converter =>
  (tape, node) => {
    const value = float(tape, node) as number | undefined;
    return value === undefined ? undefined : toPattern(value);
  };

const wide =
  (min: bigint, max: bigint): Converter =>
  (tape, node) => {
    if (tape.kind(node) !== INTEGER) return undefined;
    const value = BigInt(tape.token(node));
    return value >= min && value <= max ? value : undefined;
  };

const converters: Readonly<Partial<Record<Datatype, Converter>>> = {
  BOOL: (tape, node) => {
    const kind = tape.kind(node);
    return kind === TRUE ? 1 : kind === FALSE ? 0 : undefined;
  },
  FP32: float,
  FP64: float,
  FP16: rounded(toHalf),
  BF16: rounded(toBfloat16),
  INT64: wide(-(2n ** 63n), 2n ** 63n - 1n),
  UINT64: wide(0n, 2n ** 64n - 1n),
};

function wholeNumber(datatype: Datatype): Converter {
  const { min, max } = rangeOf(datatype);
  return (tape, node) => {
    if (tape.kind(node) !== INTEGER) return undefined;
    const value = numberValue(tape, node);
    return value >= min && value <= max ? value : undefined;
  };
}

/** The range of an integer of up to 32 bits. */
export function rangeOf(datatype: Datatype): { readonly min: number; readonly max: number } {
  const size = 2 ** Number(/\d+$/.exec(datatype)![0]);
  return datatype.startsWith('U') ? { min: 0, max: size - 1 } : { min: -size / 2, max: size / 2 - 1 };
}

/** Gathers the bytes of strings. */
class ByteStrings {
  length = 0;
  readonly #pieces: Uint8Array[] = [];

  add(tape: JsonTape, node: number): boolean {
    if (tape.kind(node) !== STRING) return false;
    this.#pieces.push(tape.stringBytes(node));
    this.length++;
    return true;
  }

  finish(): StringArray {
    return StringArray.from(this.#pieces);
  }
}
