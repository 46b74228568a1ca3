/** Keeps the end of what a process writes. */

const MAX_LINES = 20;
const MAX_LINE_LENGTH = 500;

/** The last lines of a stream of text, each cut to a length that a log takes. */
export class LastLines {
  readonly #lines: string[] = [];
  #rest = '';

  /** The last of them last; an unfinished one counts. */
  get lines(): readonly string[] {
    return this.#rest === '' ? [...this.#lines] : [...this.#lines, this.#rest].slice(-MAX_LINES);
  }

  add(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop()!.slice(0, MAX_LINE_LENGTH);
    for (const line of lines) if (line !== '') this.#lines.push(line.slice(0, MAX_LINE_LENGTH));
    if (this.#lines.length > MAX_LINES) this.#lines.splice(0, this.#lines.length - MAX_LINES);
  }
}
