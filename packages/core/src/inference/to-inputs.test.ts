import { describe, expect, it } from 'vitest';
import { signature } from '../../../test-doubles/src/fake-platform.js';
import type { TensorSpec } from '../servable/signature.js';
import { createTensor } from '../tensor/tensor.js';
import type { TensorLike } from '../tensor/tensor-like.js';
import { toTensor } from '../tensor/to-tensor.js';
import { checkOutputFilter, toInputs } from './to-inputs.js';

const two = signature('s', { b: 'float', a: 'int32' }, { z: 'float', y: 'float' });
const zero = createTensor('float', [], new Float32Array(1));
const defaulted = signature('s', { x: 'float', by: 'float', to: 'float' }, {}, { by: zero });

describe('toInputs', () => {
  it('converts each input by its data type', () => {
    expect(toInputs({ a: [1], b: 2 }, two, toTensor)).toEqual({
      a: { dtype: 'int32', shape: [1], data: Int32Array.of(1) },
      b: { dtype: 'float', shape: [], data: Float32Array.of(2) },
    });
  });

  it('takes the default of an input that is left out', () => {
    expect(toInputs({ x: 1, to: 2 }, defaulted, toTensor).by).toBe(zero);
    expect(toInputs({ x: 1, to: 2, by: 3 }, defaulted, toTensor).by?.data).toEqual(Float32Array.of(3));
  });

  it('is fine with a signature without inputs', () => {
    expect(toInputs({}, signature('s', {}, {}), toTensor)).toEqual({});
  });

  it.each(['constructor', '__proto__', 'hasOwnProperty', ''])('takes %j for a name like any other', (name) => {
    const types: ReadonlyMap<string, TensorSpec> = new Map([[name, { name, dtype: 'float', shape: undefined }]]);
    const named = { ...two, inputs: types };
    const inputs: Record<string, TensorLike> = Object.create(null);
    inputs[name] = 2;
    const tensors = toInputs(inputs, named, toTensor);
    expect(Object.keys(tensors)).toEqual([name]);
    expect(tensors[name]?.data).toEqual(Float32Array.of(2));
    expect(() => toInputs({}, named, toTensor)).toThrow(`Missing but required: {${name}}.`);
  });

  it.each<[string, Record<string, TensorLike>, string]>([
    [
      'a missing input',
      { a: 1 },
      'input size does not match signature: 1!=2 len({a}) != len({a,b}). Sent extra: {}. Missing but required: {b}.',
    ],
    [
      'an unknown input',
      { a: 1, b: 1, c: 1 },
      'input size does not match signature: 3!=2 len({a,b,c}) != len({a,b}). Sent extra: {c}. Missing but required: {}.',
    ],
    [
      'both',
      { z: 1, a: 1 },
      'input size does not match signature: 2!=2 len({a,z}) != len({a,b}). Sent extra: {z}. Missing but required: {b}.',
    ],
    ['a value of another type', { a: 1.5, b: 1 }, 'inputs.a: expected an integer'],
    ['no value', { a: undefined as never, b: 1 }, 'inputs.a: expected an integer'],
  ])('refuses %s', (_, inputs, message) => {
    expect(() => toInputs(inputs, two, toTensor)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });

  it('says which input has no default', () => {
    expect(() => toInputs({ x: 1 }, defaulted, toTensor)).toThrow(
      'Signature input alias: to not found in request and no default value provided',
    );
  });

  it('checks every name before it converts a value', () => {
    expect(() => toInputs({ a: 1.5, b: 1, c: 1 }, two, toTensor)).toThrow('Sent extra: {c}');
  });

  it.each([undefined, null, 3])('refuses %s in place of inputs', (inputs) => {
    expect(() => toInputs(inputs as never, two, toTensor)).toThrow('must be an object with {a,b}');
  });
});

describe('checkOutputFilter', () => {
  it.each([[[]], [['z']], [['z', 'y']]])('accepts %j', (filter) => {
    expect(() => checkOutputFilter(filter, two)).not.toThrow();
  });

  it.each([
    [['y', 'q'], 'output tensor alias not found in signature: q Outputs expected to be in the set {y,z}.'],
    [['y', 'z', 'y'], 'duplicate output tensor alias: y'],
  ])('refuses %j', (filter, message) => {
    expect(() => checkOutputFilter(filter, two)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });
});
