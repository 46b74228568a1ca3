/** The options of a gRPC server. */
import type { ChannelOptions } from '@grpc/grpc-js';
import { ServingError } from '@serving/core';
import { checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';
import type { SslConfig } from '@serving/protos/config';
import { type ServingServicesOptions, servingServicesOptions } from '../add-serving-services.js';
import { type CompressedMessageLimits, DEFAULT_MAX_INFLATED_BYTES } from './compressed-message-limit.js';
import { type GrpcConnectionOptions, grpcConnectionOptions } from './connection-options.js';
import { checkSslConfig } from './server-credentials.js';
import { checkSocketPath } from './unix-socket.js';

/** What grpc-js can take. */
export const MAX_MESSAGE_BYTES: number = 2 ** 31 - 1;

/** Where to listen, what the services offer, and what clients may cost. */
export interface GrpcServerOptions extends ServingServicesOptions, GrpcConnectionOptions, CompressedMessageLimits {
  /** 0 lets the system choose. Absent: no TCP port; there has to be a `socketPath` then. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`: only this machine. `0.0.0.0` and `::` are every interface. */
  readonly host?: string;
  /**
   * Path of a unix socket to listen on too. A socket that is there is replaced, also one that another server listens on: it keeps its
   * connections, and new ones come here. Closing removes the path unless another server has replaced it in turn.
   */
  readonly socketPath?: string;
  /** TLS for every address. Default: none. */
  readonly ssl?: SslConfig;
  /**
   * Bytes that a request may have before it is answered with `RESOURCE_EXHAUSTED`. Default 2³¹−1, as in TensorFlow Serving. For
   * compressed requests `maxInflatedBytes` counts too.
   */
  readonly maxRequestBytes?: number;
  /** Further options of grpc-js, such as `grpc.max_concurrent_streams`. They win. */
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
  ssl: {
    ...optionKinds.object('`SslConfig`', 'an object with serverKey and serverCert'),
    default: 'none',
    meaning: 'TLS: `serverKey`, `serverCert`, `customCa`, `clientVerify`',
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
    meaning: 'they win',
  },
};

/** Every option of `GrpcServer.listen`. */
const grpcServerOptions: OptionsTable<GrpcServerOptions> = { ...servingServicesOptions, ...grpcListenOptions };

/** @throws ServingError as `GrpcServer.listen`, but for addresses that can't be listened on. */
export async function checkGrpcServerOptions(options: GrpcServerOptions): Promise<void> {
  checkOptions(options, grpcServerOptions, 'GrpcServer.listen()');
  const { port, socketPath, ssl } = options;
  if (port === undefined && socketPath === undefined) {
    throw new ServingError('INVALID_ARGUMENT', 'gRPC needs a port or a socketPath to listen on');
  }
  if (ssl) checkSslConfig(ssl);
  if (socketPath !== undefined) await checkSocketPath(socketPath);
}
