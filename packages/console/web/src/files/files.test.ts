import { describe, expect, it } from 'vitest';
import { dataTypeOf } from '../tensors/data-type.js';
import { readNpyFile } from './npy-file.js';
import { imageLayoutOf, tensorOfPixels } from './pixels.js';

function npy(descr: string, shape: string, data: ArrayBufferView, isFortran = false): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${isFortran ? 'True' : 'False'}, 'shape': ${shape}, }`.padEnd(
    117,
  );
  const head = Uint8Array.from(`\x93NUMPY\x01\x00v\x00${header}\n`, (character) => character.charCodeAt(0));
  const file = new Uint8Array(head.length + data.byteLength);
  file.set(head);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), head.length);
  return file;
}

describe('readNpyFile', () => {
  it.each<[string, string, ArrayBufferView, boolean, string, number[], unknown[]]>([
    ['<f4', '(2, 2)', Float32Array.of(1, 2, 3, 4), false, 'float', [2, 2], [1, 2, 3, 4]],
    ['<f4', '(2, 3)', Float32Array.of(1, 4, 2, 5, 3, 6), true, 'float', [2, 3], [1, 2, 3, 4, 5, 6]],
    ['>i2', '(2,)', Uint8Array.of(1, 0, 0xff, 0xfe), false, 'int16', [2], [256, -2]],
    ['<i8', '()', BigInt64Array.of(-5n), false, 'int64', [], [-5n]],
    ['|b1', '(2,)', Uint8Array.of(1, 0), false, 'bool', [2], [true, false]],
    ['|S3', '(2,)', Uint8Array.of(116, 101, 97, 97, 0, 0), false, 'string', [2], ['tea', 'a']],
    ['<U2', '(1,)', Uint32Array.of(233, 0), false, 'string', [1], ['é']],
  ])('reads %s of %s', (descr, shape, data, isFortran, type, sizes, values) => {
    const tensor = readNpyFile(npy(descr, shape, data, isFortran));
    expect([tensor.dtype.name, tensor.shape, [...Array.from(tensor.values)]]).toEqual([type, sizes, values]);
  });

  it.each<[string, Uint8Array]>([
    ['The file is not a .npy file.', Uint8Array.of(1, 2)],
    ['Arrays of NumPy type "|O" are not supported.', npy('|O', '(1,)', Uint8Array.of(0))],
    ['The .npy file ends early: 4 of 8 bytes are there.', npy('<f4', '(2,)', Float32Array.of(1))],
  ])('says "%s"', (message, file) => {
    expect(() => readNpyFile(file)).toThrow(message);
  });
});

describe('imageLayoutOf', () => {
  it.each<[number[], [height: number, width: number, channels: number, first: boolean, likely: boolean], number[]]>([
    [
      [-1, 28, 28, 1],
      [28, 28, 1, false, true],
      [1, 28, 28, 1],
    ],
    [
      [-1, 3, 224, 160],
      [224, 160, 3, true, true],
      [1, 3, 224, 160],
    ],
    [
      [-1, -1, -1, 3],
      [96, 96, 3, false, true],
      [1, 96, 96, 3],
    ],
    [
      [28, 28],
      [28, 28, 1, false, false],
      [28, 28],
    ],
    [
      [-1, 28, 28],
      [28, 28, 1, false, false],
      [1, 28, 28],
    ],
    [
      [32, 32, 3],
      [32, 32, 3, false, true],
      [32, 32, 3],
    ],
  ])('of %j', (shape, [height, width, channels, isChannelsFirst, isLikely], filled) => {
    expect(imageLayoutOf(shape, 96)).toEqual({ height, width, channels, isChannelsFirst, isLikely, shape: filled });
  });

  it.each([[[-1]], [[-1, 8]], [[-1, 3, 3, 512]], [[-1, 2, 2, 3]], [[-1, 4, 4, 4, 1]]])('is none for %j', (shape) => {
    expect(imageLayoutOf(shape, 96)).toBeUndefined();
  });
});

describe('tensorOfPixels', () => {
  const rgba = Uint8ClampedArray.of(255, 0, 0, 255, 255, 255, 255, 255);
  const layout = { height: 1, width: 2, isChannelsFirst: false, isLikely: true };

  it('makes brightness of colours for one channel', () => {
    const { values } = tensorOfPixels(
      rgba,
      { ...layout, channels: 1, shape: [1, 1, 2, 1] },
      dataTypeOf('float'),
      '0 … 1',
    );
    expect(Array.from(values)).toEqual([0.299, 1]);
  });

  it('puts channels first where the input has them so', () => {
    const first = { ...layout, channels: 3, isChannelsFirst: true, shape: [1, 3, 1, 2] };
    expect(Array.from(tensorOfPixels(rgba, first, dataTypeOf('float'), '−1 … 1').values)).toEqual([1, 1, -1, 1, -1, 1]);
    expect(Array.from(tensorOfPixels(rgba, first, dataTypeOf('uint8'), '0 … 1').values)).toEqual([
      255, 255, 0, 255, 0, 255,
    ]);
  });
});
