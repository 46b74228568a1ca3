import { describe, expect, it } from 'vitest';
import { printableLine, prometheusLabelValue, quoteName } from './printable-text.js';

describe('printableLine', () => {
  it.each([
    ['a line feed', 'a\nb', 'a\\nb'],
    ['other line breaks', 'a\r\u0085\u2028\u2029\v\fb', 'a\\r\\u0085\\u2028\\u2029\\u000b\\u000cb'],
    ['escapes of terminals', '\u001b[31m\u009b1A\u0007', '\\u001b[31m\\u009b1A\\u0007'],
    ['NUL and DEL', '\0\u007f', '\\u0000\\u007f'],
    ['marks that turn the direction', 'a\u202eb\u2066c\u200f', 'a\\u202eb\\u2066c\\u200f'],
    ['half a character', 'a\udc80b', 'a\\udc80b'],
  ])('escapes %s', (_, text, line) => {
    expect(printableLine(text)).toBe(line);
  });

  it('leaves what can be read as it is', () => {
    for (const text of ['', 'digits', 'half 模型 "x" \\n', '👩‍🚀', 'می‌خواهم']) expect(printableLine(text)).toBe(text);
  });
});

describe('quoteName', () => {
  it('quotes a name so that its end is known', () => {
    expect(quoteName('half 模型')).toBe('"half 模型"');
    expect(quoteName('a" version 1 is "b\\')).toBe('"a\\" version 1 is \\"b\\\\"');
    expect(quoteName('a\nb')).toBe('"a\\nb"');
  });

  it('cuts a long name', () => {
    expect(quoteName('x'.repeat(300))).toBe(`"${'x'.repeat(256)}…"`);
  });
});

describe('prometheusLabelValue', () => {
  it('keeps a value within its quotes and its line', () => {
    expect(prometheusLabelValue('a"} 1\nb{c="\\n')).toBe('a\\"} 1\\nb{c=\\"\\\\n');
  });
});
