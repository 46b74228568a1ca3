/** `SparseCross` and its kin: every combination of the features of a row. */
import { ServingError } from '@serving/core/portable';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { boolAttribute, intAttribute, typeAttribute } from '../../graph/attribute-readers.js';
import { integerOf, integersOf, integerTensor } from '../elements/numbers.js';
import { StringBuilder, stringsOf } from '../elements/string-builder.js';
import { concatFingerprints, fingerprint64 } from '../hash/farm-hash.js';
import { sipHash } from '../hash/keyed-hash.js';
import type { KernelFactory } from '../kernel.js';

/** The features of one column, by row. */
interface Column {
  readonly count: (row: number) => number;
  readonly text: (row: number, i: number) => Uint8Array;
  /** A string's fingerprint, or the number itself. */
  readonly fingerprint: (row: number, i: number) => bigint;
  readonly hash: (row: number, i: number, key: readonly [bigint, bigint] | undefined) => bigint;
}

const encoder = new TextEncoder();

function columnOf(values: Tensor, count: (row: number) => number, at: (row: number, i: number) => number): Column {
  if (values.data instanceof StringArray) {
    const strings = values.data;
    return {
      count,
      text: (row, i) => strings.at(at(row, i)),
      fingerprint: (row, i) => fingerprint64(strings.at(at(row, i))),
      hash: (row, i, key) =>
        key === undefined ? fingerprint64(strings.at(at(row, i))) : sipHash(strings.at(at(row, i)), key),
    };
  }
  const numbers = values.data as BigInt64Array;
  const unsigned = (row: number, i: number) => BigInt.asUintN(64, BigInt(numbers[at(row, i)]!));
  return {
    count,
    text: (row, i) => encoder.encode(String(numbers[at(row, i)])),
    fingerprint: unsigned,
    hash: (row, i, key) => {
      const bytes = lowBytes(numbers[at(row, i)]!);
      return key === undefined ? fingerprint64(bytes) : sipHash(bytes, key);
    },
  };
}

/** TensorFlow hashes four of a number's eight bytes. */
function lowBytes(value: bigint): Uint8Array {
  return new Uint8Array(BigInt64Array.of(value).buffer, 0, 4);
}

/** The columns of a node's inputs: `sparse` of indices, values and shapes each, then the dense ones. */
function columnsOf(inputs: readonly Tensor[], sparse: number): { columns: Column[]; rows: number } {
  const dense = inputs.slice(3 * sparse);
  const rows = sparse > 0 ? integersOf(inputs[2 * sparse]!)[0]! : (dense[0]?.shape[0] ?? 0);
  const columns: Column[] = [];
  for (let c = 0; c < sparse; c++) {
    const indices = integersOf(inputs[c]!);
    const rank = inputs[c]!.shape[1] ?? 2;
    const starts = new Int32Array(rows + 1);
    for (let i = 0; i < indices.length; i += rank) {
      const row = indices[i]!;
      if (row < 0 || row >= rows)
        throw new ServingError('INVALID_ARGUMENT', `Row index ${row} is outside of valid range [0, ${rows})`);
      starts[row + 1]!++;
    }
    for (let row = 0; row < rows; row++) starts[row + 1] = starts[row]! + starts[row + 1]!;
    columns.push(
      columnOf(
        inputs[sparse + c]!,
        (row) => starts[row + 1]! - starts[row]!,
        (row, i) => starts[row]! + i,
      ),
    );
  }
  for (const column of dense) {
    const width = column.shape[1] ?? 1;
    if (column.shape[0] !== rows) {
      throw new ServingError('INVALID_ARGUMENT', `Expected ${rows} rows, got ${column.shape[0]}`);
    }
    columns.push(
      columnOf(
        column,
        () => width,
        (row, i) => row * width + i,
      ),
    );
  }
  return { columns, rows };
}

