/** The request and response that the REST API speaks; adapters of frameworks translate them and do nothing else. */

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
   * `releaseBody` was called, and never if it isn't: tensors are views of them where a body is no JSON.
   */
  readonly body: BodyBytes | undefined;
  /**
   * Where it is set: the handler calls it once it won't look at `body` again and nothing is a view of it, so that the memory
   * can be used for another body. It may also leave that out.
   */
  readonly releaseBody?: (() => void) | undefined;
  /** The body as something in front of the handler (`express.json()`) parsed it. When set, `body` is not looked at. */
  readonly parsedBody?: unknown;
  /** Aborted when the client has gone; the run then ends with `CANCELLED`. */
  readonly signal?: AbortSignal;
}

/** An answer, whole. */
export interface HttpResponse {
  readonly status: number;
  /** With `Content-Length`; `Date` is for whoever sends it to add. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** With its `Content-Type` and `Content-Length`. */
export function toResponse(status: number, contentType: string, body: Uint8Array): HttpResponse {
  return { status, headers: { 'Content-Type': contentType, 'Content-Length': String(body.length) }, body };
}
