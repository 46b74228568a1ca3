/** Headers that a peer has had HPACK remember (RFC 7541, section 2.3.2). */

/** Bytes that an entry counts beside its name and value. */
export const ENTRY_OVERHEAD_BYTES = 32;

/** The newest entry is at 0; the oldest go first when there are more bytes than allowed. */
export class DynamicTable {
  /** Changes with every change of the entries. */
  generation = 0;
  readonly #names: string[];
  readonly #values: string[];
  readonly #mask: number;
  #newest = 0;
  #length = 0;
  #bytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    let room = 1;
    while (room * ENTRY_OVERHEAD_BYTES <= maxBytes) room *= 2;
    this.#names = new Array<string>(room).fill('');
    this.#values = new Array<string>(room).fill('');
    this.#mask = room - 1;
  }

  get length(): number {
    return this.#length;
  }

  name(index: number): string {
    return this.#names[(this.#newest + index) & this.#mask]!;
  }

  value(index: number): string {
    return this.#values[(this.#newest + index) & this.#mask]!;
  }

  /** An entry that is larger than the table leaves it empty. */
  insert(name: string, value: string): void {
    this.generation += 1;
    const bytes = sizeOf(name, value);
    this.#evictTo(this.#maxBytes - bytes);
    if (bytes > this.#maxBytes) return;
    this.#newest = (this.#newest - 1) & this.#mask;
    this.#names[this.#newest] = name;
    this.#values[this.#newest] = value;
    this.#length += 1;
    this.#bytes += bytes;
  }

  /** @param maxBytes at most what the table was made with */
  resize(maxBytes: number): void {
    this.generation += 1;
    this.#maxBytes = maxBytes;
    this.#evictTo(maxBytes);
  }

  #evictTo(bytes: number): void {
    while (this.#bytes > bytes && this.#length > 0) {
      this.#length -= 1;
      const oldest = (this.#newest + this.#length) & this.#mask;
      this.#bytes -= sizeOf(this.#names[oldest]!, this.#values[oldest]!);
      this.#names[oldest] = '';
      this.#values[oldest] = '';
    }
  }
}

/** Strings have a character for each byte. */
function sizeOf(name: string, value: string): number {
  return name.length + value.length + ENTRY_OVERHEAD_BYTES;
}
