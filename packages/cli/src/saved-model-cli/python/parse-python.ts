/** Python's literals, and calls of NumPy's functions, to values. */
import { arithmetic } from './arithmetic.js';
import { callMethod, callNumpy } from './numpy-calls.js';
import { PythonError } from './python-error.js';
import { complexNumber, isList, isTensor, type PythonObject } from './python-object.js';

/** Names that stand for values without being called. */
const constants: ReadonlyMap<string, PythonObject> = new Map<string, PythonObject>([
  ['True', true],
  ['False', false],
  ['None', null],
  ['np.nan', Number.NaN],
  ['np.inf', Number.POSITIVE_INFINITY],
  ['np.pi', Math.PI],
  ['np.e', Math.E],
]);

/**
 * The value of an expression: numbers, complex ones too, text, bytes, lists, tuples, dictionaries, `+ - * /`, and the functions of `np` that
 * {@link callNumpy} has. No other name is resolved.
 *
 * @throws PythonError `SyntaxError` for anything else, `ValueError` for what NumPy refuses.
 */
export function parsePython(text: string): PythonObject {
  const parser = new Parser(text);
  const value = parser.expression();
  parser.expectEnd();
  return value;
}

const token =
  /\s*(?:((?:\d[\d_]*)?\.\d[\d_]*(?:[eE][+-]?\d+)?|\d[\d_]*\.?(?:[eE][+-]?\d+)?|0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+)|([A-Za-z_]\w*)|(.))/suy;
