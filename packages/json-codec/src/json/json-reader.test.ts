import { describe, expect, it } from 'vitest';
import { readJson } from './json-reader.js';
import { ARRAY, DOUBLE, INTEGER, OBJECT, STRING } from './json-tape.js';

const EMPTY = 'The document is empty.';
const VALUE = 'Invalid value.';
const ELEMENT = "Missing a comma or ']' after an array element.";
const MEMBER = "Missing a comma or '}' after an object member.";
const NAME = 'Missing a name for object member.';
const COLON = 'Missing a colon after a name of object member.';
const FRACTION = 'Miss fraction part in number.';
const EXPONENT = 'Miss exponent in number.';
const BIG = 'Number too big to be stored in double.';
const ESCAPE = 'Invalid escape character in string.';
const HEX = 'Incorrect hex digit after \\u escape in string.';
const PAIR = 'The surrogate pair in string is invalid.';
const QUOTATION = 'Missing a closing quotation mark in string.';

describe('readJson', () => {
  it.each<[string, string, number]>([
    ['   ', EMPTY, 3],
    ['\0[1]', EMPTY, 0],
    [']', EMPTY, 0],
    [' }', EMPTY, 1],
    [',', EMPTY, 0],
    [':', EMPTY, 0],
    ['this', VALUE, 1],
    ['+1', VALUE, 0],
    ['.5', VALUE, 0],
    ["'a'", VALUE, 0],
    ['\v1', VALUE, 0],
    ['tru', VALUE, 3],
    ['nul', VALUE, 3],
    ['nan', VALUE, 1],
    ['Nan', VALUE, 2],
    ['-', VALUE, 1],
    ['-a', VALUE, 1],
    ['-In', VALUE, 3],
    ['Infi', VALUE, 4],
    ['[1,]', VALUE, 3],
    ['[,1]', VALUE, 1],
    ['[}', VALUE, 1],
    ['{"a":}', VALUE, 5],
    ['{"a":1,}', NAME, 7],
    ['{a:1}', NAME, 1],
    ['{', NAME, 1],
    ['{"a" 1}', COLON, 5],
    ['{"a"', COLON, 4],
    ['{"a":1', MEMBER, 6],
    ['{"a":1]', MEMBER, 6],
    ['[01]', ELEMENT, 2],
    ['[1 2]', ELEMENT, 3],
    ['[1\0]', ELEMENT, 2],
    ['[1}', ELEMENT, 2],
    ['[[1]', ELEMENT, 4],
    ['1.', FRACTION, 2],
    ['1.e5', FRACTION, 2],
    ['1e', EXPONENT, 2],
    ['1e+', EXPONENT, 3],
    ['1.5E-x', EXPONENT, 5],
    ['[1e309]', BIG, 1],
    ['[-1e400]', BIG, 1],
    ['0.001e312', BIG, 0],
    [`${'9'.repeat(310)}`, BIG, 0],
    ['"\\q"', ESCAPE, 1],
    ['"a\\', ESCAPE, 2],
    ['"a\nb"', ESCAPE, 2],
    ['"\\u12G4"', HEX, 1],
    ['"\\u12', HEX, 1],
    ['"\\ud800\\uZZZZ"', HEX, 1],
    ['"\\ud800"', PAIR, 1],
    ['"\\ud800\\u0041"', PAIR, 1],
    ['"\\ud800\\n"', PAIR, 1],
    ['"abc', QUOTATION, 4],
    ['"a\0"', QUOTATION, 2],
  ])('refuses %j: %s at %i', (text, reason, offset) => {
    expect(() => readJson(Buffer.from(text))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: `JSON Parse error: ${reason} at offset: ${offset}`,
      }),
    );
  });

  it('tells an empty body without an offset', () => {
    expect(() => readJson(new Uint8Array(0))).toThrow(/^JSON Parse error: The document is empty$/);
  });

  it.each([
    ['{"a":1}garbage'],
    ['{"a":1}}'],
    ['1 \0'],
    ['"\x7f"'],
    ['"\\ud83d\\ude00\\udc00"'],
    ['[10e308, 1.8e308, 0.001e311, 1e00000000308, 1e-99999999999]'],
    [`1${'0'.repeat(308)}`],
    [`0.${'0'.repeat(400)}1e400`],
  ])('reads %j', (text) => {
    expect(readJson(Buffer.from(text)).length).toBeGreaterThan(0);
  });

  it.each([['efbbbf'], ['efbb'], ['ef'], ['efbf'], ['bb'], ['bbbf'], ['bf']])(
    'skips the byte-order mark %s, parts of it too',
    (mark) => {
      expect(readJson(Buffer.from(`${mark}31`, 'hex')).kind(0)).toBe(INTEGER);
    },
  );

  it.each([
    ['bfbb', 1],
    ['efbbbfbf', 3],
    ['efef', 1],
  ])('takes no other bytes for a byte-order mark: %s', (bytes, offset) => {
    const refused = `JSON Parse error: ${VALUE} at offset: ${offset}`;
    expect(() => readJson(Buffer.from(`${bytes}31`, 'hex'))).toThrow(refused);
  });

  it.each<[string, number]>([
    ['0', INTEGER],
    ['-0', INTEGER],
    ['1.0', DOUBLE],
    ['1e2', DOUBLE],
    ['NaN', DOUBLE],
    ['-Inf', DOUBLE],
    ['18446744073709551615', INTEGER],
    ['18446744073709551616', DOUBLE],
    ['-9223372036854775808', INTEGER],
    ['-9223372036854775809', DOUBLE],
    ['"a"', STRING],
    ['[]', ARRAY],
    ['{}', OBJECT],
  ])('gives %s the kind %i', (text, kind) => {
    expect(readJson(Buffer.from(text)).kind(0)).toBe(kind);
  });

  it('counts elements and members, duplicates too, and links over them', () => {
    const tape = readJson(Buffer.from('{"a":[1,[2,3],{}],"b":0,"a":"x"}'));
    expect(tape.count(0)).toBe(3);
    expect(tape.next(0)).toBe(tape.length);
    const list = tape.member(0, 'a');
    expect([tape.kind(list), tape.count(list)]).toEqual([ARRAY, 3]);
    expect(tape.stringValue(tape.next(list))).toBe('b');
  });
});
