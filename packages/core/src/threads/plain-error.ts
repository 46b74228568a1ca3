/** Errors on their way between threads. */
import { ServingError } from '../serving-error.js';
import type { ErrorCode } from '../status-code.js';

/** A `ServingError` as plain data; its cause is left behind. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly clientMessage: string;
  readonly hint?: string;
  readonly clientHint?: string;
}

export function toPlainError(reason: unknown): PlainError {
  const { code, message, clientMessage, hint, clientHint } = ServingError.from(reason, 'INTERNAL');
  return {
    code,
    message,
    clientMessage,
    ...(hint !== undefined && { hint }),
    ...(clientHint !== undefined && { clientHint }),
  };
}

export function fromPlainError({ code, message, ...options }: PlainError): ServingError {
  return new ServingError(code, message, options);
}
