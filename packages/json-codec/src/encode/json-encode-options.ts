/** Options of all encoders of responses. */
import { ServingError } from '@serving/core';
import type { SliceOptions } from '../slicing/slice-budget.js';

/** How a response is laid out. */
export interface JsonEncodeOptions extends SliceOptions {
  /** Leave out all white space. Default false: the text is laid out as TensorFlow Serving does. */
  readonly compact?: boolean;
  /** Bytes that a response may have. Default: any number. */
  readonly maxBytes?: number;
}

/** @throws ServingError `OUT_OF_RANGE` for a response that is longer than what is allowed. */
export function checkLength(length: number, { maxBytes = Number.POSITIVE_INFINITY }: JsonEncodeOptions): void {
  if (length <= maxBytes) return;
  throw new ServingError(
    'OUT_OF_RANGE',
    `The response is larger than ${maxBytes} bytes: ask for fewer rows or outputs, or let the server raise its limit ` +
      '(maxResponseBytes, --rest_api_max_response_bytes)',
  );
}
