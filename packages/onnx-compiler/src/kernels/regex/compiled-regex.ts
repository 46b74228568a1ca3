/** Patterns ready to match and replace in byte strings. */
import { bytesFromText, textFromBytes } from '@serving/core/portable';
import { RegexMachine, type RegexSlots } from './regex-machine.js';
import type { ParsedRegex } from './regex-node.js';
import { parseRegex } from './regex-parser.js';
import { backtrackingCost, toRegExp } from './to-regexp.js';

/** Longer texts than this are not searched with a cost that is quadratic. */
const MAX_QUADRATIC = 1000;

/** A match: begin and end of it and its groups, in units of the text that was searched. */
type Search = (from: number) => RegexSlots | undefined;

/** A pattern of RE2. JavaScript's engine runs it where its time is bounded, else a simulation. */
export class CompiledRegex {
  readonly #parsed: ParsedRegex;
  readonly #limit: number;
  readonly #search: RegExp | undefined;
  readonly #whole: RegExp | undefined;
  #machine: RegexMachine | undefined;

  /** @throws RegexSyntaxError with RE2's text. */
  constructor(pattern: string) {
    this.#parsed = parseRegex(pattern);
    const cost = backtrackingCost(this.#parsed);
    this.#limit = cost === 'linear' ? Number.POSITIVE_INFINITY : cost === 'quadratic' ? MAX_QUADRATIC : -1;
    if (this.#limit >= 0) {
      this.#search = toRegExp(this.#parsed, false, this.#parsed.groups > 0 ? 'gd' : 'g');
      this.#whole = toRegExp(this.#parsed, true, '');
    }
    if (this.#limit !== Number.POSITIVE_INFINITY) this.#machine = new RegexMachine(this.#parsed);
  }

  /** How many groups there are. */
  get groups(): number {
    return this.#parsed.groups;
  }

  /** Whether the pattern matches the whole string. */
  matchesWhole(value: Uint8Array): boolean {
    const text = textFromBytes(value);
    if (this.#whole !== undefined && text.length <= this.#limit) return this.#whole.test(text);
    return this.#machine!.search(codesOf(text), 0, true) !== undefined;
  }

  /** Replaces the first match, or all; `undefined` parts of `rewrite` are numbers of groups. */
  replace(value: Uint8Array, rewrite: readonly (string | number)[], all: boolean): Uint8Array {
    const text = textFromBytes(value);
    const usesEngine = this.#search !== undefined && text.length <= this.#limit;
    const units: readonly string[] | string = usesEngine ? text : Array.from(text);
    const replaced = replaceIn(units, usesEngine ? this.#engineSearch(text) : this.#machineSearch(text), rewrite, all);
    return replaced === undefined ? value : bytesFromText(replaced);
  }

  #engineSearch(text: string): Search {
    const pattern = this.#search!;
    return (from) => {
      pattern.lastIndex = from;
      const match = pattern.exec(text);
      if (match === null) return undefined;
      return match.indices?.flatMap((pair) => pair ?? [-1, -1]) ?? [match.index, match.index + match[0].length];
    };
  }

  #machineSearch(text: string): Search {
    const codes = codesOf(text);
    return (from) => this.#machine!.search(codes, from);
  }
}

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!);
}

/** As RE2 replaces: an empty match right after a match doesn't count. */
function replaceIn(
  units: readonly string[] | string,
  search: Search,
  rewrite: readonly (string | number)[],
  all: boolean,
): string | undefined {
  const textOf = (from: number, to: number): string => {
    const part = units.slice(from, to);
    return typeof part === 'string' ? part : part.join('');
  };
  const pieces: string[] = [];
  let from = 0;
  let copied = 0;
  let lastEnd = -1;
  let count = 0;
  while (from <= units.length) {
    const slots = search(from);
    if (slots === undefined) break;
    const [begin, end] = [slots[0]!, slots[1]!];
    if (begin === end && begin === lastEnd) {
      from = end + unitsAt(units, end);
      continue;
    }
    pieces.push(textOf(copied, begin));
    for (const part of rewrite) {
      if (typeof part === 'string') pieces.push(part);
      else if (slots[2 * part]! >= 0) pieces.push(textOf(slots[2 * part]!, slots[2 * part + 1]!));
    }
    count++;
    copied = end;
    lastEnd = end;
    from = end;
    if (!all) break;
  }
  if (count === 0) return undefined;
  return pieces.join('') + textOf(copied, units.length);
}

/** How many units the character at a place has. */
function unitsAt(units: readonly string[] | string, at: number): number {
  return typeof units === 'string' && (units.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
