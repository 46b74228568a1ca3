/**
 * Limits what a compressed message may inflate to. grpc-js has one limit for all messages, and takes a message with an unknown
 * compressed-flag for an uncompressed one.
 */
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import {
  Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import { checkOptionNames } from '@serving/core/internal';
import { toStreamCall } from './stream-call.js';

/** Limits of compressed messages. */
export interface CompressedMessageLimits {
  /**
   * Bytes that a compressed message may inflate to; they are counted while it is inflated. A call with a larger one ends with
   * `RESOURCE_EXHAUSTED`. Default: 64 MiB.
   */
  readonly maxInflatedBytes?: number;
}

/** What {@link CompressedMessageLimits.maxInflatedBytes} is by default. */
export const DEFAULT_MAX_INFLATED_BYTES: number = 64 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;
const HEADER_BYTES = 5;
const inflaters = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
]);

/**
 * Creates an interceptor for a server of the application's own, which refuses messages that inflate to too much, and those whose
 * compressed-flag is neither 0 nor 1. `GrpcServer` has it by itself.
 *
 * @example
 * ```ts
 * const grpcServer = new Server({ interceptors: [limitCompressedMessages({ maxInflatedBytes: 16 * 1024 ** 2 })] });
 * ```
 * @throws ServingError `INVALID_ARGUMENT` for unknown options.
 */
export function limitCompressedMessages(limits: CompressedMessageLimits = {}): ServerInterceptor {
  checkOptionNames(limits, ['maxInflatedBytes'], 'limitCompressedMessages()');
  const { maxInflatedBytes = DEFAULT_MAX_INFLATED_BYTES } = limits;
  const maxOutputLength = Math.min(Math.max(maxInflatedBytes, 1), MAX_MESSAGE_BYTES);
  const decompressMessage = (message: Buffer, encoding: string): Buffer | Promise<Buffer> =>
    message[0] === 0 ? message.subarray(HEADER_BYTES) : decompress(message, encoding, maxOutputLength);
  return (_method, call) => {
    const streamCall = toStreamCall(call);
    if (typeof streamCall.decompressMessage !== 'function') return refuseUnlimited(call);
    streamCall.decompressMessage = decompressMessage;
    return call as ServerInterceptingCall;
  };
}

async function decompress(message: Buffer, encoding: string, maxOutputLength: number): Promise<Buffer> {
  if (message[0] !== 1) {
    throw { code: status.INTERNAL, details: `Unknown compressed-flag ${message[0]} of a message: expected 0 or 1` };
  }
  if (encoding === 'identity') {
    throw { code: status.INTERNAL, details: 'A message is flagged as compressed, but the call has no grpc-encoding' };
  }
  const inflater = inflaters.get(encoding);
  if (inflater === undefined) throw unsupported(encoding);
  try {
    return await inflater(message.subarray(HEADER_BYTES), { maxOutputLength });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') {
      throw { code: status.INTERNAL, details: `Failed to decompress a message: ${(cause as Error).message}` };
    }
    const details = `A compressed message inflates to more than ${maxOutputLength} bytes (maxInflatedBytes)`;
    throw { code: status.RESOURCE_EXHAUSTED, details: `${details}; send it uncompressed` };
  }
}

/** With what would have been understood, as gRPC's specification of compression asks for. */
function unsupported(encoding: string): object {
  const metadata = new Metadata();
  metadata.set('grpc-accept-encoding', ['identity', ...inflaters.keys()].join());
  const known = [...inflaters.keys()].join(' and ');
  const details = `The grpc-encoding "${encoding}" is not supported: expected ${known}`;
  return { code: status.UNIMPLEMENTED, details, metadata };
}

function refuseUnlimited(call: ServerInterceptingCallInterface): ServerInterceptingCall {
  const details = 'This version of @grpc/grpc-js has no known way to limit compressed messages: install ^1.12.0';
  return new ServerInterceptingCall(call, {
    start: (next) => next({ onReceiveMetadata: () => call.sendStatus({ code: status.UNIMPLEMENTED, details }) }),
  });
}
