/** Bodies that are compressed. */
import { promisify } from 'node:util';
import { deflate, gunzip, gzip, inflate, type ZlibOptions } from 'node:zlib';
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import type { BodyBytes, HttpRequest } from '@serving/http/adapter';
import { errorWithStatus } from './responses.js';

/** An encoding of bodies. */
export type BodyEncoding = 'gzip' | 'deflate';

type Transform = (body: Uint8Array, options?: ZlibOptions) => Promise<Uint8Array>;

const expanders: Readonly<Record<BodyEncoding, Transform>> = { gzip: promisify(gunzip), deflate: promisify(inflate) };
const compressors: Readonly<Record<BodyEncoding, Transform>> = { gzip: promisify(gzip), deflate: promisify(deflate) };

/** In one piece. */
function wholeBody(body: BodyBytes | undefined): Uint8Array {
  if (body === undefined) return NO_BYTES;
  if (body instanceof Uint8Array) return body;
  return body.length === 1 ? body[0]! : Buffer.concat(body);
}

/**
 * The body of a request, expanded by `Content-Encoding`; a promise only then.
 *
 * @throws ServingError `INVALID_ARGUMENT` (415) for another encoding, `INVALID_ARGUMENT` for broken data, `RESOURCE_EXHAUSTED` (413)
 * for more than `maxBytes`.
 */
export function expandedBody(request: HttpRequest, maxBytes: number): Uint8Array | Promise<Uint8Array> {
  const body = wholeBody(request.body);
  const encoding = request.header('content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return body;
  if (encoding === 'gzip' || encoding === 'deflate') return expand(encoding, body, maxBytes);
  throw errorWithStatus(
    415,
    ServingError.invalidArgument(`Content-Encoding must be gzip, deflate or identity (got ${quoteName(encoding)})`),
  );
}

async function expand(encoding: BodyEncoding, body: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    return await expanders[encoding](body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      const message = `Request body is larger than ${maxBytes} bytes`;
      throw errorWithStatus(413, new ServingError('RESOURCE_EXHAUSTED', message, { cause }));
    }
    throw ServingError.invalidArgument(`The ${encoding} data of the body are broken: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** The encoding that `Accept-Encoding` prefers; `undefined` for none. Of equally good ones the first. */
export function acceptedEncoding(accept: string | undefined): BodyEncoding | undefined {
  if (accept === undefined) return undefined;
  let best: BodyEncoding | 'identity' = 'identity';
  let bestQuality = 0;
  for (const part of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
    if (name !== 'gzip' && name !== 'deflate' && name !== 'identity') continue;
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const quality = weight === undefined ? 1 : Number(weight) || 0;
    if (quality <= bestQuality) continue;
    best = name;
    bestQuality = quality;
  }
  return best === 'identity' ? undefined : best;
}

/** Compresses a body on a thread of the pool. */
export function compressedBody(encoding: BodyEncoding, body: Uint8Array): Promise<Uint8Array> {
  return compressors[encoding](body);
}

const NO_BYTES = new Uint8Array(0);
