/** The only error that leaves a package of ours. */
import { type ErrorCode, grpcNumber, httpStatus } from './status-code.js';

const brand: unique symbol = Symbol.for('@serving/core/ServingError') as never;

/**
 * An error with a canonical code. `message` names model, version, signature and tensor where they are known; REST, gRPC and health
 * endpoints send `clientMessage`, which is the same unless it would tell about files of the server. A byte of the client's own text that is no UTF-8 is a lone surrogate in it, as `textFromBytes` has
 * it. `cause` is for logs only and never reaches the wire.
 *
 * `instanceof ServingError` also recognises errors made by a second copy of this package.
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
  readonly #clientMessage: string | undefined;

  /** @param options `clientMessage`: default `message`. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly clientMessage?: string | undefined } = {},
  ) {
    const { clientMessage, ...errorOptions } = options;
    super(message, errorOptions);
    this.code = code;
    this.#clientMessage = clientMessage;
    Object.defineProperty(this, brand, { value: true });
  }

  /** What a caller outside of the process is sent. */
  get clientMessage(): string {
    return this.#clientMessage ?? this.message;
  }

  /** The code's gRPC number. */
  get grpcNumber(): number {
    return grpcNumber(this.code);
  }

  /** The HTTP status that the REST API answers with. */
  get httpStatus(): number {
    return httpStatus(this.code);
  }

  /**
   * The one door for anything caught: a `ServingError` is returned as it is, an abort becomes `CANCELLED`, a time-out
   * (`AbortSignal.timeout`) `DEADLINE_EXCEEDED`, anything else `fallback` (default `UNKNOWN`) with its message and itself as `cause`.
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
    return new ServingError(this.code, `${prefix}${this.message}`, { cause: this, clientMessage });
  }

  /** Whether an object is a `ServingError`, of this copy of the package or another. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
