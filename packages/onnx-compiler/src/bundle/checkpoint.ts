/** The variables of a SavedModel: `variables/variables.index` and its data files. */
import { closeSync, openSync, readSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ServingError } from '@serving/core';
import { dataTypeInfo, elementCount, isTensorDataType, type Tensor, tensorFromBytes } from '@serving/core/tensor';
import type { ConstantValue, FileBytes } from '../graph/graph.js';
import { type BundleEntry, decodeBundleEntry, decodeBundleHeader } from './bundle-entry.js';
import { readIndexTable } from './index-table.js';
import { assembleSlices } from './slice-assembly.js';
import { decodeStringTensor } from './string-tensor.js';
import { type Extent, parseSliceSpec, resolveExtents, sliceKey, type TensorSlice } from './tensor-slice.js';

/** A data file; its path has no symbolic links, as ONNX Runtime needs it. */
interface Shard {
  readonly path: string;
  readonly size: number;
}

/** Called with the bytes of a tensor before they are read. */
export type BeforeRead = (bytes: number) => void;

/** An open checkpoint. Data is read when a tensor is asked for. */
export class Checkpoint {
  readonly #index: ReadonlyMap<string, Uint8Array>;
  readonly #shards: readonly Shard[];
  readonly #beforeRead: BeforeRead;

  private constructor(index: ReadonlyMap<string, Uint8Array>, shards: readonly Shard[], beforeRead: BeforeRead) {
    this.#index = index;
    this.#shards = shards;
    this.#beforeRead = beforeRead;
  }

  /**
   * Opens the checkpoint of the SavedModel in `directory`; `undefined` where it has none.
   *
   * @param beforeRead - called with the bytes of a tensor before they are read; what it throws fails the read
   * @throws ServingError `DATA_LOSS` for a damaged index or a data file that is missing.
   */
  static async open(directory: string, beforeRead: BeforeRead = () => undefined): Promise<Checkpoint | undefined> {
    const prefix = join(directory, 'variables', 'variables');
    const file = await readFile(`${prefix}.index`).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw new ServingError('DATA_LOSS', `Can't read ${prefix}.index (${error.code})`, { cause: error });
    });
    if (!file) return undefined;
    try {
      const index = readIndexTable(file);
      const shards = await findShards(prefix, decodeBundleHeader(index.get('') ?? new Uint8Array(0)));
      return new Checkpoint(index, shards, beforeRead);
    } catch (cause) {
      const { code, message } = ServingError.from(cause, 'DATA_LOSS');
      throw new ServingError(code, `Can't read ${prefix}.index (${message})`, { cause });
    }
  }

  /**
   * The tensor under a key, or a part of it.
   *
   * @param sliceSpec as `RestoreV2` has it; `''` for the whole tensor.
   * @throws ServingError `DATA_LOSS` when the checkpoint lacks the key or its bytes.
   */
  read(key: string, sliceSpec: string): ConstantValue {
    const storedKey = Buffer.from(key).toString('latin1');
    const entry = this.#entry(storedKey, key);
    const wanted = parseSliceSpec(sliceSpec);
    if (wanted && !isSameShape(wanted.fullShape, entry.shape)) {
      throw new ServingError(
        'DATA_LOSS',
        `The graph restores "${key}" as [${wanted.fullShape}], but the checkpoint has [${entry.shape}]`,
      );
    }
    if (entry.slices.length === 0) return wanted ? this.#part(entry, wanted, key) : this.#whole(entry, key);
    return this.#assembled(storedKey, entry, wanted ?? wholeOf(entry.shape), key);
  }

  #entry(storedKey: string, key: string): BundleEntry {
    const bytes = this.#index.get(storedKey);
    if (!bytes) throw new ServingError('DATA_LOSS', `The checkpoint has no tensor "${key}"`);
    try {
      return decodeBundleEntry(bytes);
    } catch (cause) {
      const { code, message } = ServingError.from(cause, 'DATA_LOSS');
      throw new ServingError(code, `The checkpoint's entry of "${key}" is damaged (${message})`, { cause });
    }
  }

  #whole(entry: BundleEntry, key: string): ConstantValue {
    const { dtype, shape, size, offset, shard } = entry;
    if (!isTensorDataType(dtype)) {
      throw new ServingError('UNIMPLEMENTED', `Variable "${key}" has values of type ${dtype}, which is not supported`);
    }
    const { path, size: available } = this.#shards[shard] ?? { path: `shard ${shard}`, size: 0 };
    const count = elementCount(shape);
    if (offset + size > available) {
      throw new ServingError('DATA_LOSS', `Variable "${key}" lies outside of ${path}, which has ${available} bytes`);
    }
    const bytes: FileBytes = { path, offset, length: size };
    if (dtype === 'string') {
      return constant(entry, undefined, () => decodeStringTensor(this.#bytes(bytes), shape, entry.crc32c, key));
    }
    const { width, array } = dataTypeInfo(dtype);
    const expected = count * width * array!.BYTES_PER_ELEMENT;
    if (size !== expected) {
      throw new ServingError(
        'DATA_LOSS',
        `Variable "${key}" has ${size} bytes; [${shape}] of ${dtype} has ${expected}`,
      );
    }
    // Bytes of a bool may be others than 0 and 1, and nothing can be mapped of an empty range.
    const file = dtype === 'bool' || size === 0 ? undefined : bytes;
    return constant(entry, file, () => tensorFromBytes(dtype, shape, this.#bytes(bytes)));
  }

  #bytes(file: FileBytes): Uint8Array {
    this.#beforeRead(file.length);
    return readBytes(file);
  }

  #part(entry: BundleEntry, wanted: TensorSlice, key: string): ConstantValue {
    const whole = this.#whole(entry, key);
    if (isSameShape(sizesOf(wanted), entry.shape)) return whole;
    return assembled(whole, wanted, () => [{ slice: wholeOf(entry.shape), value: whole }]);
  }

  #assembled(storedKey: string, entry: BundleEntry, wanted: TensorSlice, key: string): ConstantValue {
    const stored = entry.slices.map((extents) => {
      const slice = resolveExtents(extents, entry.shape);
      const read = (): ConstantValue => this.#whole(this.#entry(sliceKey(storedKey, extents), key), key);
      return { slice, read };
    });
    const exact = stored.find(({ slice }) => isSameSlice(slice, wanted));
    if (exact) return checkedShape(exact.read(), exact.slice, key);
    return assembled(entry, wanted, () =>
      stored.map(({ slice, read }) => ({ slice, value: checkedShape(read(), slice, key) })),
    );
  }
}

