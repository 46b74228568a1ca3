/** Arrays on blocks of the shared region. */
import { view } from 'koffi';
import type { Address } from '../../native/libc.js';

/** More are made than kept only by a model whose inputs have ever new sizes. */
const MAX_VIEWS = 64;

/** Blocks are used again and again, and to make an array on one costs as much as all else that a run's message does. */
export class RegionViews {
  readonly #views = new Map<Address, ArrayBuffer>();

  /** The memory from an address on: so many bytes, or more. */
  at(address: Address, bytes: number): ArrayBuffer {
    const known = this.#views.get(address);
    if (known !== undefined && known.byteLength >= bytes) return known;
    if (this.#views.size >= MAX_VIEWS) this.#views.clear();
    const made = view(address, bytes);
    this.#views.set(address, made);
    return made;
  }
}
