import { describe, expect, it } from 'vitest';
import type { AttributeValue } from './attributes.js';
import * as read from './read-attribute.js';

const node = {
  op: 'Conv2D',
  name: 'conv',
  attributes: new Map<string, AttributeValue>([
    ['padding', { kind: 'bytes', value: new TextEncoder().encode('SAME') }],
    ['T', { kind: 'type', value: 'float' }],
    ['epsilon', { kind: 'float', value: 0.5 }],
    ['shape', { kind: 'shape', value: [2, -1] }],
    ['flag', { kind: 'bool', value: true }],
    [
      'strides',
      {
        kind: 'list',
        value: [
          { kind: 'int', value: 1n },
          { kind: 'int', value: 2n },
        ],
      },
    ],
  ]),
};

describe('reading attributes', () => {
  it('returns values of the kind that is asked for', () => {
    expect(read.textAttribute(node, 'padding')).toBe('SAME');
    expect(read.typeAttribute(node, 'T')).toBe('float');
    expect(read.floatAttribute(node, 'epsilon')).toBe(0.5);
    expect(read.shapeAttribute(node, 'shape')).toEqual([2, -1]);
    expect(read.boolAttribute(node, 'flag')).toBe(true);
    expect(read.integersAttribute(node, 'strides')).toEqual([1, 2]);
  });

  it('returns the fallback, or an empty list, for a missing one', () => {
    expect(read.integerAttribute(node, 'axis', -1)).toBe(-1);
    expect(read.textAttribute(node, 'data_format', 'NHWC')).toBe('NHWC');
    expect(read.floatsAttribute(node, 'values')).toEqual([]);
    expect(read.shapeAttribute(node, 'element_shape')).toBeUndefined();
  });

  it.each([
    [() => read.integerAttribute(node, 'axis'), 'Conv2D (node conv): attribute "axis" must be int (got nothing)'],
    [() => read.integerAttribute(node, 'T', 1), 'Conv2D (node conv): attribute "T" must be int (got type)'],
    [() => read.floatsAttribute(node, 'strides'), 'attribute "strides" must be list of float (got int)'],
    [() => read.integersAttribute(node, 'T'), 'attribute "T" must be list of int (got type)'],
  ])('refuses a missing or wrong kind', (call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });
});
