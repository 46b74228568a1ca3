/** A method that takes and gives bytes → a handler of grpc-js. */
import type { handleUnaryCall } from '@grpc/grpc-js';
import type { Clock } from '@serving/core';
import { CallContext } from './call-context.js';
import { toGrpcStatus } from './grpc-status.js';

/** What goes wrong is a `ServingError`, thrown or rejected. */
export type UnaryMethod = (request: Uint8Array, call: CallContext) => Uint8Array | Promise<Uint8Array>;

export function unaryHandler(method: UnaryMethod, clock: Clock): handleUnaryCall<Buffer, Uint8Array> {
  return (call, respond) => {
    const context = new CallContext(call, clock);
    const succeed = (response: Uint8Array): void => {
      context.done();
      respond(null, response);
    };
    const fail = (reason: unknown): void => {
      context.done();
      respond(toGrpcStatus(reason));
    };
    try {
      const response = method(call.request, context);
      if (response instanceof Promise) response.then(succeed, fail);
      else succeed(response);
    } catch (reason) {
      fail(reason);
    }
  };
}
