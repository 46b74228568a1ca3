import { describe, expect, it } from 'vitest';
import { printProtoJson, protoBytes, protoNumber, protoString } from './proto-json.js';

describe('protoNumber', () => {
  it.each([
    [1, '1'],
    [-0, '-0'],
    [Math.fround(0.1), '0.1'],
    [1e10, '1e+10'],
    [Math.fround(1 / 3), '0.333333343'],
    [Math.fround(1e-5), '1e-05'],
    [123456, '123456'],
    [1234567, '1234567'],
    [16777216, '16777216'],
    [Math.fround(3.4028234663852886e38), '3.40282347e+38'],
    [Number.NaN, '"NaN"'],
    [Number.NEGATIVE_INFINITY, '"-Infinity"'],
  ])('writes the float %d as %s', (value, expected) => expect(protoNumber(value, 'float')).toBe(expected));

  it.each([
    [0.1, '0.1'],
    [1 / 3, '0.33333333333333331'],
    [123456789012, '123456789012'],
    [1e15, '1e+15'],
    [1e-7, '1e-07'],
    [Number.POSITIVE_INFINITY, '"Infinity"'],
  ])('writes the double %d as %s', (value, expected) => expect(protoNumber(value, 'double')).toBe(expected));
});

describe('protoString', () => {
  it('escapes as protobuf does and leaves the rest raw', () => {
    expect(protoString('"\\\b\f\n\r\t\0\u001f\u007f<>\u2028\u2029')).toBe(
      '"\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\\u003c\\u003e\\u2028\\u2029"',
    );
    expect(protoString("é\u0085/'&中😀")).toBe('"é\u0085/\'&中😀"');
  });
});

describe('protoBytes', () => {
  it('writes padded base64', () => expect(protoBytes(Uint8Array.of(255))).toBe('"/w=="'));
});

describe('printProtoJson', () => {
  it('indents by one blank and closes what is empty at once', () => {
    const value = { members: [['a', { list: ['1', { members: [] }] }] as const, ['b', { list: [] }] as const] };
    expect(printProtoJson(value)).toBe('{\n "a": [\n  1,\n  {}\n ],\n "b": []\n}\n');
  });
});
