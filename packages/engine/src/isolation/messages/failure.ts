/** Errors that cross from one process, or thread, to another. */
import { ServingError } from '@serving/core';
import { statusCodeFromNumber } from '@serving/core/internal';
import type { FailureReply } from './control-messages.js';

/** An error as plain data. Its cause stays behind. */
export function encodeFailure(reason: unknown): FailureReply {
  const { grpcNumber, message, clientMessage, hint, endedProcess } = ServingError.from(reason, 'INTERNAL');
  return {
    code: grpcNumber,
    message,
    ...(clientMessage !== message && { clientMessage }),
    ...(hint !== undefined && { hint }),
    ...(endedProcess && { endedProcess }),
  };
}

/** The error that plain data describes. */
export function decodeFailure({ code, message, ...options }: FailureReply): ServingError {
  const name = statusCodeFromNumber(code);
  return new ServingError(name === 'OK' ? 'INTERNAL' : name, message, options);
}
