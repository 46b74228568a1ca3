/** Options of ours and of grpc-js → the limits of the transport. */
import type { ChannelOptions } from '@grpc/grpc-js';
import type { TransportLimits } from './grpc-transport.js';

/**
 * How much a client may send before it is read. With HTTP/2's 64 KiB a request of megabytes waits for a round trip and a timer dozens of
 * times, which costs the server more than the request itself.
 */
const STREAM_WINDOW_BYTES = 8 * 2 ** 20;
const CONNECTION_WINDOW_BYTES = 64 * 2 ** 20;

/** Of answers that a client does not take, and bodies that handlers do not read: it is refused further calls then, but may try them again. */
const MAX_WAITING_BYTES = 2 ** 30;

/** The options of grpc-js that the transport knows. Times are milliseconds, and -1 is for no limit. */
const channelArguments = {
  maxRequestBytes: 'grpc.max_receive_message_length',
  maxResponseBytes: 'grpc.max_send_message_length',
  maxConcurrentStreams: 'grpc.max_concurrent_streams',
  keepaliveMs: 'grpc.keepalive_time_ms',
  keepaliveTimeoutMs: 'grpc.keepalive_timeout_ms',
  idleMs: 'grpc.max_connection_idle_ms',
  ageMs: 'grpc.max_connection_age_ms',
  ageGraceMs: 'grpc.max_connection_age_grace_ms',
} as const satisfies Partial<Record<keyof TransportLimits, keyof ChannelOptions>>;

type OwnLimits = Pick<
  TransportLimits,
  | 'maxRequestBytes'
  | 'maxInflatedBytes'
  | 'maxResponseBytes'
  | 'maxConcurrentStreams'
  | 'keepaliveMs'
  | 'keepaliveTimeoutMs'
  | 'idleMs'
>;

/** The limits given, where `channelOptions` don't say otherwise. Its other options are ignored. */
export function transportLimits(own: OwnLimits, channelOptions: ChannelOptions = {}): TransportLimits {
  const limits = {
    ...own,
    ageMs: Number.POSITIVE_INFINITY,
    ageGraceMs: Number.POSITIVE_INFINITY,
    streamWindow: STREAM_WINDOW_BYTES,
    connectionWindow: CONNECTION_WINDOW_BYTES,
    maxWaitingBytes: MAX_WAITING_BYTES,
  };
  for (const name of Object.keys(channelArguments) as (keyof typeof channelArguments)[]) {
    const given = channelOptions[channelArguments[name]];
    if (given !== undefined) limits[name] = given < 0 ? Number.POSITIVE_INFINITY : given;
  }
  const memory = channelOptions['grpc-node.max_session_memory'];
  if (memory !== undefined) limits.maxWaitingBytes = memory < 0 ? Number.POSITIVE_INFINITY : memory * 2 ** 20;
  return limits;
}
