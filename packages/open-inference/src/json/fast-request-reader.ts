/** Requests in their usual form in one pass over the text. It throws no errors: the exact reader has them. */
import type { Tensor } from '@serving/core/tensor';
import { elementCount } from '@serving/core/tensor';
import { type SliceBudget, TextCursor } from '@serving/json-codec/internal';
import { type Datatype, dtypeOf, isDatatype } from '../infer/datatype.js';
import type { Parameters, ParameterValue, RequestedOutput } from '../infer/infer-message.js';
import { NO_PARAMETERS } from '../infer/parameters.js';
import { isScannedAsItIs, type ScannedData, TensorDataReader } from './fast-tensor-data.js';
import type { InputFields, RequestFields } from './request-fields.js';
import type { TextHole } from './request-template.js';

/** Reads one text. What is unusual, or wrong, makes it give up. */
export class FastRequestReader {
  readonly #cursor: TextCursor;
  readonly #data: TensorDataReader;
  #holes: TextHole[] | undefined = [];

  constructor(text: Buffer) {
    this.#cursor = new TextCursor(text);
    this.#data = new TensorDataReader(this.#cursor);
  }

  /** Where the text read has its `id` and its numbers; `undefined` for values of other kinds. */
  get holes(): readonly TextHole[] | undefined {
    return this.#holes;
  }

  /** The request; `undefined` where it gives up. Yields where the budget is used up. */
  *read(budget: SliceBudget): Generator<void, RequestFields | undefined> {
    const cursor = this.#cursor;
    if (!cursor.take(OPEN_BRACE)) return undefined;
    let id = '';
    let parameters = NO_PARAMETERS;
    let inputs: readonly InputFields[] | undefined;
    let outputs: readonly RequestedOutput[] = [];
    do {
      const name = this.#name();
      if (name === 'inputs') {
        const read: InputFields[] | undefined = yield* this.#inputs(budget);
        if (read === undefined || inputs !== undefined) return undefined;
        inputs = read;
      } else if (name === 'outputs') {
        const read = this.#list(() => this.#output());
        if (read === undefined) return undefined;
        outputs = read;
      } else if (name === 'parameters') {
        const read = this.#parameters();
        if (read === undefined) return undefined;
        parameters = read;
      } else {
        const value = name === undefined ? undefined : this.#scalar();
        if (value === undefined || (name === 'id' && typeof value !== 'string')) return undefined;
        if (name === 'id') {
          id = value as string;
          const end = cursor.at - 1;
          this.#holes?.push({ start: end - id.length, end, input: ID_HOLE });
        }
      }
    } while (cursor.take(COMMA));
    if (inputs === undefined || !cursor.take(CLOSE_BRACE)) return undefined;
    return cursor.skipSpace() === cursor.text.length ? { id, parameters, inputs, outputs } : undefined;
  }

