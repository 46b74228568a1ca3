import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutBlocks } from './strip-text-fields.js';

const cut = (text: string): string => withoutBlocks(text, new Set(['big', 'large']));

describe('withoutBlocks', () => {
  it.each([
    ['a block', 'a: 1 big { x { } } b: 2', 'a: 1  b: 2'],
    ['a block with a colon', 'big : { x: 1 }b: 2', 'b: 2'],
    ['several blocks', 'big {} a: 1 large{}big{}', ' a: 1 '],
    ['a block at any depth', 'a { big { } b: 1 }', 'a {  b: 1 }'],
    ['braces in strings', 'big { s: "}" t: \'}\' u: "\\"}" } a: 1', ' a: 1'],
    ['braces in comments', 'big { # }\n } a: 1', '\n a: 1'],
    ['lines, keeping their number', 'a: 1\nbig {\n x: 1\n}\nb: 2', 'a: 1\n\n\n\nb: 2'],
  ])('cuts %s', (_, text, expected) => {
    expect(cut(text)).toBe(expected);
  });

  it.each([
    ['longer names', 'bigger { } my_big { } big2 { }'],
    ['strings', 'a: "big { }"'],
    ['comments', '# big { }\na: 1'],
    ['scalars', 'big: 1'],
    ['another form', 'big < x: 1 >'],
    ['a block without end', 'a: 1 big { x { }'],
    ['a block that ends in a string', 'big { s: "} '],
    ['a text that ends in an escape', 'big { s: "\\'],
    ['nothing', ''],
  ])('leaves %s', (_, text) => {
    expect(cut(text)).toBe(text);
  });

  it('ends for any text, and cuts nothing when it has no such name', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', '"', "'", '#', '\\', '\n', ' ', 'x', ':') }), (text) => {
        expect(cut(text)).toBe(text);
      }),
    );
  });
});
