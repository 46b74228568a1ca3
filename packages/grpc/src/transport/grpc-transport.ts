/** gRPC on HTTP/2: methods that are served on connections which others accept. */
import type { Socket } from 'node:net';
import { type ServiceDefinition, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { BufferPool } from '@serving/core/batching';
import type { Clock } from '@serving/core/extend';
import type { Http2Stream } from '../http2/http2-stream.js';
import type { RequestHeaders } from '../http2/request-headers.js';
import { CallStream, refuseContentType } from './call-stream.js';
import { GrpcSession, type SessionLimits, type SessionWatcher } from './grpc-session.js';
import type { MessageLimits, MessageReading } from './request-messages.js';
import { serveBidiStream, serveClientStream, serveServerStream } from './streaming-call.js';
import { methodsOf, type TransportMethod } from './transport-method.js';
import { serveUnary } from './unary-call.js';

/** What calls and their sessions may cost. */
export interface TransportLimits extends MessageLimits, SessionLimits {
  readonly maxResponseBytes: number;
}

/** Takes services as a server of grpc-js does. */
export class GrpcTransport {
  readonly #methods = new Map<string, TransportMethod>();
  readonly #sessions = new Set<GrpcSession>();
  readonly #limits: TransportLimits;
  readonly #reading: MessageReading;
  readonly #clock: Clock;
  #isDraining = false;

  /** @param buffers where large requests are put */
  constructor(limits: TransportLimits, buffers: BufferPool, clock: Clock) {
    const { maxRequestBytes, maxInflatedBytes } = limits;
    this.#limits = limits;
    this.#reading = { maxRequestBytes, maxInflatedBytes, buffers };
    this.#clock = clock;
  }

  /**
   * Serves the methods of a service. Those without a handler are answered with `UNIMPLEMENTED`.
   *
   * @throws Error, as grpc-js, for a method that is served already.
   */
  addService(service: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    const methods = methodsOf(service, implementation);
    for (const { definition } of methods) {
      if (!this.#methods.has(definition.path)) continue;
      throw new Error(`Method handler for ${definition.path} already provided.`);
    }
    for (const method of methods) this.#methods.set(method.definition.path, method);
  }

  /** Serves a connection. */
  serve(socket: Socket, watcher?: SessionWatcher): void {
    const session = new GrpcSession(socket, this.#limits, this.#clock, {
      call: (stream, headers) => this.#serve(session, stream, headers),
      closed: () => this.#sessions.delete(session),
      watcher,
    });
    this.#sessions.add(session);
  }

  /**
   * Has each session end with its next call, as "Connection: close" does over HTTP/1.1: the client is asked for no further ones
   * (GOAWAY), opens its next connection elsewhere, and has what it has sent answered. To end a session without a call loses one that is on its way.
   */
  drain(): void {
    this.#isDraining = true;
  }

  /** Tells the clients of all sessions to send no further calls (GOAWAY). Each session closes when its calls are answered. */
  close(): void {
    for (const session of this.#sessions) session.end();
  }

  /** Closes all sessions and cancels their calls. */
  destroy(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #serve(session: GrpcSession, stream: Http2Stream, headers: RequestHeaders): void {
    if (this.#isDraining) session.end();
    if (!headers.contentType?.startsWith('application/grpc')) {
      refuseContentType(stream);
      return;
    }
    const call = new CallStream(stream, headers, session.socket, this.#limits.maxResponseBytes);
    const method = this.#methods.get(call.path);
    if (method?.handler === undefined) {
      const details = `The server does not implement the method ${call.path}`;
      call.fail({ code: status.UNIMPLEMENTED, details });
    } else if (call.refusal !== undefined) {
      call.fail(call.refusal);
    } else {
      serverOf(method)(call, method, this.#reading);
    }
  }
}

function serverOf({ definition: { requestStream, responseStream } }: TransportMethod): typeof serveUnary {
  if (requestStream) return responseStream ? serveBidiStream : serveClientStream;
  return responseStream ? serveServerStream : serveUnary;
}
