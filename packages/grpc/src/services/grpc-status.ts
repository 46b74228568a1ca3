/** `ServingError` → the status of a call (TensorFlow Serving's `grpc_status_util.cc`). */
import { ServingError } from '@serving/core';

/** What gRPC tells a client of a failed call. */
export interface GrpcStatus {
  readonly code: number;
  readonly details: string;
}

const MAX_MESSAGE_LENGTH = 1024;

/** The canonical code's number, and the message, cut off where it is very long. */
export function toGrpcStatus(reason: unknown): GrpcStatus {
  const { grpcNumber, clientMessage } = ServingError.from(reason);
  return { code: grpcNumber, details: wellFormed(truncated(clientMessage)) };
}

function truncated(message: string): string {
  return message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}...TRUNCATED` : message;
}

/** Half of a surrogate pair can't be put into a header, and would end the process. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/**
 * A request that doesn't parse is `INTERNAL`, as in gRPC's other servers; one with too many parts stays `RESOURCE_EXHAUSTED`.
 *
 * @throws ServingError
 */
export function parseRequest<Message>(type: string, decode: () => Message): Message {
  try {
    return decode();
  } catch (cause) {
    const { code, message } = ServingError.from(cause);
    if (code === 'RESOURCE_EXHAUSTED') throw new ServingError(code, `${type}: ${message}`, { cause });
    throw new ServingError('INTERNAL', `Can't parse ${type} (${message})`, { cause });
  }
}
