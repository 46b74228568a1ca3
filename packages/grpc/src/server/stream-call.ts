/** What interceptors have to know of grpc-js's own call. This file relies on internals of grpc-js; its test guards them. */
import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';

/** grpc-js's call on an HTTP/2 stream. Its member may be missing in a version with other internals. */
export interface StreamCall {
  /** A message with its header → its content. Throws or rejects with a status. */
  decompressMessage?: (message: Buffer, encoding: string) => Buffer | Promise<Buffer>;
}

/** Returns the call behind those that other interceptors may have put in front. */
export function toStreamCall(call: ServerInterceptingCallInterface): StreamCall {
  let found: object = call;
  while ('nextCall' in found) found = found.nextCall as object;
  return found;
}
