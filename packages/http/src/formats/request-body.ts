/** The bytes of a request's body as its decoder reads them. */

import type { BodyBytes, HttpRequest } from '../http-message.js';
import { inflateGzip } from './gzip-body.js';

/** Inflated where the request says so. */
export function bodyOf(request: HttpRequest): BodyBytes | Promise<Uint8Array> {
  const body = request.body ?? noBytes;
  return isGzip(request) ? inflateGzip(wholeOf(body)) : body;
}

/** Whether `Content-Encoding` asks for inflating: it contains `gzip`, in lower case, anywhere. Other encodings are ignored. */
export function isGzip(request: HttpRequest): boolean {
  return request.header('content-encoding')?.includes('gzip') ?? false;
}

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

const noBytes = new Uint8Array(0);
