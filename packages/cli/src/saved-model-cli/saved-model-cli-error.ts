/** An error of a `saved_model_cli` command, printed as Python's tool prints the last line of its own. */

/** Python's class for what went wrong. */
type PythonErrorName =
  | 'AttributeError'
  | 'FileNotFoundError'
  | 'IndexError'
  | 'OSError'
  | 'RuntimeError'
  | 'TypeError'
  | 'ValueError'
  | 'tensorflow.python.framework.errors_impl.NotFoundError';

/** Ends a command; it prints `NAME: MESSAGE` and exits with 1. */
export class SavedModelCliError extends Error {
  override readonly name: PythonErrorName;

  constructor(name: PythonErrorName, message: string) {
    super(message);
    this.name = name;
  }
}
