/** Regular expressions run by simulation, in time linear in the text. */
import { classSource } from './character-classes.js';
import { RegexSyntaxError } from './regex-error.js';
import type { CharacterSet, ParsedRegex, RegexNode, RegexPlace } from './regex-node.js';

type Instruction =
  | { readonly kind: 'set'; readonly matches: (code: number) => boolean }
  | { readonly kind: 'place'; readonly place: RegexPlace }
  | { readonly kind: 'save'; readonly slot: number }
  | { readonly kind: 'fork'; first: number; second: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'match' };

/** RE2 has a limit too; patterns beyond it are refused. */
const MAX_INSTRUCTIONS = 50_000;

/** Begin and end of the match and of its groups, in characters; -1 for a group without a match. */
export type RegexSlots = readonly number[];

/** A compiled expression. */
export class RegexMachine {
  readonly #code: Instruction[] = [];
  readonly #slots: number;

  constructor({ node, groups }: ParsedRegex) {
    this.#slots = 2 * (groups + 1);
    this.#compile({ kind: 'group', node, index: 0 });
    this.#emit({ kind: 'match' });
  }

  #emit<I extends Instruction>(instruction: I): I {
    if (this.#code.length >= MAX_INSTRUCTIONS) throw new RegexSyntaxError('pattern too large - compile failed');
    this.#code.push(instruction);
    return instruction;
  }

