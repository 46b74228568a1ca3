import { StringArray, type Tensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { type MakeArray, type ReadBytes, readTensors, TensorLayout } from './tensor-layout.js';

const tensors: readonly Tensor[] = [
  { dtype: 'float', shape: [2], data: Float32Array.of(1, 2) },
  { dtype: 'string', shape: [2], data: StringArray.from(['a', 'bc']) },
];

/** The block of the tensors, and what reads it. */
function written() {
  const layout = new TensorLayout();
  layout.place(tensors, 8);
  const block = new Uint8Array(layout.bytes);
  layout.write(tensors, (offset, bytes) => {
    block.set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset);
  });
  const read: ReadBytes = (offset, into) => {
    const target = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    target.set(block.subarray(offset, offset + target.length));
  };
  const makeArray: MakeArray = (_, offset, elements) => {
    const data = new Float32Array(elements);
    read(offset, data);
    return data;
  };
  const words = new Uint32Array(block.buffer, 0, layout.tableWords);
  return { words, bytes: layout.bytes, read, makeArray };
}

describe('a block of tensors', () => {
  it('reads as it was written', () => {
    const { words, bytes, read, makeArray } = written();
    const [float, string] = readTensors(words, bytes, read, makeArray);
    expect(float).toEqual(tensors[0]);
    expect((string!.data as StringArray).toStrings()).toEqual(['a', 'bc']);
  });

  it.each([
    ['more tensors than it has', 0, 3],
    ['a data type that there is not', 1, 99],
    ['a data type without values', 1, 20],
    ['a rank beyond its table', 2, 1000],
    ['values beyond its end', 3, 1000],
    ['more bytes than its shape has', 5, 12],
    ['another shape than it has bytes for', 8, 3],
    ['fewer strings than its shape has', 15, 1],
    ['strings beyond its end', 13, 1000],
  ])('with %s is refused', (_, at, value) => {
    const { words, bytes, read, makeArray } = written();
    words[at] = value;
    expect(() => readTensors(words, bytes, read, makeArray)).toThrow("has tensors that can't be read");
  });
});
