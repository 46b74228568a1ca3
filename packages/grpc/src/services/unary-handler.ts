/** A method that takes and gives bytes → a handler of grpc-js. */
import type { handleUnaryCall, Metadata } from '@grpc/grpc-js';
import { ServingError } from '@serving/core';
import { type RequestApi, RequestTrace, requestsAreObserved } from '@serving/core/diagnostics';
import type { Clock } from '@serving/core/extend';
import { CallContext } from './call-context.js';
import { toGrpcStatus } from './grpc-status.js';

/** What goes wrong is a `ServingError`, thrown or rejected. */
export type UnaryMethod = (request: Uint8Array, call: CallContext) => Uint8Array | Promise<Uint8Array>;

/** Makes the handlers of one model server's services. */
export class UnaryHandlers {
  readonly #server: object;
  readonly #clock: Clock;

  constructor(server: object, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  /** @param api by what name the method's calls are observed; those of a method without one aren't. */
  of(method: UnaryMethod, api?: RequestApi): handleUnaryCall<Buffer, Uint8Array> {
    return (call, respond) => {
      const trace = api && requestsAreObserved() ? this.#trace(api, call.metadata) : undefined;
      const context = new CallContext(call, this.#clock, trace);
      const succeed = (response: Uint8Array): void => {
        context.done();
        if (trace !== undefined) trace.finish('OK');
        respond(null, response);
      };
      const fail = (reason: unknown): void => {
        context.done();
        const error = ServingError.from(reason);
        if (trace !== undefined) trace.finish(error.code, error);
        respond(toGrpcStatus(error));
      };
      try {
        if (trace !== undefined) trace.enter('decode');
        const response = method(call.request, context);
        if (response instanceof Promise) response.then(succeed, fail);
        else succeed(response);
      } catch (reason) {
        fail(reason);
      }
    };
  }

  /** The model's name is in the request, which has still to be read. */
  #trace(api: RequestApi, metadata: Metadata): RequestTrace {
    const headers = { header: (name: string) => metadata.get(name)[0]?.toString() };
    return new RequestTrace({ server: this.#server, entrypoint: 'GRPC', api, model: '', headers, clock: this.#clock });
  }
}
