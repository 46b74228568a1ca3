/** One call's stream of HTTP/2: what its headers say, its deadline, and the way of its answer. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Metadata, type ServerUnaryCall, status } from '@grpc/grpc-js';
import type { Http2Stream, StreamOwner } from '../http2/http2-stream.js';
import type { RequestHeaders } from '../http2/request-headers.js';
import { encodeAnswerHeaders, encodeFailure, encodeOkTrailers, unsupportedMediaType } from './answer-headers.js';
import type { CallFailure } from './call-failure.js';
import { parseGrpcTimeout } from './grpc-timeout.js';
import { frameMessage } from './message-framer.js';

/** What a call says of its client's certificate. */
export type AuthContext = ReturnType<ServerUnaryCall<unknown, unknown>['getAuthContext']>;

/** Node takes a longer time for none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Those that are the transport's are not the application's metadata. */
const transportHeaders = [
  'grpc-timeout',
  'grpc-encoding',
  'grpc-accept-encoding',
  'accept-encoding',
  'te',
  'content-type',
];

/** Calls back once: when the client has cancelled or is gone, or the deadline has passed, before the call was answered. */
export class CallStream implements StreamOwner {
  readonly stream: Http2Stream;
  /** As wall time in milliseconds; infinite for none. */
  readonly deadline: number;
  /** Why the call can't be served. */
  readonly refusal: CallFailure | undefined;
  readonly #headers: RequestHeaders;
  readonly #socket: Socket;
  readonly #maxResponseBytes: number;
  #timer: NodeJS.Timeout | undefined;
  #metadata: Metadata | undefined;
  #hasHeaders = false;
  #isOver = false;
  #onCancelled: (() => void) | undefined;

  constructor(stream: Http2Stream, headers: RequestHeaders, socket: Socket, maxResponseBytes: number) {
    this.stream = stream;
    this.#socket = socket;
    this.#headers = headers;
    this.#maxResponseBytes = maxResponseBytes;
    stream.owner = this;
    const { timeout } = headers;
    if (timeout === undefined) {
      this.deadline = Number.POSITIVE_INFINITY;
      return;
    }
    const timeoutMs = parseGrpcTimeout(timeout);
    this.deadline = Date.now() + (timeoutMs ?? 0);
    if (timeoutMs === undefined) {
      this.refusal = { code: status.INTERNAL, details: `Invalid grpc-timeout value "${timeout}"` };
    } else if (timeoutMs <= MAX_TIMER_MS) {
      this.#timer = setTimeout(() => this.#exceed(), timeoutMs);
    }
  }

  get path(): string {
    return this.#headers.path;
  }

  /** Whether it has its status, or can't get one any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get encoding(): string {
    return this.#headers.encoding ?? 'identity';
  }

  get host(): string {
    return this.#headers.authority;
  }

  /** The client's metadata. Made when it is first read. */
  get metadata(): Metadata {
    if (this.#metadata === undefined) {
      this.#metadata = Metadata.fromHttp2Headers(this.#headers.toObject());
      for (const name of transportHeaders) this.#metadata.remove(name);
    }
    return this.#metadata;
  }

  get peer(): string {
    const { remoteAddress, remotePort } = this.#socket;
    if (remoteAddress === undefined) return 'unknown';
    return remotePort === undefined ? remoteAddress : `${remoteAddress}:${remotePort}`;
  }

  get authContext(): AuthContext {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket && socket.authorized)) return {};
    const certificate = socket.getPeerCertificate();
    return { transportSecurityType: 'ssl', ...(certificate.raw && { sslPeerCertificate: certificate }) };
  }

  set onCancelled(callback: () => void) {
    this.#onCancelled = callback;
  }

  /** Sends the initial headers, once; those after them are ignored. */
  sendHeaders(metadata?: Metadata): void {
    if (this.#hasHeaders || this.#isOver) return;
    this.#hasHeaders = true;
    const { outgoing } = this.stream.connection;
    const block = metadata === undefined ? outgoing.usualHeaders : encodeAnswerHeaders(metadata);
    outgoing.sendHeaders(this.stream, block, false);
  }

  /** Sends one of several messages; `done` comes when the client can take a further one. */
  sendMessage(content: Uint8Array, done: () => void): void {
    if (this.#isOver || !this.#canSend(content)) return;
    this.sendHeaders();
    this.stream.connection.outgoing.sendPieces(this.stream, frameMessage(content), done);
  }

  /** Sends the only message, and that the call has succeeded. */
  answer(content: Uint8Array, trailers: Metadata | undefined): void {
    if (this.#isOver || !this.#canSend(content)) return;
    const { outgoing } = this.stream.connection;
    if (trailers === undefined) {
      this.#finish();
      if (outgoing.sendAnswer(this.stream, this.#hasHeaders, content)) return;
      this.#isOver = false;
    }
    this.sendHeaders();
    outgoing.sendPieces(this.stream, frameMessage(content));
    this.succeed(trailers);
  }

  /** Sends that the call has succeeded, after its messages. */
  succeed(trailers: Metadata | undefined): void {
    if (this.#isOver) return;
    this.sendHeaders();
    this.#finish();
    const { outgoing } = this.stream.connection;
    const block = trailers === undefined ? outgoing.usualTrailers : encodeOkTrailers(trailers);
    outgoing.sendTrailers(this.stream, block);
  }

  /** Sends what the call ends with instead of success. */
  fail(failure: CallFailure): void {
    if (this.#isOver) return;
    this.#finish();
    const { outgoing } = this.stream.connection;
    const block = encodeFailure(failure, this.#hasHeaders);
    if (this.#hasHeaders) outgoing.sendTrailers(this.stream, block);
    else outgoing.sendHeaders(this.stream, block, true);
  }

  /** The stream is closed. */
  closed(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#onCancelled?.();
  }

  #canSend({ length }: Uint8Array): boolean {
    if (length <= this.#maxResponseBytes) return true;
    const details = `Sent message larger than max (${length} vs. ${this.#maxResponseBytes})`;
    this.fail({ code: status.RESOURCE_EXHAUSTED, details });
    return false;
  }

  #finish(): void {
    this.#isOver = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }

  #exceed(): void {
    if (this.#isOver) return;
    this.fail({ code: status.DEADLINE_EXCEEDED, details: 'Deadline exceeded' });
    this.#onCancelled?.();
  }
}

/** Answers a request that is not one of gRPC. */
export function refuseContentType(stream: Http2Stream): void {
  stream.connection.outgoing.sendHeaders(stream, unsupportedMediaType, true);
}
