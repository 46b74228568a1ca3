import { StringArray, type Tensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { kernelFor } from '../kernel-table.js';

function texts(values: (string | Uint8Array)[], shape = [values.length]): Tensor {
  return { dtype: 'string', shape, data: StringArray.from(values) };
}

function floats(values: number[], shape = [values.length]): Tensor {
  return { dtype: 'float', shape, data: Float32Array.from(values) };
}

function longs(values: bigint[], shape = [values.length]): Tensor {
  return { dtype: 'int64', shape, data: BigInt64Array.from(values) };
}

function find(keys: Tensor, values: Tensor, wanted: Tensor, fallback: Tensor, isConstant: boolean): Tensor {
  const constants = isConstant ? [undefined, fallback] : undefined;
  const context = { attributes: new Map(), table: { name: 'words', keys, values }, ...(constants && { constants }) };
  return kernelFor('LookupTableFindV2')!(context)([wanted, fallback], context)[0]!;
}

describe.each([true, false])('LookupTableFindV2 with a default that is constant: %s', (isConstant) => {
  it('returns values, and the default for keys that the table does not have', () => {
    const wanted = texts(['b', 'x', 'a', ''], [2, 2]);
    const found = find(texts(['a', 'b', '']), floats([1, 2, 3]), wanted, floats([-1], []), isConstant);
    expect(found).toEqual(floats([2, -1, 1, 3], [2, 2]));
  });

  it('compares strings as bytes', () => {
    const keys = texts([Uint8Array.of(0xff), Uint8Array.of(0xc3, 0xbf), 'a\0b', 'a']);
    const wanted = texts(['ÿ', Uint8Array.of(0xff), 'a\0b']);
    expect(find(keys, longs([1n, 2n, 3n, 4n]), wanted, longs([0n], []), isConstant)).toEqual(longs([2n, 1n, 3n]));
  });

  it('finds strings for numbers', () => {
    const found = find(
      longs([10n, 2n ** 60n]),
      texts(['ten', 'big']),
      longs([2n ** 60n, 11n]),
      texts(['?'], []),
      isConstant,
    );
    expect((found.data as StringArray).toStrings()).toEqual(['big', '?']);
  });

  it('takes the default at the same place where there is one for each key', () => {
    const found = find(longs([1n]), floats([5]), longs([0n, 1n, 2n]), floats([7, 8, 9]), isConstant);
    expect(found).toEqual(floats([7, 5, 9]));
  });

  it('returns rows of a table of vectors', () => {
    const found = find(longs([1n]), floats([1, 2], [1, 2]), longs([1n, 3n]), floats([0, 9]), isConstant);
    expect(found).toEqual(floats([1, 2, 0, 9], [2, 2]));
  });
});

it('LookupTableSizeV2 and LookupTableExportV2 read the whole table', () => {
  const table = { name: 'words', keys: texts(['a', 'b']), values: longs([1n, 2n]) };
  const context = { attributes: new Map(), table };
  expect(kernelFor('LookupTableSizeV2')!(context)([], context)).toEqual([longs([2n], [])]);
  expect(kernelFor('LookupTableExportV2')!(context)([], context)).toEqual([table.keys, table.values]);
});

it('a table without contents is refused', () => {
  expect(() => kernelFor('LookupTableFindV2')!({ attributes: new Map(), node: 'find' })).toThrow(
    'table of node "find" is never initialised',
  );
});

it('keys of another dtype are an error', () => {
  expect(() => find(longs([1n]), floats([5]), texts(['1']), floats([0], []), false)).toThrow(
    'Key must be type int64 but got string in table "words"',
  );
});
