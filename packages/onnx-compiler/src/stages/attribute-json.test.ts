import { createTensor } from '@serving/core/tensor';
import { expect, it } from 'vitest';
import type { Attributes, AttributeValue } from '../graph/attributes.js';
import { attributesFromJson, attributesToJson } from './attribute-json.js';

const throughJson = (attributes: Attributes): Attributes =>
  attributesFromJson(JSON.parse(JSON.stringify(attributesToJson(attributes))));

it.each<AttributeValue>([
  { kind: 'bytes', value: Uint8Array.of(0, 255, 44) },
  { kind: 'int', value: -(2n ** 63n) },
  { kind: 'float', value: 0.1 },
  { kind: 'float', value: Number.NEGATIVE_INFINITY },
  { kind: 'float', value: Number.NaN },
  { kind: 'bool', value: false },
  { kind: 'type', value: 'string' },
  { kind: 'shape', value: [-1, 3] },
  { kind: 'shape', value: undefined },
  { kind: 'tensor', value: createTensor('int32', [1], Int32Array.of(7)) },
  {
    kind: 'list',
    value: [
      { kind: 'int', value: 1n },
      { kind: 'list', value: [] },
    ],
  },
])('an attribute of kind $kind stays the same', (value) => {
  expect(throughJson(new Map([['a', value]]))).toEqual(new Map([['a', value]]));
});

it('leaves out what no kernel reads', () => {
  const body: AttributeValue = { kind: 'function', value: { name: 'f', attributes: new Map() } };
  const attributes: Attributes = new Map<string, AttributeValue>([
    ['body', body],
    ['bodies', { kind: 'list', value: [body] }],
    ['_output_shapes', { kind: 'list', value: [] }],
    ['_class', { kind: 'placeholder', value: 'T' }],
  ]);
  expect(attributesToJson(attributes)).toEqual({});
});