const radix = /\s*(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+)/y;
const stringStart = /\s*([bBrRuU]{0,2})('''|"""|'|")/y;

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  expression(): PythonObject {
    let left = this.#term();
    for (;;) {
      const operator = this.#take('+') ? '+' : this.#take('-') ? '-' : undefined;
      if (!operator) return left;
      left = arithmetic(operator, left, this.#term());
    }
  }

  expectEnd(): void {
    if (this.#text.slice(this.#at).trim() !== '') throw this.#error();
  }

  #term(): PythonObject {
    let left = this.#factor();
    for (;;) {
      const operator = this.#take('*') ? '*' : this.#take('/') ? '/' : undefined;
      if (!operator) return left;
      left = arithmetic(operator, left, this.#factor());
    }
  }

  #factor(): PythonObject {
    if (this.#take('+')) return this.#factor();
    if (this.#take('-')) {
      const value = this.#factor();
      if (typeof value === 'bigint') return -value;
      return typeof value === 'number' ? -value : arithmetic('*', value, -1n);
    }
    let value = this.#atom();
    while (this.#take('.')) {
      const method = this.#name();
      this.#expect('(');
      if (!isTensor(value)) throw this.#error();
      value = callMethod(value, method, ...this.#arguments());
    }
    return value;
  }

  #atom(): PythonObject {
    const string = this.#string();
    if (string !== undefined) {
      let joined = string;
      for (let next = this.#string(); next !== undefined; next = this.#string()) joined = join(joined, next);
      return joined;
    }
    if (this.#take('[')) return this.#items(']').items;
    if (this.#take('(')) {
      const { items, hasComma } = this.#items(')');
      return items.length === 1 && !hasComma ? items[0]! : items;
    }
    if (this.#take('{')) return this.#dictionary();
    return this.#number() ?? this.#named();
  }

  #named(): PythonObject {
    let name = this.#name();
    while (name === 'np' || name === 'numpy' || name === 'np.random') {
      this.#expect('.');
      name = `${name === 'numpy' ? 'np' : name}.${this.#name()}`;
    }
    if (constants.has(name)) return constants.get(name)!;
    if (name.startsWith('np.') && this.#take('(')) return callNumpy(name.slice(3), ...this.#arguments());
    // The name of a data type, as an argument.
    if (name.startsWith('np.') || name === 'float' || name === 'int' || name === 'bool') return name.replace('np.', '');
    throw this.#error();
  }

  #arguments(): [positional: PythonObject[], named: ReadonlyMap<string, PythonObject>] {
    const positional: PythonObject[] = [];
    const named = new Map<string, PythonObject>();
    while (!this.#take(')')) {
      const keyword = /\s*([A-Za-z_]\w*)\s*=(?!=)/y;
      keyword.lastIndex = this.#at;
      const match = keyword.exec(this.#text);
      if (match) {
        this.#at = keyword.lastIndex;
        named.set(match[1]!, this.expression());
      } else positional.push(this.expression());
      if (!this.#take(',')) {
        this.#expect(')');
        break;
      }
    }
    return [positional, named];
  }

  #items(close: string): { readonly items: readonly PythonObject[]; readonly hasComma: boolean } {
    const items: PythonObject[] = [];
    let hasComma = false;
    while (!this.#take(close)) {
      items.push(this.expression());
      if (!this.#take(',')) {
        this.#expect(close);
        break;
      }
      hasComma = true;
    }
    return { items, hasComma };
  }

  #dictionary(): ReadonlyMap<PythonObject, PythonObject> {
    const entries = new Map<PythonObject, PythonObject>();
    while (!this.#take('}')) {
      const key = this.expression();
      this.#expect(':');
      if (isList(key)) throw this.#error();
      entries.set(key, this.expression());
      if (!this.#take(',')) {
        this.#expect('}');
        break;
      }
    }
    return entries;
  }

  #number(): PythonObject | undefined {
    radix.lastIndex = this.#at;
    const whole = radix.exec(this.#text);
    if (whole) {
      this.#at = radix.lastIndex;
      return BigInt(whole[1]!.replaceAll('_', ''));
    }
    token.lastIndex = this.#at;
    const digits = token.exec(this.#text)?.[1]?.replaceAll('_', '');
    if (digits === undefined) return undefined;
    this.#at = token.lastIndex;
    if (/[jJ]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      return complexNumber(0, Number(digits));
    }
    return /^\d+$/.test(digits) ? BigInt(digits) : Number(digits);
  }

  #string(): string | Uint8Array | undefined {
    stringStart.lastIndex = this.#at;
    const start = stringStart.exec(this.#text);
    if (!start) return undefined;
    const [, prefix = '', quote = ''] = start;
    const isRaw = /r/i.test(prefix);
    let end = stringStart.lastIndex;
    while (end < this.#text.length && !this.#text.startsWith(quote, end)) end += this.#text[end] === '\\' ? 2 : 1;
    if (end >= this.#text.length) throw this.#error();
    const body = this.#text.slice(stringStart.lastIndex, end);
    this.#at = end + quote.length;
    const isBytes = /b/i.test(prefix);
    const content = isRaw ? body : unescaped(body, isBytes);
    return isBytes ? new Uint8Array(Buffer.from(content, 'latin1')) : content;
  }

  #name(): string {
    token.lastIndex = this.#at;
    const name = token.exec(this.#text)?.[2];
    if (name === undefined) throw this.#error();
    this.#at = token.lastIndex;
    return name;
  }

  #take(character: string): boolean {
    token.lastIndex = this.#at;
    if (token.exec(this.#text)?.[3] !== character) return false;
    this.#at = token.lastIndex;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw this.#error();
  }

  #error(): PythonError {
    return new PythonError('SyntaxError', `invalid syntax at character ${this.#at + 1} of "${this.#text}"`);
  }
}

function join(left: string | Uint8Array, right: string | Uint8Array): string | Uint8Array {
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  if (typeof left !== 'string' && typeof right !== 'string') return new Uint8Array(Buffer.concat([left, right]));
  throw new PythonError('SyntaxError', 'cannot mix bytes and nonbytes literals');
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};

function unescaped(body: string, isBytes: boolean): string {
  return body.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|(.))/gsu,
    (whole, hex, unicode, wide, octal, other: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      const code = unicode ?? wide;
      if (code !== undefined) return isBytes ? whole : String.fromCodePoint(Number.parseInt(code, 16));
      return escapes[other!] ?? (`\\'"`.includes(other!) ? other! : whole);
    },
  );
}