/** Crosses the columns; the last column varies fastest. */
function crossed(
  inputs: readonly Tensor[],
  sparse: number,
  emit: (columns: readonly Column[], row: number, picks: readonly number[]) => void,
): Tensor[] {
  const { columns, rows } = columnsOf(inputs, sparse);
  const indices: number[] = [];
  let widest = 0;
  for (let row = 0; row < rows; row++) {
    const counts = columns.map((column) => column.count(row));
    const total = counts.reduce((product, count) => product * count, 1);
    const picks = new Array<number>(columns.length).fill(0);
    for (let n = 0; n < total; n++) {
      indices.push(row, n);
      emit(columns, row, picks);
      for (let c = columns.length - 1; c >= 0; c--) {
        picks[c]!++;
        if (picks[c]! < counts[c]!) break;
        picks[c] = 0;
      }
    }
    widest = Math.max(widest, total);
  }
  return [integerTensor('int64', [indices.length / 2, 2], indices), integerTensor('int64', [2], [rows, widest])];
}

function crossTexts(inputs: readonly Tensor[], sparse: number, separator: Uint8Array): Tensor[] {
  const builder = new StringBuilder();
  const [indices, shape] = crossed(inputs, sparse, (columns, row, picks) => {
    for (const [c, column] of columns.entries()) {
      if (c > 0) builder.append(separator);
      builder.append(column.text(row, picks[c]!));
    }
    builder.finish();
  });
  return [indices!, builder.tensor(), shape!];
}

function hashTensor(hashes: readonly bigint[]): Tensor {
  return { dtype: 'int64', shape: [hashes.length], data: BigInt64Array.from(hashes) };
}

const MAX_INT64 = 2n ** 63n - 1n;

/** `SparseCross`: joined texts, or fingerprints that begin with `hash_key`. */
const sparseCross: KernelFactory = ({ attributes }) => {
  const sparse = intAttribute(attributes, 'N');
  const hashed = boolAttribute(attributes, 'hashed_output');
  const buckets = BigInt(intAttribute(attributes, 'num_buckets'));
  const found = attributes.get('hash_key');
  const key = BigInt.asUintN(64, found?.kind === 'int' ? found.value : 0n);
  const internal = typeAttribute(attributes, 'internal_type');
  if (!hashed && internal !== 'string')
    throw new ServingError('UNIMPLEMENTED', 'SparseCross of numbers without hashed_output');
  return (inputs) => {
    if (!hashed) return crossTexts(inputs, sparse, encoder.encode('_X_'));
    const hashes: bigint[] = [];
    const [indices, shape] = crossed(inputs, sparse, (columns, row, picks) => {
      const hash = columns.reduce((sum, column, c) => concatFingerprints(sum, column.fingerprint(row, picks[c]!)), key);
      hashes.push(hash % (buckets > 0n ? buckets : MAX_INT64));
    });
    return [indices!, hashTensor(hashes), shape!];
  };
};

/** `SparseCrossV2`: the separator is the last input. */
const sparseCrossV2: KernelFactory = ({ attributes }) => {
  const sparse = intAttribute(attributes, 'N');
  return (inputs) => crossTexts(inputs.slice(0, -1), sparse, stringsOf(inputs.at(-1)!).at(0));
};

/** `SparseCrossHashed`: the last three inputs are the buckets, whether the hash is the strong one, and its key. */
const sparseCrossHashed: KernelFactory = ({ attributes }) => {
  const sparse = intAttribute(attributes, 'N');
  return (inputs) => {
    const [bucketTensor, strongTensor, saltTensor] = inputs.slice(-3) as [Tensor, Tensor, Tensor];
    const buckets = BigInt(integerOf(bucketTensor));
    const isStrong = (strongTensor.data as Uint8Array)[0] !== 0;
    const salt = Array.from(saltTensor.data as BigInt64Array, (part) => BigInt.asUintN(64, part)) as [bigint, bigint];
    const hashes: bigint[] = [];
    const [indices, shape] = crossed(inputs.slice(0, -3), sparse, (columns, row, picks) => {
      const parts = columns.map((column, c) => column.hash(row, picks[c]!, isStrong ? salt : undefined));
      const hash = parts.slice(1).reduce(concatFingerprints, parts[0]!);
      hashes.push(hash % (buckets > 0n ? buckets : MAX_INT64));
    });
    return [indices!, hashTensor(hashes), shape!];
  };
};

/** Kernels of crossed features, by operation. */
export const crossKernels: Readonly<Record<string, KernelFactory>> = {
  SparseCross: sparseCross,
  SparseCrossHashed: sparseCrossHashed,
  SparseCrossV2: sparseCrossV2,
};
