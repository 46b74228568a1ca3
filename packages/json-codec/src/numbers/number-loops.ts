/** The WebAssembly module with the loops over numbers (sources in `assembly/`), made when it is first needed. */
import { dataTypeInfo, type NumericArray, type TensorDataType } from '@serving/core/tensor';
import { decimalValue } from './decimal-value.js';
import { floatText } from './float-text.js';
import { NUMBER_LOOPS, TEXT, TEXT_SIZE, VALUES } from './number-loops.generated.js';

/** What a scan returns besides giving up. */
export const SCAN_DONE = 0;
export const SCAN_MORE_TEXT = 1;

/** A data type that the loops support. */
export interface NumberLoop {
  /** Its number in the module. */
  readonly type: number;
  /** The area of values, which both directions share. */
  readonly values: NumericArray;
}

/** The module, with views of its memory. */
export interface NumberLoops {
  /** Of data types with a JSON form. */
  readonly byType: Readonly<Partial<Record<string, NumberLoop>>>;
  /** Scans nested lists of numbers: see `assembly/list-scanner.ts`. Positions are addresses in the module's memory. */
  readonly scan: (type: number, from: number, end: number, isLast: boolean, isStart: boolean) => number;
  /** Writes a run of numbers: see `assembly/run-writer.ts`. */
  readonly write: (type: number, from: number, end: number, isFirst: boolean, longestSeparator: number) => number;
  /** Writes one float32 value to the area of text; the length of its text. */
  readonly writeFloat: (value: number) => number;
  /** The first byte in memory from `from` to `end` that isn't plain in a JSON string, or `end`. */
  readonly plainEnd: (from: number, end: number) => number;
  /** The area of text, which both directions share. */
  readonly text: Uint8Array;
  /** All memory. */
  readonly bytes: Uint8Array;
  /** All memory as words of 4 bytes; divide an address by 4. */
  readonly words: Int32Array;
  /**
   * Incremented by each writer of the area of text. While it stays the same, the text there still belongs to that writer. (A
   * number: an object would keep a whole body in memory.)
   */
  textClaim: number;
  /** The same for the area of separators. */
  separatorsClaim: number;
}

/**
 * The module of this thread, of fixed size, made at the first call. `undefined` where WebAssembly is missing (as under
 * `node --jitless`), or the machine's numbers aren't little-endian as WebAssembly's are. Users of the areas finish
 * before anything else can run, or check the claims again.
 */
export function numberLoops(): NumberLoops | undefined {
  if (loops === undefined) loops = instantiate() ?? null;
  return loops ?? undefined;
}

let loops: NumberLoops | null | undefined;

/** In the module's order. */
const TYPES = ['float', 'double', 'int8', 'uint8', 'int16', 'int32', 'uint32', 'int64', 'uint64', 'bool'] as const;

/** What we use of the global that Node's types leave to those of browsers. */
declare const WebAssembly:
  | undefined
  | {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (
        module: object,
        imports: object,
      ) => { readonly exports: Readonly<Record<string, unknown>> };
    };

function instantiate(): NumberLoops | undefined {
  if (typeof WebAssembly === 'undefined' || new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) return undefined;
  let bytes: Uint8Array;
  const host = {
    parseExactly: (start: number, end: number): number => decimalValue(bytes, start, end),
    writeExactly: (value: number, single: number, out: number): number => {
      const text = floatText(value, single ? 9 : 17);
      for (let i = 0; i < text.length; i++) bytes[out + i] = text.charCodeAt(i);
      return out + text.length;
    },
  };
  const module = new WebAssembly.Module(Buffer.from(NUMBER_LOOPS, 'base64'));
  const { exports } = new WebAssembly.Instance(module, { host });
  const { buffer } = exports.memory as { readonly buffer: ArrayBuffer };
  bytes = new Uint8Array(buffer);
  const loopOf = (dtype: TensorDataType, type: number): NumberLoop => {
    const make = dataTypeInfo(dtype).array!;
    return { type, values: new make(buffer, VALUES, TEXT_SIZE / 2 + 1) };
  };
  return {
    byType: Object.fromEntries(TYPES.map((dtype, type) => [dtype, loopOf(dtype, type)])),
    scan: exports.scan as NumberLoops['scan'],
    write: exports.write as NumberLoops['write'],
    plainEnd: exports.plain_end as NumberLoops['plainEnd'],
    writeFloat: exports.write_one_float as NumberLoops['writeFloat'],
    text: new Uint8Array(buffer, TEXT, TEXT_SIZE),
    bytes,
    words: new Int32Array(buffer),
    textClaim: 0,
    separatorsClaim: 0,
  };
}
