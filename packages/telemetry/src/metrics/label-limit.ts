/** Keeps a label from having more values than a metrics system can bear. */

/** Clients choose what names they ask for: those beyond the limit are counted together, as `''`. */
export class LabelLimit {
  readonly #known = new Set<string>();

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= MAX_VALUES) return '';
    this.#known.add(value);
    return value;
  }
}

const MAX_VALUES = 1000;
