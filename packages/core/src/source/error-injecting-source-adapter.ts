/** Replaces what a source wishes for by an error (TensorFlow Serving's `core/error_injecting...`). */
import type { ServingError } from '../serving-error.js';
import { UnarySourceAdapter } from './source-adapter.js';

/** Every item becomes `error`, except those that carry one already. */
export class ErrorInjectingSourceAdapter<In, Out> extends UnarySourceAdapter<In, Out> {
  constructor(error: ServingError) {
    super(() => {
      throw error;
    });
  }
}
