/** A position in a pattern. */

/** Reads a pattern character by character. */
export class PatternReader {
  readonly pattern: string;
  at = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  get isAtEnd(): boolean {
    return this.at >= this.pattern.length;
  }

  /** What is left of the pattern. */
  get rest(): string {
    return this.pattern.slice(this.at);
  }

  /** The next character's first unit; empty at the end. */
  peek(): string {
    return this.pattern[this.at] ?? '';
  }

  /** Moves past `text` when it is next. */
  take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  skip(units: number): void {
    this.at += units;
  }

  /** Moves past the next character and returns its number. */
  next(): number {
    const code = this.pattern.codePointAt(this.at)!;
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }
}
