import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataTypeOf } from './data-type.js';
import { elementBytes, valuesOfBytes } from './element-bytes.js';
import { bfloat16Bits, halfBits, ofBfloat16Bits, ofHalfBits } from './half-precision.js';
import { elementTexts, parseJson } from './json.js';
import { jsonText } from './json-text.js';
import { nestedText, tensorOf } from './nested-values.js';
import { jsonOfSeparatedValues } from './separated-values.js';

describe('parseJson', () => {
  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(JSON.parse(jsonText(parseJson(JSON.stringify(value))))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    ['9007199254740993', 9007199254740993n],
    ['[NaN, -Infinity]', [Number.NaN, Number.NEGATIVE_INFINITY]],
    ['[1e3, -0.5]', [1000, -0.5]],
  ])('reads %s with all digits', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it.each([
    ['[1, 2', 'Not JSON: expected "," or "]" at character 6, the text ends.'],
    ['{"a" 1}', 'Not JSON: expected ":" at character 6, found "1}".'],
    ['[1] x', 'Not JSON: expected the end at character 5, found "x".'],
    ['[01]', 'Not JSON: expected "," or "]" at character 3, found "1]".'],
  ])('says where %s is wrong', (text, message) => {
    expect(() => parseJson(text)).toThrow(message);
  });

  it('leaves the elements of a list as they were written', () => {
    expect(elementTexts(' [1.0, [2 , 3], "a,b" ]')).toEqual(['1.0', '[2 , 3]', '"a,b"']);
    expect(elementTexts('1')).toBeUndefined();
  });
});

describe('tensorOf', () => {
  it.each([
    ['[[1,2],[3,4]]', 'float', [2, 2]],
    ['[[],[]]', 'float', [2, 0]],
    ['7', 'int64', []],
    ['["a",{"b64":"/w=="}]', 'string', [2]],
  ])('makes of %s a %s tensor that is written the same', (text, type, shape) => {
    const tensor = tensorOf(parseJson(text), dataTypeOf(type));
    expect(tensor.shape).toEqual(shape);
    expect(nestedText(tensor)).toBe(text);
  });

  it.each([
    ['[[1],[2,3]]', 'float', 'The lists at depth 2 differ'],
    ['[1.5]', 'int32', '1.5 at [0] is not a value of type int32.'],
    ['["a"]', 'float', '"a" at [0] is not a value of type float.'],
    ['[true]', 'string', 'true at [0] is not a value of type string.'],
  ])('refuses %s for %s', (text, type, message) => {
    expect(() => tensorOf(parseJson(text), dataTypeOf(type))).toThrow(message);
  });
});

describe('jsonOfSeparatedValues', () => {
  it.each<[string, string, number[] | undefined, string]>([
    ['1, 2, 5', 'float', [-1], '[1,2,5]'],
    ['1\n2\n5', 'float', [-1], '[1,2,5]'],
    ['7', 'int32', [], '7'],
    ['1 2\n3 4', 'float', [-1, 2], '[[1,2],[3,4]]'],
    ['width;height\n1;2', 'float', [-1, 2], '[[1,2]]'],
    ['1\t2\t3\t4', 'float', [-1, 2, 2, 1], '[[[[1],[2]],[[3],[4]]]]'],
    ['"a ""b""",c', 'string', [-1, 2], '[["a \\"b\\"","c"]]'],
    ['true,0', 'bool', [-1], '[true,false]'],
    ['9007199254740993', 'int64', [-1], '[9007199254740993]'],
  ])('reads %j as %s of %j', (text, type, shape, json) => {
    expect(jsonOfSeparatedValues(text, dataTypeOf(type), shape)).toBe(json);
  });

  it.each([
    ['1,2\n3', 'Line 2 has 1 values; the lines above have 2.'],
    ['tea', '"tea" is not a value of type float, nor JSON.'],
  ])('refuses %j', (text, message) => {
    expect(() => jsonOfSeparatedValues(text, dataTypeOf('float'), [-1])).toThrow(message);
  });
});

describe('bytes of tensors', () => {
  it.each(['float', 'double', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'half', 'bfloat16'])(
    'of type %s come back as the same values',
    (type) => {
      const values = [0, 1, 2, 100];
      const bytes = elementBytes(values, dataTypeOf(type));
      expect(bytes.length).toBe(4 * dataTypeOf(type).bytes);
      expect(valuesOfBytes(bytes, dataTypeOf(type))).toEqual(values);
    },
  );

  it('keep 64 bit integers and strings', () => {
    expect(valuesOfBytes(elementBytes([-(2n ** 63n), 5], dataTypeOf('int64')), dataTypeOf('int64'))).toEqual([
      -(2n ** 63n),
      5n,
    ]);
    const strings = ['tea', '', Uint8Array.of(0xff)];
    expect(valuesOfBytes(elementBytes(strings, dataTypeOf('string')), dataTypeOf('string'))).toEqual(strings);
  });

  it('of half and bfloat16 are those of the nearest value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), (pattern) => {
        const half = ofHalfBits(pattern);
        if (!Number.isNaN(half)) expect(halfBits(half)).toBe(pattern);
        const bfloat = ofBfloat16Bits(pattern);
        if (!Number.isNaN(bfloat)) expect(bfloat16Bits(bfloat)).toBe(pattern);
      }),
    );
    expect([
      halfBits(65519),
      halfBits(65520),
      halfBits(2 ** -25),
      halfBits(1 + 2 ** -11),
      halfBits(1 + 3 * 2 ** -11),
    ]).toEqual([0x7bff, 0x7c00, 0, 0x3c00, 0x3c02]);
  });
});
