import { expect, it } from 'vitest';
import {
  boolAttribute,
  bytesAttribute,
  floatAttribute,
  floatsAttribute,
  intAttribute,
  intsAttribute,
  shapeAttribute,
  shapesAttribute,
  tensorAttribute,
  textAttribute,
  textsAttribute,
  typeAttribute,
  typesAttribute,
} from './attribute-readers.js';
import type { Attributes, AttributeValue } from './attributes.js';

const scalar = { dtype: 'int32', shape: [], data: Int32Array.of(4) } as const;
const list = (...value: AttributeValue[]): AttributeValue => ({ kind: 'list', value });
const attributes: Attributes = new Map<string, AttributeValue>([
  ['bytes', { kind: 'bytes', value: Buffer.from('é') }],
  ['int', { kind: 'int', value: -3n }],
  ['float', { kind: 'float', value: 0.5 }],
  ['bool', { kind: 'bool', value: true }],
  ['type', { kind: 'type', value: 'half' }],
  ['shape', { kind: 'shape', value: [-1, 2] }],
  ['tensor', { kind: 'tensor', value: scalar }],
  ['ints', list({ kind: 'int', value: 1n }, { kind: 'int', value: 2n })],
  ['floats', list({ kind: 'float', value: 1.5 })],
  ['texts', list({ kind: 'bytes', value: Buffer.from('SAME') })],
  ['types', list({ kind: 'type', value: 'float' })],
  ['shapes', list({ kind: 'shape', value: undefined })],
]);

it.each([
  ['text', textAttribute(attributes, 'bytes'), 'é'],
  ['bytes', bytesAttribute(attributes, 'bytes'), Buffer.from('é')],
  ['int', intAttribute(attributes, 'int'), -3],
  ['float', floatAttribute(attributes, 'float'), 0.5],
  ['bool', boolAttribute(attributes, 'bool'), true],
  ['type', typeAttribute(attributes, 'type'), 'half'],
  ['shape', shapeAttribute(attributes, 'shape'), [-1, 2]],
  ['tensor', tensorAttribute(attributes, 'tensor'), scalar],
  ['ints', intsAttribute(attributes, 'ints'), [1, 2]],
  ['floats', floatsAttribute(attributes, 'floats'), [1.5]],
  ['texts', textsAttribute(attributes, 'texts'), ['SAME']],
  ['types', typesAttribute(attributes, 'types'), ['float']],
  ['shapes', shapesAttribute(attributes, 'shapes'), [undefined]],
])('an attribute of kind %s is read as its value', (_kind, value, expected) => {
  expect(value).toEqual(expected);
});

it('an attribute of another kind is an error that names both kinds', () => {
  expect(() => intAttribute(attributes, 'float')).toThrow('Attribute "float" must be of kind int (got float)');
  expect(() => intAttribute(attributes, 'absent')).toThrow('Attribute "absent" must be of kind int (got none)');
  expect(() => intsAttribute(attributes, 'types')).toThrow('Attribute "types" must list int (got type)');
});

it('a missing attribute is the fallback', () => {
  expect(textAttribute(attributes, 'data_format', 'NHWC')).toBe('NHWC');
  expect(intsAttribute(attributes, 'explicit_paddings', [])).toEqual([]);
  expect(intAttribute(attributes, 'int', 7)).toBe(-3);
  expect(() => intAttribute(attributes, 'float', 7)).toThrow('must be of kind int (got float)');
});
