/** Compressed messages, by gRPC's rules for compression. */
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { Metadata, status } from '@grpc/grpc-js';
import type { CallFailure } from './call-failure.js';

const inflaters = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
]);

/** The value of `grpc-accept-encoding`. */
export const ACCEPTED_ENCODINGS: string = ['identity', ...inflaters.keys()].join();

/** Node's zlib takes no more. */
const MAX_OUTPUT_BYTES = 2 ** 31 - 1;

/**
 * Inflates the content of a message whose compressed-flag is not 0.
 *
 * @throws CallFailure for a flag other than 1, for an unknown encoding, and where the content inflates to more than `maxBytes`; the
 * bytes are counted while it is inflated.
 */
export async function inflateMessage(
  flag: number,
  content: Uint8Array,
  encoding: string,
  maxBytes: number,
): Promise<Buffer> {
  if (flag !== 1) {
    throw failure(status.INTERNAL, `Unknown compressed-flag ${flag} of a message: expected 0 or 1`);
  }
  if (encoding === 'identity') {
    throw failure(status.INTERNAL, 'A message is flagged as compressed, but the call has no grpc-encoding');
  }
  const inflater = inflaters.get(encoding);
  if (inflater === undefined) throw unsupported(encoding);
  const maxOutputLength = Math.min(Math.max(maxBytes, 1), MAX_OUTPUT_BYTES);
  try {
    return await inflater(content, { maxOutputLength });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') {
      throw failure(status.INTERNAL, `Failed to decompress a message: ${(cause as Error).message}`);
    }
    const details = `A compressed message inflates to more than ${maxOutputLength} bytes (maxInflatedBytes)`;
    throw failure(status.RESOURCE_EXHAUSTED, `${details}; send it uncompressed`);
  }
}

function unsupported(encoding: string): CallFailure {
  const known = [...inflaters.keys()].join(' and ');
  const details = `The grpc-encoding "${encoding}" is not supported: expected ${known}`;
  const trailers = new Metadata();
  trailers.set('grpc-accept-encoding', ACCEPTED_ENCODINGS);
  return { code: status.UNIMPLEMENTED, details, trailers };
}

function failure(code: number, details: string): CallFailure {
  return { code, details };
}
