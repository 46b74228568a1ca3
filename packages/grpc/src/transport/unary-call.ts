/** A call of one message each way, as handlers of grpc-js see it. */
import { EventEmitter } from 'node:events';
import type { Deadline, handleUnaryCall, Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { failureOf } from './call-failure.js';
import type { AuthContext, CallStream } from './call-stream.js';
import type { MessageReading } from './request-messages.js';
import { readRequest } from './single-request.js';
import { encodeResponse, type TransportMethod, withoutMetrics } from './transport-method.js';

/** Emits `cancelled` when the client does not wait any longer. */
class UnaryCall extends EventEmitter implements ServerUnaryCall<unknown, unknown> {
  readonly request: unknown;
  /** See `CancellableCall.releaseRequest`. */
  readonly releaseRequest: (() => void) | undefined;
  readonly #stream: CallStream;
  cancelled = false;

  constructor(stream: CallStream, request: unknown, releaseRequest: (() => void) | undefined) {
    super();
    this.releaseRequest = releaseRequest;
    this.#stream = stream;
    this.request = request;
    stream.onCancelled = () => {
      this.cancelled = true;
      this.emit('cancelled', 'cancelled');
    };
  }

  get metadata(): Metadata {
    return this.#stream.metadata;
  }

  getPeer(): string {
    return this.#stream.peer;
  }

  sendMetadata(metadata: Metadata): void {
    this.#stream.sendHeaders(metadata);
  }

  getDeadline(): Deadline {
    return this.#stream.deadline;
  }

  getPath(): string {
    return this.#stream.path;
  }

  getHost(): string {
    return this.#stream.host;
  }

  getAuthContext(): AuthContext {
    return this.#stream.authContext;
  }

  getMetricsRecorder(): never {
    return withoutMetrics();
  }
}

/** Reads the request, has the handler answer it, and sends the answer. */
export function serveUnary(stream: CallStream, method: TransportMethod, reading: MessageReading): void {
  const handler = method.handler as handleUnaryCall<unknown, unknown>;
  readRequest(stream, method, reading, (request, release) => {
    handler(new UnaryCall(stream, request, release), responder(stream, method));
  });
}

/** What a handler answers with one message by. */
export function responder(
  stream: CallStream,
  method: TransportMethod,
): (error: object | null, message?: unknown, trailer?: Metadata) => void {
  return (error, message, trailer) => {
    if (error) {
      stream.fail(failureOf(error, trailer));
      return;
    }
    const encoded = encodeResponse(stream, method, message);
    if (encoded !== undefined) stream.answer(encoded, trailer);
  };
}
