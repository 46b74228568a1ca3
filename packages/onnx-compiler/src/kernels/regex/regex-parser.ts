/** Reads RE2's syntax. */

import { PatternReader } from './pattern-reader.js';
import { RegexSyntaxError } from './regex-error.js';
import type { ParsedRegex, RegexNode, RegexPlace } from './regex-node.js';
import { readEscape, readSet, type SetFlags } from './set-parser.js';

interface Flags extends SetFlags {
  readonly lines: boolean;
  readonly dotAll: boolean;
  readonly lazy: boolean;
}

/** A group that is open: the alternatives before the current one, and the current one. */
interface OpenGroup {
  readonly index: number | undefined;
  readonly flags: Flags;
  readonly choices: RegexNode[];
  nodes: RegexNode[];
}

const MAX_REPEAT = 1000;
const MAX_DEPTH = 1000;

/**
 * Reads a pattern.
 *
 * @throws RegexSyntaxError with RE2's text.
 */
export function parseRegex(pattern: string): ParsedRegex {
  return new RegexParser(pattern).parse();
}

class RegexParser {
  readonly #reader: PatternReader;
  #flags: Flags = { foldsCase: false, lines: false, dotAll: false, lazy: false };
  #groups = 0;
  #open: OpenGroup[] = [{ index: undefined, flags: this.#flags, choices: [], nodes: [] }];
  /** Where the last repetition operator began, when it was the last thing read. */
  #lastRepeat: number | undefined;

  constructor(pattern: string) {
    this.#reader = new PatternReader(pattern);
  }

