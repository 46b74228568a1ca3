import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../json/json-reader.js';
import { shownDouble, shownValue } from './error-excerpt.js';

const shown = (text: string): string => shownValue(readJson(Buffer.from(text)), 0);

describe('shownValue', () => {
  it.each([
    ['[{"a":1}]', '[{\n        "a": 1\n    }]'],
    ['{"a":[1,[2.5,"x"],{}],"b":[]}', '{\n    "a": [1, [2.5, "x"], {}],\n    "b": []\n}'],
    ['{"a":{"b":{"c":null}}}', '{\n    "a": {\n        "b": {\n            "c": null\n        }\n    }\n}'],
    ['[true,false,null,-0,-0.0]', '[true, false, null, 0, -0.0]'],
    ['"a\\"\\\\\\u0001\\n\\/é\\u007f"', '"a\\"\\\\\\u0001\\n/é\x7f"'],
    ['[1e-50,900719925.4740993]', '[9.999999999999999e-51, 900719925.4740992]'],
    ['[1, NaN, 2]', '[1, '],
    ['NaN', ''],
    ['{"a":-Inf}', '{\n    "a": '],
  ])('shows %s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('begins a piece only before 256 bytes, prints it whole and leaves brackets open', () => {
    expect(shown(`"${'a'.repeat(2000)}"`)).toHaveLength(2002);
    expect(shown(`["${'a'.repeat(252)}",1]`)).toBe(`["${'a'.repeat(252)}", 1`);
    expect(shown(`["${'a'.repeat(253)}",1]`)).toBe(`["${'a'.repeat(253)}"`);
    expect(shown(`{"${'k'.repeat(300)}":1}`)).toBe(`{\n    "${'k'.repeat(300)}"`);
    expect(shown('['.repeat(1e5) + ']'.repeat(1e5))).toBe('['.repeat(256));
    // Bytes count, not characters.
    expect(shown(`["${'é'.repeat(127)}",1]`)).toBe(`["${'é'.repeat(127)}"`);
  });
});

describe('shownDouble', () => {
  it.each<[number, string]>([
    [1, '1.0'],
    [0, '0.0'],
    [0.1, '0.1'],
    [1e-5, '0.00001'],
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [1.5e-7, '1.5e-7'],
    [1e20, '100000000000000000000.0'],
    [1e21, '1e21'],
    [1.25e30, '1.25e30'],
    [-2.5, '-2.5'],
    [2 ** 64, '18446744073709553000.0'],
    [5e-324, '5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e308'],
    [Number.NaN, ''],
  ])('shows %d as %s', (value, expected) => {
    expect(shownDouble(value)).toBe(expected);
  });

  it("has digits that read back as the same value, and JavaScript's for nearly all doubles of 15 digits", () => {
    let same = 0;
    const runs = 1000;
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }),
        fc.integer({ min: 1, max: 15 }),
        (value, digits) => {
          expect(Number(shownDouble(value))).toBe(value);
          const short = Number(value.toPrecision(digits));
          if (Number(shownDouble(short)) === short && shownDouble(short) === javaScriptText(short)) same++;
        },
      ),
      { numRuns: runs },
    );
    expect(same).toBeGreaterThan(runs * 0.97);
  });
});

function javaScriptText(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value).replace('e+', 'e');
  return /[.e]/.test(text) ? text : `${text}.0`;
}
