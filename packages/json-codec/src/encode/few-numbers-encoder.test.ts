import type { NamedTensors, Tensor, TensorDataType } from '@serving/core/tensor';
import { dataTypeInfo } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FewNumbersEncoder } from './few-numbers-encoder.js';
import { encodePredictResponse, encodePredictResponseInSlices } from './predict-response-encoder.js';

type NumberType = Extract<TensorDataType, 'float' | 'double' | 'int8' | 'uint32' | 'int64' | 'bool'>;

function tensorOf(dtype: NumberType, shape: readonly number[], value: (index: number) => number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = new (dataTypeInfo(dtype).array!)(count);
  for (let i = 0; i < count; i++) {
    if (data instanceof BigInt64Array) data[i] = BigInt(Math.trunc(value(i)));
    else (data as Float64Array)[i] = dtype === 'bool' ? Math.abs(Math.trunc(value(i))) % 2 : value(i);
  }
  return { dtype, shape, data } as Tensor;
}

/** The text of an encoder that knows no short way. */
function inSlices(format: 'row' | 'columnar', outputs: NamedTensors, compact: boolean): string {
  const work = encodePredictResponseInSlices(format, outputs, { compact });
  while (!work.step());
  return Buffer.from(work.result).toString();
}

describe('FewNumbersEncoder', () => {
  it('writes every small tensor as the encoder of any output does', () => {
    const types = fc.constantFrom<NumberType>('float', 'double', 'int8', 'uint32', 'int64', 'bool');
    const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });
    const formats = fc.constantFrom('row' as const, 'columnar' as const);
    const scales = fc.double({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(types, shapes, formats, fc.boolean(), scales, (dtype, shape, format, compact, scale) => {
        const outputs = { y: tensorOf(dtype, shape, (i) => (i - 2) * scale) };
        const text = Buffer.from(encodePredictResponse(format, outputs, { compact })).toString();
        expect(text).toBe(inSlices(format, outputs, compact));
      }),
    );
  });

  const encoder = new FewNumbersEncoder((output) => encodePredictResponse('row', { output }));

  it.each<[string, Tensor]>([
    ['a scalar', { dtype: 'float', shape: [], data: Float32Array.of(1) }],
    ['no values', { dtype: 'float', shape: [0], data: new Float32Array(0) }],
    ['many values', { dtype: 'float', shape: [300], data: new Float32Array(300) }],
    ['many dimensions', { dtype: 'float', shape: [1, 1, 1, 1, 1], data: Float32Array.of(1) }],
    ['numbers without a text of their own', { dtype: 'complex64', shape: [1], data: Float32Array.of(1, 2) }],
    ['another number of values than its shape says', { dtype: 'float', shape: [2], data: Float32Array.of(1) }],
  ])('leaves %s to the other encoder', (_, tensor) => {
    expect(encoder.encode(tensor, {})).toBeUndefined();
  });

  it('leaves what is too long to the other encoder, which says so', () => {
    const tensor = tensorOf('float', [3], (i) => i);
    expect(encoder.encode(tensor, { maxBytes: 20 })).toBeUndefined();
    expect(() => encodePredictResponse('row', { y: tensor }, { maxBytes: 20 })).toThrow(/larger than 20 bytes/);
  });
});
