/** Reads sets of characters: escapes and classes in brackets. */
import { invertedRanges, perlClasses, posixClasses, propertyClass } from './character-classes.js';
import type { PatternReader } from './pattern-reader.js';
import { RegexSyntaxError } from './regex-error.js';
import type { CharacterSet } from './regex-node.js';

/** What of the flags matters for sets. */
export interface SetFlags {
  readonly foldsCase: boolean;
}

interface Escape {
  readonly ranges: readonly (readonly [number, number])[];
  readonly properties: readonly string[];
  /** Whether it stands for a class, so that it can't end a range. */
  readonly isClass: boolean;
}

const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Reads a backslash and what follows it. */
export function readEscape(reader: PatternReader): Escape {
  const start = reader.at;
  const character = (code: number): Escape => ({ ranges: [[code, code]], properties: [], isClass: false });
  const property = /^\\([pP])(?:\{(\^?\w+)\}|([A-Z]))/.exec(reader.rest);
  if (property !== null) {
    reader.skip(property[0].length);
    const source = propertyClass(property[2] ?? property[3]!, property[1] === 'P');
    return { ranges: [], properties: [source], isClass: true };
  }
  const number = /^\\(?:x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2}))/.exec(reader.rest);
  if (number !== null) {
    reader.skip(number[0].length);
    const code = number[3] === undefined ? Number.parseInt(number[1] ?? number[2]!, 16) : Number.parseInt(number[3], 8);
    if (code <= 0x10ffff) return character(code);
    throw new RegexSyntaxError(`invalid escape sequence: ${tooLarge(number[0])}`);
  }
  reader.skip(1);
  if (reader.isAtEnd) throw new RegexSyntaxError('trailing \\');
  const code = reader.next();
  const letter = String.fromCodePoint(code);
  const perl = perlClasses[letter.toLowerCase()];
  if (perl !== undefined && /[dswDSW]/.test(letter)) {
    return { ranges: letter === letter.toLowerCase() ? perl : invertedRanges(perl), properties: [], isClass: true };
  }
  if (CONTROL[letter] !== undefined) return character(CONTROL[letter]);
  if (code < 0x80 && !/[0-9A-Za-z]/.test(letter)) return character(code);
  throw new RegexSyntaxError(`invalid escape sequence: ${reader.pattern.slice(start, reader.at)}`);
}

/** The digits up to the one that makes the number too large. */
function tooLarge(sequence: string): string {
  let end = 4;
  while (Number.parseInt(sequence.slice(3, end), 16) <= 0x10ffff) end++;
  return sequence.slice(0, end);
}

/** Reads a class in brackets. */
export function readSet(reader: PatternReader, { foldsCase }: SetFlags): CharacterSet {
  const start = reader.at;
  reader.skip(1);
  const negated = reader.take('^');
  const ranges: (readonly [number, number])[] = [];
  const properties: string[] = [];
  for (let first = true; first || !reader.take(']'); first = false) {
    if (reader.isAtEnd) throw new RegexSyntaxError(`missing ]: ${reader.pattern.slice(start)}`);
    const posix = /^\[:(\^?)(\w*):\]/.exec(reader.rest);
    if (posix !== null) {
      const found = posixClasses[posix[2]!];
      if (found === undefined) throw new RegexSyntaxError(`invalid character class range: ${posix[0]}`);
      reader.skip(posix[0].length);
      ranges.push(...(posix[1] === '^' ? invertedRanges(found) : found));
      continue;
    }
    readRange(reader, ranges, properties);
  }
  return { negated, ranges, properties, foldsCase };
}

function readRange(reader: PatternReader, ranges: (readonly [number, number])[], properties: string[]): void {
  const start = reader.at;
  const low = readEnd(reader);
  if (low.isClass) {
    ranges.push(...low.ranges);
    properties.push(...low.properties);
    return;
  }
  const [[first]] = low.ranges as [readonly [number, number]];
  if (!/^-[^\]]/s.test(reader.rest)) {
    ranges.push([first, first]);
    return;
  }
  reader.skip(1);
  const perl = /^\\[dswDSW]/.exec(reader.rest);
  if (perl !== null) throw new RegexSyntaxError(`invalid escape sequence: ${perl[0]}`);
  const high = readEnd(reader);
  const last = high.ranges[0]?.[0] ?? -1;
  if (high.isClass || last < first) {
    throw new RegexSyntaxError(`invalid character class range: ${reader.pattern.slice(start, reader.at)}`);
  }
  ranges.push([first, last]);
}

function readEnd(reader: PatternReader): Escape {
  if (reader.peek() === '\\') return readEscape(reader);
  const code = reader.next();
  return { ranges: [[code, code]], properties: [], isClass: false };
}
