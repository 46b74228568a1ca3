import { describe, expect, it } from 'vitest';
import type { AttributeValue } from '../graph/attributes.js';
import { operationRows } from './gen/operations.js';
import { opDef, outputIndex, outputTypes, withDefaults } from './op-def.js';

const type = (value: 'float' | 'int32'): AttributeValue => ({ kind: 'type', value });
const int = (value: bigint): AttributeValue => ({ kind: 'int', value });
const list = (...value: AttributeValue[]): AttributeValue => ({ kind: 'list', value });

describe('the table of operations', () => {
  it('parses every row', () => {
    for (const row of operationRows) {
      const [name = ''] = row.split('|');
      expect(opDef(name)?.name).toBe(name);
    }
    expect(operationRows.length).toBeGreaterThan(700);
  });

  it('has no definition of an unknown operation', () => {
    expect(opDef('MyCustomOp')).toBeUndefined();
    expect(opDef('')).toBeUndefined();
  });

  it.each([
    ['LeakyRelu', 'alpha', 0.2],
    ['FusedBatchNormV3', 'epsilon', 1e-4],
    ['FusedBatchNormV3', 'is_training', true],
    ['LRN', 'beta', 0.5],
    ['OneHot', 'axis', -1n],
    ['ArgMax', 'output_type', 'int64'],
    ['Shape', 'out_type', 'int32'],
    ['CTCGreedyDecoder', 'blank_index', -1n],
  ])('fills the default of %s.%s', (op, name, expected) => {
    const value = withDefaults(opDef(op)!, new Map()).get(name)?.value;
    if (typeof expected === 'number') expect(value).toBeCloseTo(expected, 6);
    else expect(value).toBe(expected);
  });

  it('keeps a given attribute instead of its default', () => {
    const attributes = withDefaults(opDef('LeakyRelu')!, new Map([['alpha', { kind: 'float', value: 0.5 }]]));
    expect(attributes.get('alpha')).toEqual({ kind: 'float', value: 0.5 });
  });

  it.each([
    ['MatMul', { T: type('float') }, ['float']],
    ['Split', { T: type('float'), num_split: int(3n) }, ['float', 'float', 'float']],
    ['RestoreV2', { dtypes: list(type('float'), type('int32')) }, ['float', 'int32']],
    ['TopKV2', { T: type('float'), index_type: type('int32') }, ['float', 'int32']],
    ['NoOp', {}, []],
  ])('lists the output types of %s', (op, attributes, expected) => {
    expect(outputTypes(opDef(op)!, new Map(Object.entries(attributes)))).toEqual(expected);
  });

  it.each([
    ['TopKV2', { T: type('float'), index_type: type('int32') }, 'indices', 0, 1],
    ['IdentityN', { T: list(type('float'), type('int32')) }, 'output', 1, 1],
    [
      'ParseExampleV2',
      { num_sparse: int(2n), sparse_types: list(type('float'), type('float')), Tdense: list() },
      'sparse_shapes',
      1,
      5,
    ],
  ])('counts the outputs of %s before a named one', (op, attributes, output, index, expected) => {
    expect(outputIndex(opDef(op)!, new Map(Object.entries(attributes)), output, index)).toBe(expected);
  });

  it.each([
    ['MatMul', {}, /MatMul lacks its attribute "T"/],
    ['Split', { T: type('float'), num_split: int(10n ** 12n) }, /"num_split" of a Split/],
    ['MatMul', { T: int(1n) }, /"T" of a MatMul has a value of the wrong kind/],
  ])('refuses %s nodes with wrong attributes', (op, attributes, message) => {
    expect(() => outputTypes(opDef(op)!, new Map(Object.entries(attributes)))).toThrow(message);
  });
});
