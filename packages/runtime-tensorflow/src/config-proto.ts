/** TensorFlow's ConfigProto, as far as a session's options go. */
import type { SessionOptions } from '@serving/savedmodel';

const INTRA_OP_PARALLELISM_THREADS = 2;
const INTER_OP_PARALLELISM_THREADS = 5;

/** The serialized ConfigProto of a session's options; empty when all are left to the library. */
export function encodeConfigProto(options: SessionOptions): Uint8Array {
  const bytes: number[] = [];
  appendVarint(bytes, INTRA_OP_PARALLELISM_THREADS, options.intraOpParallelismThreads);
  appendVarint(bytes, INTER_OP_PARALLELISM_THREADS, options.interOpParallelismThreads);
  return Uint8Array.from(bytes);
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
