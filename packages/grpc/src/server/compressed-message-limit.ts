/**
 * Limits what a compressed message may inflate to. grpc-js has one limit for all messages, and takes a message with an unknown
 * compressed-flag for an uncompressed one.
 */
import {
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import { checkOptionNames } from '@serving/core/internal';
import type { CallFailure } from '../transport/call-failure.js';
import { HEADER_BYTES } from '../transport/message-framer.js';
import { inflateMessage } from '../transport/message-inflater.js';
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
  const decompressMessage = (message: Buffer, encoding: string): Buffer | Promise<Buffer> => {
    const content = message.subarray(HEADER_BYTES);
    return message[0] === 0 ? content : inflateMessage(message[0]!, content, encoding, maxInflatedBytes).catch(rethrow);
  };
  return (_method, call) => {
    const streamCall = toStreamCall(call);
    if (typeof streamCall.decompressMessage !== 'function') return refuseUnlimited(call);
    streamCall.decompressMessage = decompressMessage;
    return call as ServerInterceptingCall;
  };
}

/** As grpc-js takes it. */
function rethrow({ code, details, trailers }: CallFailure): never {
  throw { code, details, ...(trailers && { metadata: trailers }) };
}

function refuseUnlimited(call: ServerInterceptingCallInterface): ServerInterceptingCall {
  const details = 'This version of @grpc/grpc-js has no known way to limit compressed messages: install ^1.12.0';
  return new ServerInterceptingCall(call, {
    start: (next) => next({ onReceiveMetadata: () => call.sendStatus({ code: status.UNIMPLEMENTED, details }) }),
  });
}