async function findShards(prefix: string, count: number): Promise<Shard[]> {
  if (count < 1 || count > 99_999) throw new ServingError('DATA_LOSS', `the index names ${count} data files`);
  const digits = (value: number): string => String(value).padStart(5, '0');
  const shards: Shard[] = [];
  for (let i = 0; i < count; i++) {
    const path = `${prefix}.data-${digits(i)}-of-${digits(count)}`;
    try {
      const real = await realpath(path);
      shards.push({ path: real, size: (await stat(real)).size });
    } catch (cause) {
      throw new ServingError('DATA_LOSS', `there is no ${path}`, { cause });
    }
  }
  return shards;
}

function readBytes({ path, offset, length }: FileBytes): Uint8Array {
  const bytes = new Uint8Array(length);
  const file = openSync(path, 'r');
  try {
    for (let done = 0; done < length; ) {
      const read = readSync(file, bytes, done, length - done, offset + done);
      if (read === 0) throw new ServingError('DATA_LOSS', `${path} was cut off after it was opened`);
      done += read;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

function constant(
  { dtype, shape }: Pick<ConstantValue, 'dtype' | 'shape'>,
  file: FileBytes | undefined,
  read: () => Tensor,
): ConstantValue {
  let tensor: Tensor | undefined;
  return {
    dtype,
    shape,
    ...(file && { file }),
    tensor: () => {
      tensor ??= read();
      return tensor;
    },
  };
}

function assembled(
  { dtype }: Pick<ConstantValue, 'dtype'>,
  wanted: TensorSlice,
  pieces: () => { readonly slice: TensorSlice; readonly value: ConstantValue }[],
): ConstantValue {
  const shape = sizesOf(wanted);
  elementCount(shape);
  return constant({ dtype, shape }, undefined, () =>
    assembleSlices(
      dtype,
      wanted,
      pieces().map(({ slice, value }) => ({ slice, tensor: value.tensor() })),
    ),
  );
}

function checkedShape(value: ConstantValue, slice: TensorSlice, key: string): ConstantValue {
  if (isSameShape(value.shape, sizesOf(slice))) return value;
  throw new ServingError(
    'DATA_LOSS',
    `A slice of variable "${key}" has shape [${value.shape}], not [${sizesOf(slice)}]`,
  );
}

function wholeOf(shape: readonly number[]): TensorSlice {
  return { fullShape: shape, extents: shape.map((length): Extent => ({ start: 0, length })) };
}

function sizesOf({ extents }: TensorSlice): number[] {
  return extents.map(({ length }) => length);
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function isSameSlice(a: TensorSlice, b: TensorSlice): boolean {
  return isSameShape(sizesOf(a), sizesOf(b)) && a.extents.every(({ start }, i) => start === b.extents[i]!.start);
}
