/** Limits of a server's connections, as options of ours and as grpc-js's. */
import type { ChannelOptions } from '@grpc/grpc-js';
import { ServingError } from '@serving/core';
import { descriptorLimit } from '@serving/core/internal';
import type { GrpcConnectionLimits } from './server-connections.js';

/** What clients' connections may cost. `false` is never, or no limit. */
export interface GrpcConnectionOptions {
  /**
   * Connections at once, at most a quarter of the file descriptors that the process may open. A further one takes the
   * place of one that has not begun with HTTP/2, else has brought no call in a second, else none for 10 seconds; when all have
   * it is closed. Default 10000.
   */
  readonly maxConnections?: number | false;
  /** Calls at once on a connection; clients queue further ones. Default 1000. */
  readonly maxConcurrentStreams?: number | false;
  /**
   * Milliseconds in which a new connection must finish the handshake of TLS, and then begin with HTTP/2. The server checks every
   * second. Default 20000.
   */
  readonly handshakeTimeoutMs?: number | false;
  /**
   * Milliseconds between pings, which find out whether the client is still there. Default 30000.
   */
  readonly keepaliveTimeMs?: number | false;
  /** Milliseconds in which a client must answer a ping, after which its connection closes. Default 20000. */
  readonly keepaliveTimeoutMs?: number;
  /** Milliseconds without a call after which a connection closes. Clients of gRPC connect again with their next call. Default 300000. */
  readonly maxConnectionIdleMs?: number | false;
}

/** Those that grpc-js enforces. */
export function connectionChannelOptions(options: GrpcConnectionOptions): ChannelOptions {
  const { maxConcurrentStreams = 1000, keepaliveTimeMs = 30_000 } = options;
  const { keepaliveTimeoutMs = 20_000, maxConnectionIdleMs = 300_000 } = options;
  check({ maxConcurrentStreams, keepaliveTimeMs, keepaliveTimeoutMs, maxConnectionIdleMs });
  return {
    ...(maxConcurrentStreams !== false && { 'grpc.max_concurrent_streams': maxConcurrentStreams }),
    ...(keepaliveTimeMs !== false && { 'grpc.keepalive_time_ms': keepaliveTimeMs }),
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
    ...(maxConnectionIdleMs !== false && { 'grpc.max_connection_idle_ms': maxConnectionIdleMs }),
  };
}

/** Those that {@link ServerConnections} enforces. */
export async function connectionLimits(options: GrpcConnectionOptions): Promise<GrpcConnectionLimits> {
  const { maxConnections = 10_000, handshakeTimeoutMs = 20_000 } = options;
  check({ maxConnections, handshakeTimeoutMs });
  const descriptors = (await descriptorLimit()) ?? Number.POSITIVE_INFINITY;
  return {
    maxConnections:
      maxConnections === false
        ? Number.POSITIVE_INFINITY
        : Math.min(maxConnections, Math.max(1, Math.floor(descriptors / 4))),
    handshakeTimeoutMs: handshakeTimeoutMs === false ? Number.POSITIVE_INFINITY : handshakeTimeoutMs,
  };
}

function check(limits: Readonly<Record<string, number | false>>): void {
  for (const [name, value] of Object.entries(limits)) {
    if (value === false || value > 0) continue;
    throw new ServingError('INVALID_ARGUMENT', `${name}: expected a positive number, or false, got ${value}`);
  }
}
