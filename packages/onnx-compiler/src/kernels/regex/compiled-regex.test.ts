import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernelFor } from '../kernel-table.js';
import { CompiledRegex } from './compiled-regex.js';
import { RegexMachine } from './regex-machine.js';
import { parseRegex } from './regex-parser.js';
import { backtrackingCost, toRegExp } from './to-regexp.js';

const bytes = (text: string) => Buffer.from(text);
const replaced = (pattern: string, text: string, rewrite: (string | number)[]) =>
  Buffer.from(new CompiledRegex(pattern).replace(bytes(text), rewrite, true)).toString();

describe('patterns that backtrack', () => {
  it.each(['(a*)*b', '(a|aa)+b', '(a|a)*b', 'a*a*a*a*b', '(?:(?:a?){20}){20}b'])(
    '%s gives up on a long text',
    (pattern) => {
      const text = 'a'.repeat(5000);
      expect(new CompiledRegex(pattern).matchesWhole(bytes(text))).toBe(false);
      expect(replaced(pattern, text, ['x'])).toBe(text);
    },
  );

  it.each([
    ['[a-z]', 'linear'],
    ['ab|cd?', 'linear'],
    ['[^a-z]+', 'linear'],
    ['<br */>', 'quadratic'],
    ['a+?b', 'quadratic'],
    ['a*b*', 'unsafe'],
    ['(a*)*', 'unsafe'],
    ['(a)*', 'unsafe'],
    ['(?i)a(?-i)b', 'unsafe'],
  ])('%s costs JavaScript a time that is %s', (pattern, cost) => {
    expect(backtrackingCost(parseRegex(pattern))).toBe(cost);
  });

  it('a long text with a quadratic pattern is replaced as a short one', () => {
    const text = '<br   />x'.repeat(500);
    expect(replaced('<br */>', text, ['-'])).toBe('-x'.repeat(500));
  });
});

describe('the simulation', () => {
  const piece = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', 'é', '\\w', '^', '$', '\\b');
  const pattern = fc.array(
    fc
      .tuple(piece, fc.constantFrom('', '', '', '?', '{2}', '??', '{1,3}'))
      .map(([part, count]) => (/^[$^]|b$/.test(part) && part !== 'b' ? part : part + count)),
    { minLength: 1, maxLength: 5 },
  );
  const choice = fc
    .array(pattern, { minLength: 1, maxLength: 3 })
    .map((parts) => parts.map((part) => part.join('')).join('|'));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', ' ', '\n', '😀'), maxLength: 8 });

  it('finds what JavaScript finds', () => {
    fc.assert(
      fc.property(choice, text, (source, subject) => {
        const parsed = parseRegex(source);
        const found = toRegExp(parsed, false, 'g').exec(subject);
        const codes = Array.from(subject, (character) => character.codePointAt(0)!);
        const slots = new RegexMachine(parsed).search(codes, 0);
        const characters = (units: number) => Array.from(subject.slice(0, units)).length;
        const expected = found && [characters(found.index), characters(found.index + found[0].length)];
        expect(slots?.slice(0, 2) ?? null).toEqual(expected);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});

describe('patterns that RE2 refuses', () => {
  const attributes = new Map([
    ['pattern', { kind: 'bytes', value: bytes('(?=a)') }],
    ['rewrite', { kind: 'bytes', value: bytes('') }],
  ] as const);

  it('are refused at load with the pattern and the reason', () => {
    expect(() => kernelFor('StaticRegexReplace')!({ attributes })).toThrow(
      'regular expression (?=a): invalid perl operator: (?=',
    );
  });

  it.each(['\\B', 'a\\C'])('%s, which matches within characters, is refused', (source) => {
    expect(() => new CompiledRegex(source)).toThrow('not supported, as it matches within characters: \\');
  });

  it('are refused when they are too large or too deep', () => {
    expect(() => new CompiledRegex('((a{100}){100}){100}')).toThrow('pattern too large - compile failed');
    expect(() => new CompiledRegex('('.repeat(2000))).toThrow('expression nests too deeply');
  });
});