  *#inputs(budget: SliceBudget): Generator<void, InputFields[] | undefined> {
    const cursor = this.#cursor;
    if (!cursor.take(OPEN_BRACKET)) return undefined;
    const inputs: InputFields[] = [];
    if (cursor.take(CLOSE_BRACKET)) return inputs;
    do {
      const input = yield* this.#input(inputs.length, budget);
      if (input === undefined) return undefined;
      inputs.push(input);
    } while (cursor.take(COMMA));
    return cursor.take(CLOSE_BRACKET) ? inputs : undefined;
  }

  *#input(index: number, budget: SliceBudget): Generator<void, InputFields | undefined> {
    const cursor = this.#cursor;
    if (!cursor.take(OPEN_BRACE)) return undefined;
    let name: string | undefined;
    let datatype: Datatype | undefined;
    let shape: readonly number[] | undefined;
    let parameters = NO_PARAMETERS;
    let data: ScannedData | undefined;
    do {
      const key = this.#name();
      if (key === 'name') name = this.#text();
      else if (key === 'datatype') {
        const text = this.#text();
        if (text === undefined || !isDatatype(text) || data !== undefined) return undefined;
        datatype = text;
      } else if (key === 'shape') {
        shape = this.#list(() => this.#whole());
      } else if (key === 'parameters') {
        const read = this.#parameters();
        if (read === undefined) return undefined;
        parameters = read;
      } else if (key === 'data') {
        if (datatype === undefined || data !== undefined) return undefined;
        const start = cursor.skipSpace();
        data = yield* this.#data.read(datatype, budget);
        if (data === undefined) return undefined;
        if (isScannedAsItIs(datatype)) this.#holes?.push({ start, end: cursor.at, input: index });
        else this.#holes = undefined;
      } else if (key === undefined || this.#scalar() === undefined) return undefined;
    } while (cursor.take(COMMA));
    if (name === undefined || datatype === undefined || shape === undefined) return undefined;
    if (!cursor.take(CLOSE_BRACE)) return undefined;
    if (data === undefined) return { name, datatype, shape, parameters, tensor: undefined };
    if (data.count !== countOf(shape) || (data.depth === 0 && shape.length > 0)) return undefined;
    return {
      name,
      datatype,
      shape,
      parameters,
      tensor: { dtype: dtypeOf(datatype), shape, data: data.data } as Tensor,
    };
  }

  #output(): RequestedOutput | undefined {
    const cursor = this.#cursor;
    if (!cursor.take(OPEN_BRACE)) return undefined;
    let name: string | undefined;
    let parameters = NO_PARAMETERS;
    do {
      const key = this.#name();
      if (key === 'name') name = this.#text();
      else if (key === 'parameters') {
        const read = this.#parameters();
        if (read === undefined) return undefined;
        parameters = read;
      } else if (key === undefined || this.#scalar() === undefined) return undefined;
    } while (cursor.take(COMMA));
    return name !== undefined && cursor.take(CLOSE_BRACE) ? { name, parameters } : undefined;
  }

  #parameters(): Parameters | undefined {
    const cursor = this.#cursor;
    if (!cursor.take(OPEN_BRACE)) return undefined;
    if (cursor.take(CLOSE_BRACE)) return NO_PARAMETERS;
    const parameters: Record<string, ParameterValue> = Object.create(null);
    do {
      const name = this.#name();
      const value = name === undefined ? undefined : this.#scalar();
      if (value === undefined || name === 'headers') return undefined;
      parameters[name!] = value;
    } while (cursor.take(COMMA));
    return cursor.take(CLOSE_BRACE) ? parameters : undefined;
  }

  #list<Item>(read: () => Item | undefined): Item[] | undefined {
    const cursor = this.#cursor;
    if (!cursor.take(OPEN_BRACKET)) return undefined;
    const items: Item[] = [];
    if (cursor.take(CLOSE_BRACKET)) return items;
    do {
      const item = read();
      if (item === undefined) return undefined;
      items.push(item);
    } while (cursor.take(COMMA));
    return cursor.take(CLOSE_BRACKET) ? items : undefined;
  }

  #name(): string | undefined {
    const name = this.#text();
    return name !== undefined && this.#cursor.take(COLON) ? name : undefined;
  }

  #text(): string | undefined {
    return this.#cursor.takeShortString(LONGEST_TEXT);
  }

  /** A plain string, a whole number, true or false. */
  #scalar(): string | number | boolean | undefined {
    const { text } = this.#cursor;
    const at = this.#cursor.skipSpace();
    if (text[at] === QUOTE) return this.#text();
    if (text[at] === LETTER_T) return this.#word('true') ? true : undefined;
    if (text[at] === LETTER_F) return this.#word('false') ? false : undefined;
    return this.#whole();
  }

  #word(word: string): boolean {
    const cursor = this.#cursor;
    const { at } = cursor;
    if (cursor.text.toString('latin1', at, at + word.length) !== word) return false;
    cursor.at = at + word.length;
    return true;
  }

  /** A whole number of few digits. */
  #whole(): number | undefined {
    const cursor = this.#cursor;
    const { text } = cursor;
    const start = cursor.skipSpace();
    let at = start;
    let value = 0;
    for (; at < text.length && text[at]! >= ZERO && text[at]! <= ZERO + 9; at++) value = value * 10 + text[at]! - ZERO;
    const digits = at - start;
    if (digits === 0 || digits > MOST_DIGITS || (digits > 1 && text[start] === ZERO)) return undefined;
    const next = text[at];
    if (next === POINT || next === LETTER_E_SMALL || next === LETTER_E) return undefined;
    cursor.at = at;
    return value;
  }
}

/** `undefined` for a shape that the exact reader refuses. */
function countOf(shape: readonly number[]): number | undefined {
  try {
    return elementCount(shape);
  } catch {
    return undefined;
  }
}

const LONGEST_TEXT = 4096;
const ID_HOLE = -1;
/** A double holds all whole numbers of so many digits. */
const MOST_DIGITS = 15;

const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const LETTER_E = 0x45;
const LETTER_E_SMALL = 0x65;
const LETTER_F = 0x66;
const LETTER_T = 0x74;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const POINT = 0x2e;
const QUOTE = 0x22;
const ZERO = 0x30;
