import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tensorFromJson, tensorToJson } from './tensor-json.js';

const throughJson = (tensor: Tensor): Tensor => tensorFromJson(JSON.parse(JSON.stringify(tensorToJson(tensor))));

it.each<Tensor>([
  createTensor('float', [2, 2], Float32Array.of(-0, Number.NaN, Infinity, 1e-45)),
  createTensor('int64', [2], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)),
  createTensor('bool', [1, 2], Uint8Array.of(0, 1)),
  createTensor('half', [], Uint16Array.of(0x3c00)),
  createTensor('double', [0, 3], new Float64Array(0)),
  createTensor('uint8', [2], new Uint8Array(8).subarray(3, 5)),
])('a tensor of $dtype stays the same', (tensor) => {
  expect(throughJson(tensor)).toEqual(tensor);
});

it('strings stay the same bytes, UTF-8 or not', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 8 }))), (values) => {
      const tensor = createTensor('string', [values.length], StringArray.from(values));
      const { data } = throughJson(tensor) as Tensor<'string'>;
      const bytes = (array: StringArray): number[][] =>
        Array.from({ length: array.length }, (_, i) => [...array.at(i)]);
      expect(bytes(data)).toEqual(bytes(tensor.data));
    }),
  );
});

it('texts can be read in the file', () => {
  const tensor = createTensor('string', [2], StringArray.from(['Bär', Uint8Array.of(0xff)]));
  expect(tensorToJson(tensor)).toEqual({ dtype: 'string', shape: [2], data: ['Bär', { base64: '/w==' }] });
});

it.each([
  { dtype: 'float' as const, shape: [1], data: ['1'] },
  { dtype: 'string' as const, shape: [1], data: 'AA==' },
  { dtype: 'float' as const, shape: [2], data: 'AAAAAA==' },
])('data that does not fit is refused: %j', (json) => {
  expect(() => tensorFromJson(json)).toThrow(expect.objectContaining({ name: 'ServingError' }));
});
