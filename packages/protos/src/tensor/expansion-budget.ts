/** How much memory a message may ask for without holding the values: TensorFlow's rule that the last value fills a tensor's shape. */
import { ServingError } from '@serving/core/portable';

/** How a request's tensors may be filled. */
export interface FillOptions {
  /**
   * Bytes of values that all tensors of a request together may leave to TensorFlow's rule for missing values: the last one is repeated,
   * and without any they are zeros or empty strings. A string counts with the 24 bytes that TensorFlow needs for each. Default 64 MiB.
   */
  readonly maxFilledBytes?: number;
}

/** Bytes that TensorFlow needs for a string, beside those of a long one. */
export const STRING_FILL_BYTES = 24;

/** What is left of {@link FillOptions.maxFilledBytes} for the tensors of one message. */
export class FillAllowance {
  readonly #maxFilledBytes: number;
  #left: number;

  constructor({ maxFilledBytes = 64 * 1024 ** 2 }: FillOptions = {}) {
    this.#maxFilledBytes = maxFilledBytes;
    this.#left = maxFilledBytes;
  }

  /**
   * Call it before memory is allocated.
   *
   * @throws ServingError `INVALID_ARGUMENT` when so many bytes aren't left.
   */
  take(bytes: number, shape: readonly number[]): void {
    if (bytes > this.#left) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `shape [${shape}] has ${bytes} bytes of values that the message does not hold; ` +
          `filling in more than ${this.#maxFilledBytes} bytes of a message is refused`,
      );
    }
    this.#left -= bytes;
  }
}
