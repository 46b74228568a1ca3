/** Huffman coding of HPACK's strings (RFC 7541, appendix B): decoded four bits at a time. */

/** Bits of each byte's code and of the end's, in which codes of one length follow each other in the order of the bytes. */
const CODE_LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26, 30,
] as const;

const END_SYMBOL = 256;

/** Of a step: the next state in its low byte, then a decoded byte, and these. */
const HAS_SYMBOL = 1 << 16;
const IS_INVALID = 1 << 17;

/** States are the inner nodes of the codes' tree; the root is 0. */
const steps: Int32Array = new Int32Array(256 * 16);
/** Whether a string may end in a state: after at most seven bits, all of them 1. */
const mayEnd: Uint8Array = new Uint8Array(256);

buildSteps();

function buildSteps(): void {
  // Children of node n are at 2n and 2n + 1: a node, or a symbol as its complement.
  const children: number[] = [0, 0];
  let code = 0;
  let codeBits = 0;
  const symbols = CODE_LENGTHS.map((bits, symbol) => ({ bits, symbol }));
  for (const { bits, symbol } of symbols.sort((a, b) => a.bits - b.bits || a.symbol - b.symbol)) {
    code *= 2 ** (bits - codeBits);
    codeBits = bits;
    addCode(children, code, bits, symbol);
    code += 1;
  }
  for (let node = 0; node < 256; node++) {
    for (let nibble = 0; nibble < 16; nibble++) steps[node * 16 + nibble] = stepFrom(children, node, nibble);
  }
  for (let node = 0, bits = 0; bits < 8; bits++) {
    mayEnd[node] = 1;
    node = children[2 * node + 1]!;
  }
}

function addCode(children: number[], code: number, bits: number, symbol: number): void {
  let node = 0;
  for (let bit = bits - 1; bit > 0; bit--) {
    const branch = 2 * node + ((code >>> bit) & 1);
    if (children[branch] === 0) {
      children[branch] = children.length / 2;
      children.push(0, 0);
    }
    node = children[branch]!;
  }
  children[2 * node + (code & 1)] = ~symbol;
}

function stepFrom(children: readonly number[], from: number, nibble: number): number {
  let node = from;
  let symbol = 0;
  for (let bit = 3; bit >= 0; bit--) {
    node = children[2 * node + ((nibble >>> bit) & 1)]!;
    if (node >= 0) continue;
    if (~node === END_SYMBOL) return IS_INVALID;
    symbol = HAS_SYMBOL | (~node << 8);
    node = 0;
  }
  return symbol | node;
}

/** What is decoded, before it becomes a string. */
let decoded: Buffer = Buffer.alloc(1024);

/** The string of these bytes, a character for each byte; `undefined` for bytes that are not a coded string. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string | undefined {
  // The shortest codes have five bits.
  const room = ((end - start) * 8) / 5;
  if (decoded.length < room) decoded = Buffer.alloc(2 * room);
  let length = 0;
  let state = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    let step = steps[state * 16 + (byte >>> 4)]!;
    if (step & HAS_SYMBOL) decoded[length++] = step >>> 8;
    if (step & IS_INVALID) return undefined;
    step = steps[(step & 255) * 16 + (byte & 15)]!;
    if (step & HAS_SYMBOL) decoded[length++] = step >>> 8;
    if (step & IS_INVALID) return undefined;
    state = step & 255;
  }
  return mayEnd[state] === 1 ? decoded.toString('latin1', 0, length) : undefined;
}
