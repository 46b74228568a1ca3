/** The options of a gRPC server. */
import type { ChannelOptions } from '@grpc/grpc-js';
import { ServingError } from '@serving/core';
import { checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';
import { type ServingServicesOptions, servingServicesOptions } from '../add-serving-services.js';
import { type CompressedMessageLimits, DEFAULT_MAX_INFLATED_BYTES } from './compressed-message-limit.js';
import { type GrpcConnectionOptions, grpcConnectionOptions } from './connection-options.js';
import { checkSslConfig, type GrpcTlsOptions } from './server-credentials.js';
import { checkSocketPath } from './unix-socket.js';

/** What gRPC's framing can take, as TensorFlow Serving limits it. */
export const MAX_MESSAGE_BYTES: number = 2 ** 31 - 1;

/** Where to listen, what the services offer, and what clients may cost. */
export interface GrpcServerOptions extends ServingServicesOptions, GrpcConnectionOptions, CompressedMessageLimits {
  /** 0 lets the system choose. Absent: no TCP port; there has to be a `socketPath` or an `fd` then. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`: only this machine. `0.0.0.0` and `::` are every interface. */
  readonly host?: string;
  /**
   * Path of a unix socket to listen on too. A socket that is there is replaced, also one that another server listens on: it keeps its
   * connections, and new ones come here. Closing removes the path unless another server has replaced it in turn.
   */
  readonly socketPath?: string;
  /**
   * Descriptor of a listening socket that the process has been given. The server closes it when it closes. Default: none.
   */
  readonly fd?: number;
  /**
   * Threads that serve, all with the same loaded models. A connection stays in one of them: new ones go where the fewest are. `auto` is
   * one per processor, or one on Windows and for platforms whose models run in one thread only. Default: 1, the thread that listens.
   */
  readonly threads?: number | 'auto';
  /** TLS for every address. Default: none. */
  readonly ssl?: GrpcTlsOptions;
  /**
   * Bytes that a request may have before it is answered with `RESOURCE_EXHAUSTED`. Default 2³¹−1, as in TensorFlow Serving. For
   * compressed requests `maxInflatedBytes` counts too.
   */
  readonly maxRequestBytes?: number;
  /**
   * Options of grpc-js, which win over the others. Those that count: `grpc.max_concurrent_streams`, `grpc.max_receive_message_length`,
   * `grpc.max_send_message_length`, `grpc.keepalive_time_ms`, `grpc.keepalive_timeout_ms`, `grpc.max_connection_idle_ms`,
   * `grpc.max_connection_age_ms`, `grpc.max_connection_age_grace_ms` and `grpc-node.max_session_memory`. Others are ignored.
   */
  readonly channelOptions?: ChannelOptions;
}

type ListenOptions = Omit<GrpcServerOptions, keyof ServingServicesOptions>;

/** The options of `GrpcServer.listen` beside those of the services. */
export const grpcListenOptions: OptionsTable<ListenOptions> = {
  port: { ...optionKinds.port, default: 'no TCP port', meaning: '0 lets the system choose' },
  host: { ...optionKinds.text, default: '`127.0.0.1`', meaning: '`::` is every interface' },
  socketPath: {
    ...optionKinds.text,
    default: 'none',
    meaning: 'a unix socket; one that is there is replaced, also when another server listens on it',
  },
  fd: {
    ...optionKinds.fromZero,
    default: 'none',
    meaning: 'the descriptor of a listening socket that the process has been given',
  },
  threads: {
    ...optionKinds.threads,
    default: 1,
    meaning:
      '[serving threads](../guides/deployment.md#serving-threads), with one loaded model; `auto` is one per processor',
  },
  ssl: {
    ...optionKinds.object('[below](#grpc-tls)', 'an object with serverKey and serverCert'),
    default: 'none',
    meaning: 'TLS for every address',
  },
  maxRequestBytes: {
    ...optionKinds.positive,
    default: '2³¹−1',
    meaning: 'a larger request gets `RESOURCE_EXHAUSTED`',
  },
  maxInflatedBytes: {
    ...optionKinds.fromZero,
    default: DEFAULT_MAX_INFLATED_BYTES,
    meaning: 'what a compressed request may inflate to; a larger one gets `RESOURCE_EXHAUSTED`',
  },
  ...grpcConnectionOptions,
  channelOptions: {
    ...optionKinds.object('options of grpc-js', 'an object with options of grpc-js'),
    default: 'none',
    meaning: 'they win; those that the server does not know are ignored ([list](grpc.md#a-server-of-its-own))',
  },
};

/** Every option of `GrpcServer.listen`. */
const grpcServerOptions: OptionsTable<GrpcServerOptions> = { ...servingServicesOptions, ...grpcListenOptions };

/** Those of the services alone. */
export function servicesOptions(options: GrpcServerOptions): ServingServicesOptions {
  const names = new Set(Object.keys(servingServicesOptions));
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.has(name)));
}

/** @throws ServingError as `GrpcServer.listen`, but for addresses that can't be listened on. */
export async function checkGrpcServerOptions(options: GrpcServerOptions): Promise<void> {
  checkOptions(options, grpcServerOptions, 'GrpcServer.listen()');
  const { port, socketPath, fd, ssl } = options;
  if (port === undefined && socketPath === undefined && fd === undefined) {
    throw new ServingError('INVALID_ARGUMENT', 'gRPC needs a port or a socketPath to listen on');
  }
  if (ssl) checkSslConfig(ssl);
  if (socketPath !== undefined) await checkSocketPath(socketPath);
}
