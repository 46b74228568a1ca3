/** TensorFlow's ConfigProto, as far as a session's options go. */
import type { SessionOptions } from '@serving/engine';

const INTRA_OP_PARALLELISM_THREADS = 2;
const INTER_OP_PARALLELISM_THREADS = 5;

/**
 * The serialized ConfigProto of a session's options; empty when all are left to the library. The numbers follow the
 * given bytes, so that they replace those in them: of a field that comes twice the last value counts.
 */
export function encodeConfigProto(options: SessionOptions): Uint8Array {
  const numbers: number[] = [];
  appendVarint(numbers, INTRA_OP_PARALLELISM_THREADS, options.intraOpThreads);
  appendVarint(numbers, INTER_OP_PARALLELISM_THREADS, options.interOpThreads);
  const { configProto = new Uint8Array(0) } = options;
  const bytes = new Uint8Array(configProto.length + numbers.length);
  bytes.set(configProto);
  bytes.set(numbers, configProto.length);
  return bytes;
}

function appendVarint(bytes: number[], field: number, value = 0): void {
  if (value === 0) return;
  bytes.push(field << 3);
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
}
