/** Responses of one small tensor of numbers, as most are: the text around the values is kept from one to the next. */
import type { NumericArray, Tensor } from '@serving/core/tensor';
import { RUN_COUNTS, RUN_SIZES, SEPARATOR_TEXTS, SEPARATORS, VALUE_COUNT } from '../numbers/number-loops.generated.js';
import { type NumberLoops, numberLoops } from '../numbers/number-loops.js';
import type { ByteWriter, JsonEncodeOptions } from './byte-writer.js';

/** What stands around the values in lists of one rank, whatever their lengths. */
interface ListTexts {
  readonly before: Uint8Array;
  /** Between two values after the first of which so many lists end. */
  readonly between: readonly Uint8Array[];
  readonly after: Uint8Array;
  readonly longest: number;
  /** Its claim on the loops' area of separators. */
  claim: number;
}

/** Writes what another encoder would, in as little time as the values take. */
export class FewNumbersEncoder {
  readonly #encodeAny: (output: Tensor) => Uint8Array;
  readonly #textsByRank: ListTexts[] = [];

  /** @param encodeAny writes any output */
  constructor(encodeAny: (output: Tensor) => Uint8Array) {
    this.#encodeAny = encodeAny;
  }

  /** Returns `undefined` for an output that has to be written by the other encoder. */
  encode(
    { dtype, shape, data }: Tensor,
    { maxBytes = Number.POSITIVE_INFINITY, buffers }: JsonEncodeOptions,
  ): Uint8Array | undefined {
    const rank = shape.length;
    const count = data.length;
    if (rank === 0 || rank > MAX_RANK || count === 0 || count > FEW) return undefined;
    const loops = numberLoops();
    const loop = loops?.byType[dtype];
    if (loops === undefined || loop === undefined) return undefined;
    const texts = this.#textsByRank[rank] ?? this.#readTexts(rank);
    if (!beginRun(loops, shape, count, texts)) return undefined;
    copyValues(data as NumericArray, loop.values);
    const length = loops.write(loop.type, 0, count, true, texts.longest);
    const { before, after } = texts;
    const total = before.length + length + after.length;
    if (loops.words[VALUE_COUNT >> 2] !== count || total > maxBytes) return undefined;
    const bytes = buffers === undefined ? Buffer.allocUnsafe(total) : buffers.cut(total);
    copyBytes(before, before.length, bytes, 0);
    copyBytes(loops.text, length, bytes, before.length);
    copyBytes(after, after.length, bytes, before.length + length);
    return bytes;
  }

  /** Of a tensor with two values, or two lists, in each list. */
  #readTexts(rank: number): ListTexts {
    const shape = new Array<number>(rank).fill(2);
    const text = this.#encodeAny({ dtype: 'uint8', shape, data: new Uint8Array(2 ** rank) });
    const parts = Buffer.from(text)
      .toString()
      .split('0')
      .map((part) => Buffer.from(part));
    const between = shape.map((_, ends) => parts[2 ** ends]!);
    const longest = Math.max(...between.map(({ length }) => length));
    const texts: ListTexts = { before: parts[0]!, between, after: parts.at(-1)!, longest, claim: NO_CLAIM };
    this.#textsByRank[rank] = texts;
    return texts;
  }
}

/**
 * Writes few numbers as one list without white space. Returns false, and writes nothing, for an empty list, more than a few numbers, and
 * data types that JSON has no numbers for.
 */
export function writeFewNumbers(writer: ByteWriter, { dtype, data }: Tensor): boolean {
  const count = data.length;
  const loops = numberLoops();
  const loop = loops?.byType[dtype];
  if (count === 0 || count > FEW || loops === undefined || loop === undefined) return false;
  flatShape[0] = count;
  beginRun(loops, flatShape, count, flatTexts);
  copyValues(data as NumericArray, loop.values);
  const length = loops.write(loop.type, 0, count, true, flatTexts.longest);
  if (loops.words[VALUE_COUNT >> 2] !== count) return false;
  writer.byte(OPEN_BRACKET);
  writer.raw(loops.text, length);
  writer.byte(CLOSE_BRACKET);
  return true;
}

const NO_CLAIM = -1;
const NO_TEXT = new Uint8Array(0);
const flatTexts: ListTexts = {
  before: NO_TEXT,
  between: [Buffer.from(',')],
  after: NO_TEXT,
  longest: 1,
  claim: NO_CLAIM,
};
const flatShape = [0];
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** Lists within lists whose texts are kept. */
const MAX_RANK = 4;
/** Of more values the rest takes no time. */
const FEW = 256;
/** Up to so many bytes a loop copies faster than a call of `set`. */
const SHORT = 128;

/** Puts sizes and separators into the loops' memory. Returns whether the shape has so many elements. */
function beginRun(loops: NumberLoops, shape: readonly number[], count: number, texts: ListTexts): boolean {
  const { words } = loops;
  const rank = shape.length;
  loops.textClaim++;
  if (loops.separatorsClaim !== texts.claim) {
    texts.claim = ++loops.separatorsClaim;
    let at = SEPARATOR_TEXTS;
    for (let ends = 0; ends < rank; ends++) {
      const text = texts.between[ends]!;
      words[(SEPARATORS >> 2) + 2 * ends] = at;
      words[(SEPARATORS >> 2) + 2 * ends + 1] = text.length;
      loops.bytes.set(text, at);
      at += text.length;
    }
  }
  let product = 1;
  for (let i = 0; i < rank; i++) {
    const size = shape[rank - 1 - i]!;
    words[(RUN_SIZES >> 2) + i] = size;
    words[(RUN_COUNTS >> 2) + i] = 0;
    product *= size;
  }
  return product === count;
}

/** A loop with one type of arrays is several times as fast. */
function copyValues(source: NumericArray, target: NumericArray): void {
  if (source instanceof Float32Array && target instanceof Float32Array) {
    for (let i = 0; i < source.length; i++) target[i] = source[i]!;
  } else (target as Float64Array).set(source as Float64Array);
}

function copyBytes(source: Uint8Array, length: number, target: Uint8Array, at: number): void {
  if (length <= SHORT) for (let i = 0; i < length; i++) target[at + i] = source[i]!;
  else target.set(source.subarray(0, length), at);
}