  #compile(node: RegexNode): void {
    switch (node.kind) {
      case 'set':
        this.#emit({ kind: 'set', matches: setMatcher(node.set) });
        break;
      case 'place':
        this.#emit({ kind: 'place', place: node.place });
        break;
      case 'sequence':
        for (const child of node.nodes) this.#compile(child);
        break;
      case 'choice':
        this.#compileChoice(node.nodes);
        break;
      case 'group':
        this.#emit({ kind: 'save', slot: 2 * node.index });
        this.#compile(node.node);
        this.#emit({ kind: 'save', slot: 2 * node.index + 1 });
        break;
      case 'repeat':
        this.#compileRepeat(node);
        break;
    }
  }

  #compileChoice(nodes: readonly RegexNode[]): void {
    const jumps: { to: number }[] = [];
    for (const [i, child] of nodes.entries()) {
      if (i === nodes.length - 1) {
        this.#compile(child);
        break;
      }
      const fork = this.#emit({ kind: 'fork', first: this.#code.length + 1, second: 0 });
      this.#compile(child);
      jumps.push(this.#emit({ kind: 'jump', to: 0 }));
      fork.second = this.#code.length;
    }
    for (const jump of jumps) jump.to = this.#code.length;
  }

  #compileRepeat({ node, min, max, greedy }: Extract<RegexNode, { kind: 'repeat' }>): void {
    for (let i = 0; i < (max === Number.POSITIVE_INFINITY ? min - 1 : min); i++) this.#compile(node);
    const forkHere = (): { skipTo: (to: number) => void } => {
      const fork = this.#emit({ kind: 'fork', first: 0, second: 0 });
      const inside = this.#code.length;
      return {
        skipTo: (to) => {
          fork.first = greedy ? inside : to;
          fork.second = greedy ? to : inside;
        },
      };
    };
    if (max === Number.POSITIVE_INFINITY) {
      // A part that matches nothing may leave the loop before it tries more: `x*` of such a part is `(x+)?`.
      const mayBeSkipped = min === 0 && isNullable(node) ? forkHere() : undefined;
      const start = this.#code.length;
      const fork = min === 0 && mayBeSkipped === undefined ? forkHere() : undefined;
      this.#compile(node);
      if (fork === undefined) {
        const again = this.#emit({ kind: 'fork', first: 0, second: 0 });
        again.first = greedy ? start : this.#code.length;
        again.second = greedy ? this.#code.length : start;
      } else {
        this.#emit({ kind: 'jump', to: start });
        fork.skipTo(this.#code.length);
      }
      mayBeSkipped?.skipTo(this.#code.length);
      return;
    }
    const forks: { skipTo: (to: number) => void }[] = [];
    for (let i = min; i < max; i++) {
      forks.push(forkHere());
      this.#compile(node);
    }
    for (const fork of forks) fork.skipTo(this.#code.length);
  }

  /**
   * Searches from `from` on. With `wholeText` only a match of the whole text counts.
   *
   * @param text numbers of characters
   */
  search(text: ArrayLike<number>, from: number, wholeText = false): RegexSlots | undefined {
    let threads = new ThreadList(this.#code.length);
    let next = new ThreadList(this.#code.length);
    let found: RegexSlots | undefined;
    for (let at = from; ; at++) {
      if (found === undefined && (at === from || !wholeText)) this.#follow(threads, 0, this.#unset(), text, at);
      if (threads.count === 0 && (found !== undefined || wholeText)) return found;
      next.clear();
      for (let i = 0; i < threads.count; i++) {
        const state = threads.states[i]!;
        const slots = threads.slots[i]!;
        const instruction = this.#code[state]!;
        if (instruction.kind === 'match') {
          if (wholeText && at < text.length) continue;
          found = slots;
          break;
        }
        if (instruction.kind === 'set' && at < text.length && instruction.matches(text[at]!)) {
          this.#follow(next, state + 1, slots, text, at + 1);
        }
      }
      if (at >= text.length) return found;
      [threads, next] = [next, threads];
    }
  }

  #unset(): RegexSlots {
    return new Array<number>(this.#slots).fill(-1);
  }

  /** Adds a thread, and those that it leads to without a character, in order of preference. */
  #follow(list: ThreadList, start: number, startSlots: RegexSlots, text: ArrayLike<number>, at: number): void {
    const stack = [{ state: start, slots: startSlots }];
    while (stack.length > 0) {
      const { state, slots } = stack.pop()!;
      if (!list.enter(state)) continue;
      const instruction = this.#code[state]!;
      if (instruction.kind === 'jump') stack.push({ state: instruction.to, slots });
      else if (instruction.kind === 'fork') {
        stack.push({ state: instruction.second, slots }, { state: instruction.first, slots });
      } else if (instruction.kind === 'save') {
        stack.push({ state: state + 1, slots: slots.with(instruction.slot, at) });
      } else if (instruction.kind === 'place') {
        if (isAt(instruction.place, text, at)) stack.push({ state: state + 1, slots });
      } else list.add(state, slots);
    }
  }
}

/** Whether a part matches without a character. */
function isNullable(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'place':
      return true;
    case 'sequence':
      return node.nodes.every(isNullable);
    case 'choice':
      return node.nodes.some(isNullable);
    case 'group':
      return isNullable(node.node);
    case 'repeat':
      return node.min === 0 || isNullable(node.node);
  }
}

/** Threads in order of preference, each state once. */
class ThreadList {
  readonly states: number[] = [];
  readonly slots: RegexSlots[] = [];
  readonly #entered: Uint32Array;
  #generation = 1;
  count = 0;

  constructor(size: number) {
    this.#entered = new Uint32Array(size);
  }

  clear(): void {
    this.#generation++;
    this.count = 0;
  }

  enter(state: number): boolean {
    if (this.#entered[state] === this.#generation) return false;
    this.#entered[state] = this.#generation;
    return true;
  }

  add(state: number, slots: RegexSlots): void {
    this.states[this.count] = state;
    this.slots[this.count++] = slots;
  }
}

function isWord(code: number | undefined): boolean {
  return code !== undefined && code < 0x80 && /\w/.test(String.fromCharCode(code));
}

function isAt(place: RegexPlace, text: ArrayLike<number>, at: number): boolean {
  switch (place) {
    case 'textBegin':
      return at === 0;
    case 'textEnd':
      return at === text.length;
    case 'lineBegin':
      return at === 0 || text[at - 1] === 0x0a;
    case 'lineEnd':
      return at === text.length || text[at] === 0x0a;
    case 'wordBoundary':
      return isWord(at === 0 ? undefined : text[at - 1]) !== isWord(text[at]);
  }
}

/** Tests characters against a set: ASCII by a table, others by JavaScript's class of the same characters. */
function setMatcher(set: CharacterSet): (code: number) => boolean {
  const pattern = new RegExp(`^(?:${classSource(set)})$`, set.foldsCase ? 'ui' : 'u');
  const ascii = Array.from({ length: 128 }, (_, code) => pattern.test(String.fromCharCode(code)));
  return (code) => (code < 128 ? ascii[code]! : pattern.test(String.fromCodePoint(code)));
}
