/** Bytes of a body that wait for their reader. */

/** Smaller pieces are put together: each would take more memory than its bytes. */
const LEAST_PIECE_BYTES = 2 * 1024;
const GATHERED_BYTES = 16 * 1024;

/** A piece that may be kept: itself, or a copy where it would keep much more memory than it has bytes. */
export function keptPiece(piece: Buffer): Buffer {
  if (2 * piece.length >= piece.buffer.byteLength) return piece;
  const copy = Buffer.allocUnsafeSlow(piece.length);
  copy.set(piece);
  return copy;
}

/** First in, first out. */
export class UnreadPieces {
  #pieces: Buffer[] = [];
  /** Small pieces, behind all others. */
  #gathered: Buffer = Buffer.alloc(0);
  #gatheredBytes = 0;

  push(piece: Buffer): void {
    if (piece.length >= LEAST_PIECE_BYTES) {
      this.#closeGathered();
      this.#pieces.push(keptPiece(piece));
      return;
    }
    if (this.#gathered.length - this.#gatheredBytes < piece.length) {
      this.#closeGathered();
      this.#gathered = Buffer.allocUnsafeSlow(GATHERED_BYTES);
    }
    this.#gathered.set(piece, this.#gatheredBytes);
    this.#gatheredBytes += piece.length;
  }

  shift(): Buffer | undefined {
    if (this.#pieces.length === 0) this.#closeGathered();
    return this.#pieces.shift();
  }

  #closeGathered(): void {
    if (this.#gatheredBytes > 0) this.#pieces.push(this.#gathered.subarray(0, this.#gatheredBytes));
    this.#gathered = this.#gathered.subarray(this.#gatheredBytes);
    this.#gatheredBytes = 0;
  }
}
