/** Conversions between every two data types. */
import type { TensorDataType } from '@serving/core/tensor';
import { attribute } from '../../../../test-doubles/src/saved-model-builder.js';
import { accepted, type OpCase, opCase } from '../op-case.test-support.js';
import { extremes, FLOATS, INTEGERS, mixed, tensor } from '../values.test-support.js';

const TYPES: readonly TensorDataType[] = [...FLOATS, ...INTEGERS, 'bool'];

const values = (dtype: TensorDataType, to: TensorDataType) => {
  if (dtype === 'bool') return tensor('bool', [0, 1, 1]);
  if (!(FLOATS as readonly string[]).includes(dtype)) return extremes(dtype);
  if (to.startsWith('u')) return tensor(dtype, [0, 0.9, 1.5, 100.5, 3]);
  return tensor(dtype, [0, -0, 0.9, -0.9, 1.5, -2.5, 100, -100]);
};

const castTo = (to: TensorDataType) => ({ DstT: attribute.type(to) });

export const castCases: readonly OpCase[] = [
  ...TYPES.flatMap((from) =>
    TYPES.map((to) => opCase('Cast', [values(from, to)], { name: `to ${to}`, attributes: castTo(to) })),
  ),
  ...['int8', 'uint8', 'int16', 'uint16', 'int32', 'int64', 'uint64', 'bool'].map((to) =>
    opCase('Cast', [tensor('float', [300, -300, 1e10, -1e10, Number.NaN])], {
      name: `to ${to}, out of its range`,
      attributes: castTo(to as TensorDataType),
    }),
  ),
  opCase('Cast', [tensor('float', [1e20, 2 ** 64, Number.POSITIVE_INFINITY])], {
    name: 'to uint64, out of its range',
    attributes: castTo('uint64'),
  }),
  opCase('Bitcast', [mixed('int32', [3])], { attributes: { type: attribute.type('uint32') } }),
  opCase('Bitcast', [mixed('float', [3])], { attributes: { type: attribute.type('int32') } }),
  opCase('Bitcast', [mixed('int64', [3])], { attributes: { type: attribute.type('double') } }),
  ...accepted(
    'no ONNX operator changes the width',
    opCase('Bitcast', [mixed('int32', [3])], { attributes: { type: attribute.type('uint8') } }),
  ),
];
