/** JSON as TensorFlow Serving reads and writes it: integers keep all digits, and `NaN` and `Infinity` are numbers. */

export type Json = number | bigint | string | boolean | null | Json[] | { [name: string]: Json };

/** Text that is not JSON, with the place. */
export class JsonSyntaxError extends Error {
  constructor(expected: string, text: string, offset: number) {
    const found = offset >= text.length ? 'the text ends' : `found ${JSON.stringify(text.slice(offset, offset + 12))}`;
    super(`Not JSON: expected ${expected} at character ${offset + 1}, ${found}.`);
  }
}

const SPACE = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has them only escaped.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
const NUMBER = /-?(?:Infinity|(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
const WORD = /true|false|null|NaN/y;
const WORDS: Readonly<Record<string, Json>> = { true: true, false: false, null: null, NaN: Number.NaN };

/** Parses one value. Integers beyond 2^53 become bigints. */
export function parseJson(text: string): Json {
  const reader = new JsonReader(text);
  const value = reader.value();
  reader.end();
  return value;
}

/** The elements of a JSON array as the text has them, digits unchanged. `undefined` for text that is not an array. */
export function elementTexts(text: string): string[] | undefined {
  return new JsonReader(text).elementTexts();
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Json {
    this.#skip(SPACE);
    switch (this.#text[this.#at]) {
      case '[':
        return this.#array();
      case '{':
        return this.#object();
      case '"':
        return this.#string();
    }
    const word = this.#take(WORD);
    if (word !== undefined) return WORDS[word] as Json;
    const number = this.#take(NUMBER);
    if (number === undefined) throw this.#error('a value');
    const value = Number(number);
    return /^-?\d+$/.test(number) && !Number.isSafeInteger(value) ? BigInt(number) : value;
  }

  end(): void {
    this.#skip(SPACE);
    if (this.#at < this.#text.length) throw this.#error('the end');
  }

  elementTexts(): string[] | undefined {
    const texts: string[] = [];
    this.#skip(SPACE);
    if (this.#text[this.#at] !== '[') return undefined;
    this.#list('[', ']', () => {
      this.#skip(SPACE);
      const start = this.#at;
      this.value();
      texts.push(this.#text.slice(start, this.#at));
    });
    return texts;
  }

  #array(): Json[] {
    const items: Json[] = [];
    this.#list('[', ']', () => items.push(this.value()));
    return items;
  }

  #object(): { [name: string]: Json } {
    const members: { [name: string]: Json } = Object.create(null);
    this.#list('{', '}', () => {
      this.#skip(SPACE);
      if (this.#text[this.#at] !== '"') throw this.#error('a name in quotes');
      const name = this.#string();
      this.#skip(SPACE);
      if (this.#text[this.#at] !== ':') throw this.#error('":"');
      this.#at++;
      members[name] = this.value();
    });
    return members;
  }

  #list(open: string, close: string, item: () => void): void {
    this.#at += open.length;
    this.#skip(SPACE);
    if (this.#text[this.#at] === close) {
      this.#at++;
      return;
    }
    for (;;) {
      item();
      this.#skip(SPACE);
      const found = this.#text[this.#at];
      if (found !== ',' && found !== close) throw this.#error(`"," or "${close}"`);
      this.#at++;
      if (found === close) return;
    }
  }

  #string(): string {
    const text = this.#take(STRING);
    if (text === undefined) throw this.#error('the end of the string');
    try {
      return JSON.parse(text) as string;
    } catch {
      this.#at -= text.length;
      throw this.#error('a string');
    }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found) this.#at += found.length;
    return found;
  }

  #skip(pattern: RegExp): void {
    this.#take(pattern);
  }

  #error(expected: string): JsonSyntaxError {
    return new JsonSyntaxError(expected, this.#text, this.#at);
  }
}
