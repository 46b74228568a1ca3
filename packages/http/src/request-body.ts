/** The bytes of a request's body as its decoder reads them. */
import { inflateGzip, isGzip } from './gzip-body.js';
import type { HttpRequest } from './http-message.js';

/** Inflated where the request says so. */
export function bodyOf(request: HttpRequest): Uint8Array | Promise<Uint8Array> {
  const body = request.body ?? noBytes;
  return isGzip(request.header('content-encoding')) ? inflateGzip(body) : body;
}

const noBytes = new Uint8Array(0);
