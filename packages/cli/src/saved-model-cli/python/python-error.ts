/** What Python raises for an expression. */

/** Its class there, and the text. */
export class PythonError extends Error {
  override readonly name: 'SyntaxError' | 'ValueError' | 'OverflowError';

  constructor(name: 'SyntaxError' | 'ValueError' | 'OverflowError', message: string) {
    super(message);
    this.name = name;
  }
}
