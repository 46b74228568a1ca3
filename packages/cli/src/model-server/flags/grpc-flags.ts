/** The flags of `tensorflow_model_server` for gRPC. */
import {
  addedFlag,
  boolFlag,
  type FlagTable,
  fileFlag,
  int64Flag,
  intFlag,
  limitFlag,
  stringFlag,
} from '@serving/engine/command';

export interface GrpcFlags {
  readonly port: number;
  readonly grpc_host: string;
  readonly grpc_socket_path: string;
  readonly ssl_config_file: string;
  readonly use_alts_credentials: boolean;
  readonly grpc_channel_arguments: string;
  readonly enable_grpc_healthcheck_service: boolean;
  readonly enable_grpc_reload_config: boolean;
  readonly allow_model_control: boolean;
  readonly enable_serialization_as_tensor_content: boolean;
  readonly max_filled_bytes: number;
  readonly grpc_max_inflated_bytes: number;
  readonly grpc_max_connections: number | false;
  readonly grpc_max_concurrent_streams: number | false;
  readonly grpc_handshake_timeout_ms: number | false;
  readonly grpc_keepalive_time_ms: number | false;
  readonly grpc_keepalive_timeout_ms: number;
  readonly grpc_max_connection_idle_ms: number | false;
}

export const grpcFlags: FlagTable<GrpcFlags> = {
  port: intFlag(8500, 'Port of the gRPC API; 0 turns it off.'),
  grpc_host: addedFlag(
    stringFlag(
      '127.0.0.1',
      'Address of the gRPC API: this machine only by default, :: for every interface, where TensorFlow Serving listens.',
    ),
  ),
  grpc_socket_path: stringFlag('', 'Unix socket on which the gRPC API is served too.'),
  ssl_config_file: fileFlag('File with an SSLConfig in text format: the gRPC API uses TLS.'),
  use_alts_credentials: boolFlag(
    false,
    'Whether gRPC uses ALTS, which is not supported: true ends the start with an error.',
  ),
  grpc_channel_arguments: stringFlag('', 'Options of the gRPC server, as key=value,key=value.'),
  enable_grpc_healthcheck_service: boolFlag(
    true,
    "Whether gRPC has the service grpc.health.v1.Health; TensorFlow Serving's default is false.",
  ),
  enable_grpc_reload_config: addedFlag(
    boolFlag(
      true,
      'Whether gRPC clients may replace the list of models (HandleReloadConfigRequest), as they always may in TensorFlow Serving.',
    ),
  ),
  allow_model_control: addedFlag(
    boolFlag(false, 'Whether clients of the Open Inference Protocol may load and unload models.'),
  ),
  enable_serialization_as_tensor_content: boolFlag(
    false,
    'Whether gRPC responses have the outputs of Predict as raw bytes.',
  ),
  max_filled_bytes: addedFlag(
    int64Flag(
      67108864,
      'Bytes that the tensors of a protobuf request, over gRPC or REST, may take beyond the values that it holds: a missing value repeats the last one. TensorFlow Serving has no limit.',
    ),
  ),
  grpc_max_inflated_bytes: addedFlag(
    int64Flag(
      67_108_864,
      'Bytes that a compressed gRPC request may inflate to; a larger one gets RESOURCE_EXHAUSTED. Others may have 2³¹−1 bytes.',
    ),
  ),
  grpc_max_connections: addedFlag(
    limitFlag(
      10_000,
      'gRPC connections at once, at most a quarter of the file descriptors that the process may open; false for any number.',
    ),
  ),
  grpc_max_concurrent_streams: addedFlag(
    limitFlag(1000, 'Calls at once on a gRPC connection, beyond which clients queue them; false for any number.'),
  ),
  grpc_handshake_timeout_ms: addedFlag(
    limitFlag(20_000, 'Milliseconds in which a gRPC connection must begin with TLS and HTTP/2; false for any time.'),
  ),
  grpc_keepalive_time_ms: addedFlag(
    limitFlag(30_000, 'Milliseconds between pings on gRPC connections; false sends none.'),
  ),
  grpc_keepalive_timeout_ms: addedFlag(
    intFlag(20_000, 'Milliseconds in which a gRPC client must answer a ping, after which its connection closes.'),
  ),
  grpc_max_connection_idle_ms: addedFlag(
    limitFlag(300_000, 'Milliseconds without a call after which a gRPC connection closes; false for any time.'),
  ),
};
