/** Limits of a server's connections, as its options have them. */
import { descriptorLimit, type OptionsTable, optionKinds } from '@serving/core/internal';
import type { TransportLimits } from '../transport/grpc-transport.js';
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

const connectionRows = {
  maxConnections: {
    ...optionKinds.positiveOrFalse,
    default: 10_000,
    meaning:
      "at once; at most a quarter of the process's file descriptors. A further connection takes the place of a silent one, of one that brought no call in a second, or of one without a call for 10 seconds; else it is closed",
  },
  maxConcurrentStreams: {
    ...optionKinds.positiveOrFalse,
    default: 1000,
    meaning: 'calls at once on a connection; clients queue further ones',
  },
  handshakeTimeoutMs: {
    ...optionKinds.positiveOrFalse,
    default: 20_000,
    meaning: 'in which a connection must begin with TLS and HTTP/2',
  },
  keepaliveTimeMs: {
    ...optionKinds.positiveOrFalse,
    default: 30_000,
    meaning: 'between pings, which find clients that are gone',
  },
  keepaliveTimeoutMs: { ...optionKinds.positive, default: 20_000, meaning: 'in which a client must answer a ping' },
  maxConnectionIdleMs: {
    ...optionKinds.positiveOrFalse,
    default: 300_000,
    meaning: 'without a call, after which a connection closes; clients connect again by themselves',
  },
} satisfies OptionsTable<GrpcConnectionOptions>;

/** The options by name. */
export const grpcConnectionOptions: OptionsTable<GrpcConnectionOptions> = connectionRows;

function limitOf<N extends keyof GrpcConnectionOptions>(options: GrpcConnectionOptions, name: N): number | false {
  return options[name] ?? connectionRows[name].default;
}

/** Those that the transport enforces. `false` has become infinite. */
export function sessionLimits(
  options: GrpcConnectionOptions,
): Pick<TransportLimits, 'maxConcurrentStreams' | 'keepaliveMs' | 'keepaliveTimeoutMs' | 'idleMs'> {
  return {
    maxConcurrentStreams: limitOf(options, 'maxConcurrentStreams') || Number.POSITIVE_INFINITY,
    keepaliveMs: limitOf(options, 'keepaliveTimeMs') || Number.POSITIVE_INFINITY,
    keepaliveTimeoutMs: options.keepaliveTimeoutMs ?? connectionRows.keepaliveTimeoutMs.default,
    idleMs: limitOf(options, 'maxConnectionIdleMs') || Number.POSITIVE_INFINITY,
  };
}

/** Those that {@link ServerConnections} enforces. `false` has become infinite. */
export async function connectionLimits(options: GrpcConnectionOptions): Promise<GrpcConnectionLimits> {
  const maxConnections = limitOf(options, 'maxConnections') || Number.POSITIVE_INFINITY;
  const handshakeTimeoutMs = limitOf(options, 'handshakeTimeoutMs') || Number.POSITIVE_INFINITY;
  const descriptors = (await descriptorLimit()) ?? Number.POSITIVE_INFINITY;
  const isLimited = maxConnections < Number.POSITIVE_INFINITY;
  const most = Math.max(1, Math.floor(descriptors / 4));
  return { maxConnections: isLimited ? Math.min(maxConnections, most) : maxConnections, handshakeTimeoutMs };
}
