/**
 * Canonical status codes, their gRPC numbers and the HTTP status that TensorFlow Serving answers for each
 * (`model_servers/http_server.cc`). The one table that every wire API reads.
 */

/** A canonical code: the name that gRPC and TensorFlow Serving print. */
export type StatusCode =
  | 'OK'
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

/** The codes an error can have: all but `OK`. */
export type ErrorCode = Exclude<StatusCode, 'OK'>;

const table: Readonly<Record<StatusCode, { readonly grpc: number; readonly http: number }>> = {
  OK: { grpc: 0, http: 200 },
  CANCELLED: { grpc: 1, http: 499 },
  UNKNOWN: { grpc: 2, http: 500 },
  INVALID_ARGUMENT: { grpc: 3, http: 400 },
  DEADLINE_EXCEEDED: { grpc: 4, http: 504 },
  NOT_FOUND: { grpc: 5, http: 404 },
  ALREADY_EXISTS: { grpc: 6, http: 409 },
  PERMISSION_DENIED: { grpc: 7, http: 403 },
  RESOURCE_EXHAUSTED: { grpc: 8, http: 429 },
  FAILED_PRECONDITION: { grpc: 9, http: 400 },
  ABORTED: { grpc: 10, http: 409 },
  OUT_OF_RANGE: { grpc: 11, http: 400 },
  UNIMPLEMENTED: { grpc: 12, http: 501 },
  INTERNAL: { grpc: 13, http: 500 },
  UNAVAILABLE: { grpc: 14, http: 503 },
  DATA_LOSS: { grpc: 15, http: 500 },
  UNAUTHENTICATED: { grpc: 16, http: 401 },
};

const names = Object.keys(table) as StatusCode[];

/** The gRPC (and TensorFlow) number of a code. */
export function grpcNumber(code: StatusCode): number {
  return table[code].grpc;
}

/** The HTTP status that TensorFlow Serving's REST API answers with for a code. */
export function httpStatus(code: StatusCode): number {
  return table[code].http;
}

/** The code of a gRPC or TensorFlow number; `UNKNOWN` for a number that has none. */
export function statusCodeFromNumber(number: number): StatusCode {
  return names[number] ?? 'UNKNOWN';
}
