/** The `data` of an input in its usual forms, straight from the text to typed arrays. */
import { dataTypeInfo, elementCount, type Tensor, type TensorDataType, toBfloat16, toHalf } from '@serving/core/tensor';
import { PAUSED, type SliceBudget, TensorBuilder, TensorScanner, type TextCursor } from '@serving/json-codec/internal';
import { type Datatype, dtypeOf } from '../infer/datatype.js';
import { rangeOf } from './exact-tensor-data.js';

/** What numbers are scanned as, where the scanner lacks the type or its limits. */
const scanned: Readonly<Partial<Record<Datatype, TensorDataType>>> = {
  INT8: 'int32',
  UINT8: 'int32',
  INT16: 'int32',
  UINT16: 'int32',
  FP16: 'double',
  BF16: 'double',
};

/** Whether the values of a data type are numbers as the scanner reads them. */
export function isScannedAsItIs(datatype: Datatype): boolean {
  return datatype !== 'BYTES' && scanned[datatype] === undefined;
}

/** Bytes of strings to begin with. */
const STRING_CAPACITY = 1024;

/** Reads the tensors of one text. */
export class TensorDataReader {
  readonly #cursor: TextCursor;
  readonly #scanner: TensorScanner;

  constructor(cursor: TextCursor) {
    this.#cursor = cursor;
    this.#scanner = new TensorScanner(cursor.text, false);
  }

  /** Reads the tensor at the cursor; `undefined` for what only the exact reader can read. Yields where the budget is used up. */
  *read(datatype: Datatype, budget: SliceBudget): Generator<void, ScannedData | undefined> {
    const cursor = this.#cursor;
    const scanner = this.#scanner;
    const dtype = scanned[datatype] ?? dtypeOf(datatype);
    const at = cursor.skipSpace();
    const rest = cursor.text.length - at;
    const builder = new TensorBuilder(dtype, dtype === 'string' ? Math.min(STRING_CAPACITY, rest) : 0, at, rest);
    let end = scanner.scan(at, builder, budget);
    while (end === PAUSED) {
      yield;
      end = scanner.resume(builder, budget);
    }
    if (end < 0) return undefined;
    cursor.at = end;
    const { shape } = scanner;
    const data = narrowed(datatype, builder.finish(shape).data);
    return data && { depth: shape.length, count: elementCount(shape), data };
  }
}

/** Values, and how they stood. */
export interface ScannedData {
  /** Lists around a value. */
  readonly depth: number;
  readonly count: number;
  readonly data: Tensor['data'];
}

/** `undefined` for integers beyond their limits. */
function narrowed(datatype: Datatype, data: Tensor['data']): Tensor['data'] | undefined {
  if (scanned[datatype] === undefined) return data;
  const values = data as Int32Array | Float64Array;
  const narrow = new (dataTypeInfo(dtypeOf(datatype)).array!)(values.length) as Uint16Array;
  if (datatype === 'FP16' || datatype === 'BF16') {
    const toPattern = datatype === 'FP16' ? toHalf : toBfloat16;
    for (let i = 0; i < values.length; i++) narrow[i] = toPattern(values[i]!);
    return narrow;
  }
  const { min, max } = rangeOf(datatype);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < min || value > max) return undefined;
    narrow[i] = value;
  }
  return narrow;
}
