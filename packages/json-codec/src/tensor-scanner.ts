/** One tensor of the body, straight from the bytes: brackets, shape and values in one pass. */
import { GIVE_UP } from './give-up.js';
import type { GrowingStrings } from './growing-strings.js';
import { NumberListScanner } from './number-list-scanner.js';
import { numberLoops } from './number-loops.js';
import { StringListScanner } from './string-list-scanner.js';
import type { TensorBuilder } from './tensor-builder.js';

/** Reads regular tensors of a body, one after the other. */
export class TensorScanner {
  readonly #body: Uint8Array;
  #numbers: NumberListScanner | undefined;
  #strings: StringListScanner | undefined;
  /** Shape of the tensor that was read last. */
  shape: readonly number[] = [];

  constructor(body: Uint8Array) {
    this.#body = body;
  }

  /** Appends the values of the tensor at `from` to the builder; the position after it, or −1 to give up. */
  scan(from: number, builder: TensorBuilder): number {
    return builder.strings === undefined ? this.#scanNumbers(from, builder) : this.#scanStrings(from, builder.strings);
  }

  #scanNumbers(from: number, builder: TensorBuilder): number {
    if (this.#numbers === undefined) {
      const loops = numberLoops();
      if (loops === undefined) return GIVE_UP;
      this.#numbers = new NumberListScanner(loops, this.#body);
    }
    const end = this.#numbers.scan(from, builder);
    this.shape = this.#numbers.shape;
    return end;
  }

  #scanStrings(from: number, strings: GrowingStrings): number {
    this.#strings ??= new StringListScanner(this.#body);
    const end = this.#strings.scan(from, strings);
    this.shape = this.#strings.shape;
    return end;
  }
}
