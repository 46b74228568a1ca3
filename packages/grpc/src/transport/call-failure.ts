/** What a call ends with when it does not succeed. */
import { type Metadata, status } from '@grpc/grpc-js';

/** A status of gRPC, with metadata behind it. */
export interface CallFailure {
  readonly code: number;
  readonly details: string;
  readonly trailers?: Metadata;
}

/** The failure that a handler reports, by the rules of grpc-js: errors without a code are `UNKNOWN`. */
export function failureOf(reason: unknown, metadata?: Metadata | null): CallFailure {
  const { code, details, message, metadata: own } = reason as Partial<HandlerError>;
  const trailers = metadata ?? own;
  const hasCode = Number.isInteger(code);
  return {
    code: hasCode ? code! : status.UNKNOWN,
    details: hasCode && typeof details === 'string' ? details : (message ?? 'Unknown Error'),
    ...(trailers && { trailers }),
  };
}

interface HandlerError {
  readonly code: number;
  readonly details: string;
  readonly message: string;
  readonly metadata: Metadata | null;
}
