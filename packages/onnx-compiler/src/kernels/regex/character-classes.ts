/** Classes of characters that have names. */
import { RegexSyntaxError } from './regex-error.js';
import type { CharacterSet } from './regex-node.js';

type Ranges = readonly (readonly [number, number])[];

const digits: Ranges = [[0x30, 0x39]];
const upper: Ranges = [[0x41, 0x5a]];
const lower: Ranges = [[0x61, 0x7a]];
const letters: Ranges = [...upper, ...lower];
const underscore: Ranges = [[0x5f, 0x5f]];

/** `\d`, `\s` and `\w`: of ASCII alone. */
export const perlClasses: Readonly<Record<string, Ranges>> = {
  d: digits,
  s: [
    [0x09, 0x0a],
    [0x0c, 0x0d],
    [0x20, 0x20],
  ],
  w: [...digits, ...letters, ...underscore],
};

/** `[:alpha:]` and its kin: of ASCII alone. */
export const posixClasses: Readonly<Record<string, Ranges>> = {
  alnum: [...digits, ...letters],
  alpha: letters,
  ascii: [[0, 0x7f]],
  blank: [
    [0x09, 0x09],
    [0x20, 0x20],
  ],
  cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: digits,
  graph: [[0x21, 0x7e]],
  lower,
  print: [[0x20, 0x7e]],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  space: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
  upper,
  word: [...digits, ...letters, ...underscore],
  xdigit: [...digits, [0x41, 0x46], [0x61, 0x66]],
};

/** The characters of ASCII, and beyond, that are in none of the ranges. */
export function invertedRanges(ranges: Ranges): (readonly [number, number])[] {
  const inverted: [number, number][] = [];
  let next = 0;
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (first > next) inverted.push([next, first - 1]);
    next = Math.max(next, last + 1);
  }
  if (next <= 0x10ffff) inverted.push([next, 0x10ffff]);
  return inverted.flatMap(withoutSurrogates);
}

function withoutSurrogates([first, last]: readonly [number, number]): (readonly [number, number])[] {
  const parts: (readonly [number, number])[] = [
    [first, Math.min(last, 0xd7ff)],
    [Math.max(first, 0xe000), last],
  ];
  return parts.filter(([low, high]) => low <= high);
}

/** The class of `\pN`, `\p{Greek}` or their opposites, as JavaScript writes it. */
export function propertyClass(name: string, negated: boolean): string {
  const inverse = name.startsWith('^');
  const bare = inverse ? name.slice(1) : name;
  const letter = negated !== inverse ? 'P' : 'p';
  for (const source of [`\\${letter}{${bare}}`, `\\${letter}{Script=${bare}}`]) {
    if (/^\w+$/.test(bare) && (bare.length <= 2 || source.includes('Script=')) && isRegExp(source)) return source;
  }
  if (bare === 'Any') return letter === 'p' ? '\\p{Any}' : '\\P{Any}';
  throw new RegexSyntaxError(
    `invalid character class range: \\${negated ? 'P' : 'p'}${name.length === 1 ? name : `{${name}}`}`,
  );
}

function isRegExp(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}

/** A set as a class of JavaScript, for the flag `u`, and `i` where the set folds case. */
export function classSource({ negated, ranges, properties }: CharacterSet): string {
  const items = [
    ...ranges.map(([first, last]) => (first === last ? escaped(first) : `${escaped(first)}-${escaped(last)}`)),
    ...properties,
  ];
  if (negated) return `[^${items.join('')}\\u{dc80}-\\u{dcff}]`;
  const source = `[${items.join('')}]`;
  return properties.length > 0 ? `(?![\\u{dc80}-\\u{dcff}])${source}` : source;
}

function escaped(code: number): string {
  return `\\u{${code.toString(16)}}`;
}
