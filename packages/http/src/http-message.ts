/** The request and response of the REST API, independent of frameworks. Adapters translate to and from them. */

/** The bytes of a body: whole, or in the pieces that they came in. */
export type BodyBytes = Uint8Array | readonly Uint8Array[];

/** In one piece. */
export function wholeOf(body: BodyBytes): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return body.length === 1 ? body[0]! : Buffer.concat(body);
}

/** In bytes. */
export function lengthOf(body: BodyBytes): number {
  if (body instanceof Uint8Array) return body.length;
  let length = 0;
  for (const piece of body) length += piece.length;
  return length;
}

/** A request, its body read to its end. */
export interface HttpRequest {
  /** In capitals. */
  readonly method: string;
  /** Path and query as they came, not decoded, below the point where the API is mounted. */
  readonly target: string;
  /** The value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  /**
   * The body's bytes as received; `undefined` when there were none. The handler only reads them. They must not change before
   * `releaseBody` was called, and never if it isn't: tensors are views of them where a body is not JSON.
   */
  readonly body: BodyBytes | undefined;
  /**
   * Called by the handler when it reads `body` no more and nothing is a view of it, so that the memory can be used for another body.
   * The handler need not call it.
   */
  readonly releaseBody?: (() => void) | undefined;
  /** The body as something in front of the handler (`express.json()`) parsed it. When set, `body` is ignored. */
  readonly parsedBody?: unknown;
  /** Aborted when the client has gone; the run then ends with `CANCELLED`. */
  readonly signal?: AbortSignal;
}

/** An answer, whole or with a beginning. */
export interface HttpResponse {
  readonly status: number;
  /** With `Content-Length`, unless there is a `stream`; adapters add `Date`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /**
   * The body where it is sent while it is being made, such as server-sent events; `body` is empty then. Each piece is sent when it comes.
   * The iterator's `return` is called when the client goes.
   */
  readonly stream?: AsyncIterable<Uint8Array>;
}

/** With its `Content-Type` and `Content-Length`. */
export function toResponse(status: number, contentType: string, body: Uint8Array): HttpResponse {
  return { status, headers: { 'Content-Type': contentType, 'Content-Length': String(body.length) }, body };
}
