/** The only error that leaves a package of ours. */
import { type ErrorCode, grpcNumber, httpStatus } from './status-code.js';

const brand: unique symbol = Symbol.for('@serving/core/ServingError') as never;

/** What a {@link ServingError} may carry beside its code and message. */
export interface ServingErrorOptions {
  readonly cause?: unknown;
  /** Default: the message. */
  readonly clientMessage?: string | undefined;
  readonly hint?: string | undefined;
  /** See {@link ServingError.clientHint}. It is the hint too, where none is given. */
  readonly clientHint?: string | undefined;
  /** See {@link ServingError.endedProcess}. Default: false. */
  readonly endedProcess?: boolean | undefined;
}

/**
 * An error with a canonical code. `message` names model, version, signature and tensor where they are known. REST, gRPC and health
 * endpoints send `clientMessage`, which differs only where the message names files of the server; a byte of the client's own text that
 * is not UTF-8 is a lone surrogate in it. REST sends `clientHint` beside it. `cause` and `hint` are for logs and never reach the wire.
 *
 * Express, Koa and Fastify respond with `status` and `statusCode` by themselves: 400 for `INVALID_ARGUMENT`, 404 for `NOT_FOUND`.
 * `instanceof ServingError` also recognises errors created by a second copy of this package.
 *
 * @example
 * ```ts
 * try {
 *   await server.predict({ model: 'digits', inputs });
 * } catch (error) {
 *   const { code, message } = ServingError.from(error);
 *   if (code === 'NOT_FOUND') console.log(message);
 * }
 * ```
 */
export class ServingError extends Error {
  override readonly name: string = 'ServingError';
  /** What callers decide by; the message is for people. */
  readonly code: ErrorCode;
  /** The HTTP status that the REST API responds with. Writable, as Koa writes the status of its response into the error. */
  declare status: number;
  /** The same as {@link status}, under the name that Fastify reads. */
  declare statusCode: number;
  /** How to fix it, where that is known. */
  declare readonly hint?: string;
  /**
   * How the client fixes its request, where that is known. It says nothing that the client could not ask for: no files of the server, no
   * names of models. The REST API sends it as `hint` behind the text.
   */
  declare readonly clientHint?: string;
  /**
   * The run ended the process of its model, or was in it when another run did. Batching then runs each request of the batch once
   * more, alone.
   */
  declare readonly endedProcess?: true;
  readonly #clientMessage: string | undefined;

  constructor(code: ErrorCode, message: string, options: ServingErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.#clientMessage = options.clientMessage;
    const { clientHint, hint = clientHint } = options;
    if (hint !== undefined) this.hint = hint;
    if (clientHint !== undefined) this.clientHint = clientHint;
    if (options.endedProcess) this.endedProcess = true;
    const status = { value: httpStatus(code), writable: true, configurable: true };
    Object.defineProperties(this, { [brand]: { value: true }, status, statusCode: status });
  }

  /** What a caller outside of the process is sent. */
  get clientMessage(): string {
    return this.#clientMessage ?? this.message;
  }

  /** The code's gRPC number. */
  get grpcNumber(): number {
    return grpcNumber(this.code);
  }

  /** A request, an option or a file that is wrong in itself. */
  static invalidArgument(message: string, options?: ServingErrorOptions): ServingError {
    return new ServingError('INVALID_ARGUMENT', message, options);
  }

  /** A model, version, file or other thing that doesn't exist. */
  static notFound(message: string, options?: ServingErrorOptions): ServingError {
    return new ServingError('NOT_FOUND', message, options);
  }

  /** A call that the current state doesn't allow. */
  static failedPrecondition(message: string, options?: ServingErrorOptions): ServingError {
    return new ServingError('FAILED_PRECONDITION', message, options);
  }

  /**
   * Converts anything thrown. Returns a `ServingError` as it is; an abort becomes `CANCELLED`, a timeout (`AbortSignal.timeout`)
   * `DEADLINE_EXCEEDED`, anything else `fallback` (default `UNKNOWN`) with its message and itself as `cause`.
   */
  static from(reason: unknown, fallback: ErrorCode = 'UNKNOWN'): ServingError {
    if (reason instanceof ServingError) return reason;
    if (reason instanceof Error) {
      if (reason.name === 'AbortError') return new ServingError('CANCELLED', reason.message, { cause: reason });
      if (reason.name === 'TimeoutError')
        return new ServingError('DEADLINE_EXCEEDED', reason.message, { cause: reason });
      return new ServingError(fallback, reason.message, { cause: reason });
    }
    return new ServingError(fallback, String(reason), { cause: reason });
  }

  /** The same error with text put in front of its message, for naming the place that it passed through. */
  prefixed(prefix: string): ServingError {
    const clientMessage = this.#clientMessage && `${prefix}${this.#clientMessage}`;
    const { hint, clientHint, endedProcess } = this;
    const options = { cause: this, clientMessage, hint, clientHint, endedProcess };
    return new ServingError(this.code, `${prefix}${this.message}`, options);
  }

  /** Whether an object is a `ServingError`, of this copy of the package or another. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
