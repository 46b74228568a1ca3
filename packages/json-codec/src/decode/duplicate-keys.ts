/** Member names that stand in one object after the other, each decoded once. */
import type { JsonTape } from '../json/json-tape.js';

/** Names by their place in an object: mostly the name that the object before had there. */
export class RepeatedNames {
  readonly #tape: JsonTape;
  readonly #decode: (name: string) => string;
  readonly #nodes: number[] = [];
  readonly #names: string[] = [];

  /** @param decode what to make of a name */
  constructor(tape: JsonTape, decode: (name: string) => string) {
    this.#tape = tape;
    this.#decode = decode;
  }

  /** The name at a key's node, the `place`-th of its object. */
  at(node: number, place: number): string {
    const known = this.#nodes[place];
    if (known !== undefined && this.#sameText(known, node)) return this.#names[place]!;
    const name = this.#decode(this.#tape.stringValue(node));
    if (place < MAX_PLACES) {
      this.#nodes[place] = node;
      this.#names[place] = name;
    }
    return name;
  }

  #sameText(a: number, b: number): boolean {
    const { text, starts, ends } = this.#tape;
    const aStart = starts[a]!;
    const bStart = starts[b]!;
    const length = ends[a]! - aStart;
    if (ends[b]! - bStart !== length) return false;
    for (let i = 0; i < length; i++) if (text[aStart + i] !== text[bStart + i]) return false;
    return true;
  }
}

/** Objects of more members than this are rare, and then not alike. */
const MAX_PLACES = 1024;
