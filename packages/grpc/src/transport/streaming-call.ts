/** A call of several messages, as handlers of grpc-js see it. */
import { Duplex, type DuplexOptions } from 'node:stream';
import type {
  Deadline,
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  Metadata,
  ServerDuplexStream,
} from '@grpc/grpc-js';
import { type CallFailure, failureOf } from './call-failure.js';
import type { AuthContext, CallStream } from './call-stream.js';
import { type MessageReading, type MessageReceiver, RequestMessages } from './request-messages.js';
import { readRequest } from './single-request.js';
import {
  callHandler,
  decodeRequest,
  encodeResponse,
  type TransportMethod,
  withoutMetrics,
} from './transport-method.js';
import { responder } from './unary-call.js';

/** Messages of the client are read from it, and answers written to it, each where its method has a stream of them. */
class StreamingCall extends Duplex implements ServerDuplexStream<unknown, unknown> {
  cancelled = false;
  /** The message of a client that sends only one. */
  readonly request: unknown;
  readonly #stream: CallStream;
  readonly #method: TransportMethod;
  readonly #onRead: () => void;
  #trailer: Metadata | undefined;
  #failure: CallFailure | undefined;

  constructor(stream: CallStream, method: TransportMethod, request: unknown, onRead: () => void) {
    const { requestStream, responseStream } = method.definition;
    // Node's types lack two options that its documentation has.
    super({ objectMode: true, readable: requestStream, writable: responseStream } as DuplexOptions);
    this.request = request;
    this.#stream = stream;
    this.#method = method;
    this.#onRead = onRead;
    stream.onCancelled = () => {
      this.cancelled = true;
      this.emit('cancelled', 'cancelled');
      this.destroy();
    };
    this.on('error', (error) => {
      this.#failure = failureOf(error);
      stream.fail(this.#failure);
    });
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

  /** Takes the trailers that the call ends with. */
  override end(trailer?: unknown): this {
    if (trailer) this.#trailer = trailer as Metadata;
    return super.end();
  }

  override _read(): void {
    this.#onRead();
  }

  override _write(message: unknown, _encoding: string, done: (error?: Error | null) => void): void {
    const encoded = encodeResponse(this.#stream, this.#method, message);
    if (encoded !== undefined) this.#stream.sendMessage(encoded, done);
  }

  override _final(done: () => void): void {
    done();
    if (this.#failure === undefined) this.#stream.succeed(this.#trailer);
  }
}

/** Has the handler answer one message with several. */
export function serveServerStream(stream: CallStream, method: TransportMethod, reading: MessageReading): void {
  const handler = method.handler as handleServerStreamingCall<unknown, unknown>;
  readRequest(stream, method, reading, (request) => {
    handler(new StreamingCall(stream, method, request, () => undefined));
  });
}

/** Has the handler answer several messages with one. */
export function serveClientStream(stream: CallStream, method: TransportMethod, reading: MessageReading): void {
  const handler = method.handler as handleClientStreamingCall<unknown, unknown>;
  const call = readStream(stream, method, reading);
  callHandler(stream, () => handler(call, responder(stream, method)));
}

/** Has the handler answer several messages with several. */
export function serveBidiStream(stream: CallStream, method: TransportMethod, reading: MessageReading): void {
  const handler = method.handler as handleBidiStreamingCall<unknown, unknown>;
  const call = readStream(stream, method, reading);
  callHandler(stream, () => handler(call));
}

/** A call whose messages are read no faster than its handler does. */
function readStream(stream: CallStream, method: TransportMethod, reading: MessageReading): StreamingCall {
  const call = new StreamingCall(stream, method, undefined, () => messages.resume());
  const receiver: MessageReceiver = {
    message(content) {
      const request = decodeRequest(stream, method, content);
      if (request === undefined) messages.discard();
      else if (!call.push(request.message)) messages.pause();
    },
    end: () => call.push(null),
    fail(failure) {
      stream.fail(failure);
      call.destroy();
    },
  };
  const messages = new RequestMessages(stream.stream, stream.encoding, reading, receiver);
  return call;
}
