/** Keeps a label from having more values than a metrics system can bear. */

/** For labels that are paths: what a file system takes. */
export const MAX_PATH_LENGTH = 4096;

/** Clients choose the names in requests: those beyond the limit, and very long ones, are counted together, as `''`. */
export class LabelLimit {
  readonly #known = new Set<string>();
  readonly #maxLength: number;

  /** @param maxLength of a value, in UTF-16 code units. */
  constructor(maxLength = 256) {
    this.#maxLength = maxLength;
  }

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= MAX_VALUES || value.length > this.#maxLength) return '';
    this.#known.add(value);
    return value;
  }
}

const MAX_VALUES = 1000;
