/** Unary calls of gRPC on one HTTP/2 connection at a time, which is made when it is first needed and again when it is lost. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { ConnectionOptions } from 'node:tls';
import type { OpenInferenceError } from '../client/open-inference-error.js';
import { decodeFrames, frameHead } from './message-frames.js';
import { errorOfTrailers, grpcError } from './status.js';

/** How a channel connects. */
export interface GrpcChannelOptions {
  /** Metadata that is sent with each call, such as `authorization`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Certificates and keys for `https:` URLs, as `node:tls` takes them. Default: the machine's authorities. */
  readonly tls?: ConnectionOptions;
  /**
   * Milliseconds between pings while calls are in flight, which find a connection that is dead although it looks open. Servers may refuse frequent ones.
   * Default: `false`, no pings.
   */
  readonly keepAliveMs?: number | false;
}

/** Limits of one call. */
export interface GrpcCallLimits {
  /** Milliseconds until the call ends with `DEADLINE_EXCEEDED`, on both sides; `undefined` for no limit. */
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** HTTP/2's windows: how much a server may send before it has to wait. The protocol's 64 KiB cost a round trip each. */
const STREAM_WINDOW = 8 * 2 ** 20;
const SESSION_WINDOW = 64 * 2 ** 20;

/** The connection keeps a process alive while calls are in flight, and not otherwise. */
export class GrpcChannel {
  readonly #url: string;
  readonly #options: GrpcChannelOptions;
  #session: ClientHttp2Session | undefined;
  #calls = 0;
  #isClosed = false;

  /** @param url `http://HOST:PORT` or `https://HOST:PORT` */
  constructor(url: string | URL, options: GrpcChannelOptions) {
    this.#url = String(url);
    this.#options = options;
  }

  /**
   * Calls a method, named by its path, and resolves with the bytes of its answer.
   *
   * @throws OpenInferenceError what the server answers, and `UNAVAILABLE` for a connection that fails; the signal's reason when it aborts.
   */
  async call(path: string, message: Uint8Array, { timeoutMs, signal }: GrpcCallLimits): Promise<Uint8Array> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw grpcError('CANCELLED', 'The client is closed');
    const session = this.#connected();
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-accept-encoding': 'identity',
      ...(timeoutMs !== undefined && { 'grpc-timeout': timeoutHeader(timeoutMs) }),
      ...this.#options.headers,
    });
    stream.write(frameHead(message));
    stream.end(message);
    this.#began(session);
    try {
      return await answered(stream, timeoutMs, signal);
    } finally {
      this.#ended(session);
    }
  }

  /** Ends the connection. Calls in flight are answered before; further ones reject with `CANCELLED`. */
  close(): void {
    this.#isClosed = true;
    this.#session?.close();
  }

  #connected(): ClientHttp2Session {
    const known = this.#session;
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const session = connect(this.#url, {
      ...this.#options.tls,
      settings: { initialWindowSize: STREAM_WINDOW, enablePush: false },
    });
    const lost = (): void => {
      if (this.#session === session) this.#session = undefined;
    };
    session.once('connect', () => session.setLocalWindowSize(SESSION_WINDOW));
    // Calls in flight fail with it by themselves.
    session.on('error', lost);
    session.once('goaway', lost);
    session.once('close', lost);
    this.#keepAlive(session);
    this.#session = session;
    return session;
  }

  #keepAlive(session: ClientHttp2Session): void {
    const { keepAliveMs = false } = this.#options;
    if (keepAliveMs === false) return;
    let isAwaited = false;
    const timer = setInterval(() => {
      if (this.#calls === 0 || session.connecting) return;
      if (isAwaited) {
        session.destroy(new Error(`The server did not answer a ping within ${keepAliveMs} ms`));
        return;
      }
      isAwaited = session.ping(() => {
        isAwaited = false;
      });
    }, keepAliveMs);
    timer.unref();
    session.once('close', () => clearInterval(timer));
  }

  #began(session: ClientHttp2Session): void {
    this.#calls++;
    session.ref();
  }

  #ended(session: ClientHttp2Session): void {
    this.#calls--;
    if (this.#calls === 0) session.unref();
  }
}

/** The answer of a call. */
function answered(
  stream: ClientHttp2Stream,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders | undefined;
    const end = (reason: unknown): void => {
      stream.close(constants.NGHTTP2_CANCEL);
      reject(reason);
    };
    const abort = (): void => end(signal!.reason);
    const expire = (): void => end(grpcError('DEADLINE_EXCEEDED', `The call took longer than ${timeoutMs} ms`));
    const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    stream.on('response', (received) => {
      headers = received;
    });
    stream.on('trailers', (received) => {
      trailers = received;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', (cause) => reject(connectionError(stream, cause)));
    stream.on('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      try {
        resolve(messageOf(stream, headers, trailers ?? headers, chunks));
      } catch (error) {
        reject(error);
      }
    });
  });
}

function messageOf(
  stream: ClientHttp2Stream,
  headers: IncomingHttpHeaders,
  trailers: IncomingHttpHeaders,
  chunks: readonly Buffer[],
): Uint8Array {
  const httpStatus = Number(headers[':status'] ?? 0);
  if (httpStatus === 0) throw connectionError(stream, undefined);
  const error = errorOfTrailers(httpStatus, textOf(trailers['grpc-status']), textOf(trailers['grpc-message']));
  if (error !== undefined) throw error;
  return decodeFrames(chunks);
}

/** Has a cause, which errors that a server answers do not have. */
function connectionError(stream: ClientHttp2Stream, error: Error | undefined): OpenInferenceError {
  const { rstCode = constants.NGHTTP2_NO_ERROR } = stream;
  const cause = error ?? new Error(`HTTP/2 error code ${rstCode}`);
  if (rstCode === constants.NGHTTP2_ENHANCE_YOUR_CALM) {
    return grpcError('RESOURCE_EXHAUSTED', 'The server refuses further calls', { cause });
  }
  return grpcError('UNAVAILABLE', `The connection to the server failed: ${cause.message}`, { cause });
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** At most eight digits, in the finest unit that has room for them. */
function timeoutHeader(milliseconds: number): string {
  const micros = Math.max(1, Math.ceil(milliseconds * 1000));
  if (micros < 1e8) return `${micros}u`;
  return milliseconds < 1e8
    ? `${Math.ceil(milliseconds)}m`
    : `${Math.min(99_999_999, Math.ceil(milliseconds / 1000))}S`;
}
