/** What is wrong with a `.npy` or `.npz` file. */
import { ServingError } from '../serving-error.js';

/** `INVALID_ARGUMENT` that names the file. */
export function npyError(path: string, problem: string): ServingError {
  return new ServingError('INVALID_ARGUMENT', `${path}: ${problem}`);
}