  parse(): ParsedRegex {
    const reader = this.#reader;
    while (!reader.isAtEnd) {
      const before = this.#lastRepeat;
      this.#lastRepeat = undefined;
      this.#readItem(before);
    }
    if (this.#open.length > 1) throw new RegexSyntaxError(`missing ): ${reader.pattern}`);
    return { node: closed(this.#open[0]!), groups: this.#groups };
  }

  #add(node: RegexNode): void {
    this.#open.at(-1)!.nodes.push(node);
  }

  #place(place: RegexPlace): void {
    this.#add({ kind: 'place', place });
  }

  #readItem(lastRepeat: number | undefined): void {
    const reader = this.#reader;
    const start = reader.at;
    if (reader.take('(')) this.#openGroup(start);
    else if (reader.take(')')) this.#closeGroup();
    else if (reader.take('|')) this.#nextChoice();
    else if (reader.take('^')) this.#place(this.#flags.lines ? 'lineBegin' : 'textBegin');
    else if (reader.take('$')) this.#place(this.#flags.lines ? 'lineEnd' : 'textEnd');
    else if (reader.take('.')) this.#addDot();
    else if (reader.peek() === '[') this.#add({ kind: 'set', set: readSet(reader, this.#flags) });
    else if (reader.take('*')) this.#repeat(0, Number.POSITIVE_INFINITY, start, lastRepeat);
    else if (reader.take('+')) this.#repeat(1, Number.POSITIVE_INFINITY, start, lastRepeat);
    else if (reader.take('?')) this.#repeat(0, 1, start, lastRepeat);
    else if (reader.peek() === '{' && this.#readCount(start, lastRepeat)) return;
    else if (reader.peek() === '\\') this.#readBackslash();
    else this.#addCharacter(reader.next());
  }

  #addCharacter(code: number): void {
    this.#add({
      kind: 'set',
      set: { negated: false, ranges: [[code, code]], properties: [], foldsCase: this.#flags.foldsCase },
    });
  }

  #addDot(): void {
    const ranges = this.#flags.dotAll ? [] : [[0x0a, 0x0a] as const];
    this.#add({ kind: 'set', set: { negated: true, ranges, properties: [], foldsCase: false } });
  }

  #nextChoice(): void {
    const group = this.#open.at(-1)!;
    group.choices.push({ kind: 'sequence', nodes: group.nodes });
    group.nodes = [];
  }

  #closeGroup(): void {
    const group = this.#open.pop()!;
    if (this.#open.length === 0) throw new RegexSyntaxError(`unexpected ): ${this.#reader.pattern}`);
    this.#flags = group.flags;
    const node = closed(group);
    this.#add(group.index === undefined ? node : { kind: 'group', node, index: group.index });
  }

  #openGroup(start: number): void {
    const reader = this.#reader;
    if (this.#open.length > MAX_DEPTH) throw new RegexSyntaxError('expression nests too deeply');
    const outside = this.#flags;
    let index: number | undefined;
    if (!reader.take('?')) {
      index = ++this.#groups;
    } else if (reader.take('P<')) {
      this.#readName(start);
      index = ++this.#groups;
    } else if (!this.#readFlags(start)) {
      return;
    }
    this.#open.push({ index, flags: outside, choices: [], nodes: [] });
  }

  #readName(start: number): void {
    const name = /^(\w+)>/.exec(this.#reader.rest);
    if (name === null) throw new RegexSyntaxError(`invalid named capture group: ${this.#reader.pattern.slice(start)}`);
    this.#reader.skip(name[0].length);
  }

  /** Reads `i-s)` or `i-s:`; returns whether a group begins. */
  #readFlags(start: number): boolean {
    const reader = this.#reader;
    const flags = { ...this.#flags };
    let on = true;
    let count = 0;
    for (;;) {
      const letter = reader.isAtEnd ? '' : String.fromCodePoint(reader.next());
      if (letter === 'i') flags.foldsCase = on;
      else if (letter === 'm') flags.lines = on;
      else if (letter === 's') flags.dotAll = on;
      else if (letter === 'U') flags.lazy = on;
      else if (letter === '-' && on) on = false;
      else if ((letter === ')' || letter === ':') && (on || count > 0)) {
        this.#flags = flags;
        return letter === ':';
      } else throw new RegexSyntaxError(`invalid perl operator: ${reader.pattern.slice(start, reader.at)}`);
      count = letter === '-' ? 0 : count + 1;
    }
  }

  /** Reads `{2,3}`; braces of another form are characters. */
  #readCount(start: number, lastRepeat: number | undefined): boolean {
    const found = /^\{(\d+)(,?)(\d*)\}/.exec(this.#reader.rest);
    if (found === null || (found[2] === '' && found[3] !== '')) return false;
    this.#reader.skip(found[0].length);
    const min = Number(found[1]);
    const max = found[2] === '' ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Number.POSITIVE_INFINITY) || max < min) {
      throw new RegexSyntaxError(`invalid repetition size: ${found[0]}`);
    }
    this.#repeat(min, max, start, lastRepeat);
    return true;
  }

  #repeat(min: number, max: number, start: number, lastRepeat: number | undefined): void {
    const reader = this.#reader;
    const isLazy = reader.take('?');
    const operator = reader.pattern.slice(start, reader.at);
    if (lastRepeat !== undefined) {
      throw new RegexSyntaxError(`bad repetition operator: ${reader.pattern.slice(lastRepeat, reader.at)}`);
    }
    const { nodes } = this.#open.at(-1)!;
    const node = nodes.pop();
    if (node === undefined) throw new RegexSyntaxError(`no argument for repetition operator: ${operator}`);
    nodes.push({ kind: 'repeat', node, min, max, greedy: isLazy === this.#flags.lazy });
    this.#lastRepeat = start;
  }

  #readBackslash(): void {
    const reader = this.#reader;
    const places: Record<string, RegexPlace> = { A: 'textBegin', z: 'textEnd', b: 'wordBoundary' };
    const place = places[reader.rest[1] ?? ''];
    if (/^\\[BC]/.test(reader.rest)) {
      throw new RegexSyntaxError(`not supported, as it matches within characters: ${reader.rest.slice(0, 2)}`);
    }
    if (place !== undefined) {
      reader.skip(2);
      this.#place(place);
    } else if (reader.take('\\Q')) {
      while (!reader.isAtEnd && !reader.take('\\E')) this.#addCharacter(reader.next());
    } else {
      const { ranges, properties, isClass } = readEscape(reader);
      this.#add({
        kind: 'set',
        set: { negated: false, ranges, properties, foldsCase: this.#flags.foldsCase && !isClass },
      });
    }
  }
}

function closed({ choices, nodes }: OpenGroup): RegexNode {
  const last: RegexNode = { kind: 'sequence', nodes };
  return choices.length === 0 ? last : { kind: 'choice', nodes: [...choices, last] };
}
