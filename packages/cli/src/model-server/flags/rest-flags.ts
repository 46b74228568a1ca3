/** The flags of `tensorflow_model_server` for the REST API and what else its port serves: metrics, health, the console. */
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

export interface RestFlags {
  readonly rest_api_port: number;
  readonly rest_api_host: string;
  readonly rest_api_ssl_config_file: string;
  readonly rest_api_timeout_in_ms: number;
  readonly rest_api_enable_cors_support: boolean;
  readonly rest_api_list_models: boolean;
  readonly rest_api_health_path: string;
  readonly monitoring_config_file: string;
  readonly console_path: string;
  readonly console_actions: boolean;
  readonly rest_api_max_body_bytes: number;
  readonly rest_api_max_response_bytes: number;
  readonly rest_api_max_connections: number | false;
  readonly rest_api_max_unsent_bytes: number | false;
  readonly rest_api_keep_alive_timeout_ms: number | false;
  readonly rest_api_request_stall_timeout_ms: number | false;
  readonly rest_api_response_stall_timeout_ms: number | false;
}

export const restFlags: FlagTable<RestFlags> = {
  rest_api_port: intFlag(0, 'Port of the REST API; 0 turns it off. Must differ from --port.'),
  rest_api_host: addedFlag(
    stringFlag(
      '127.0.0.1',
      'Address of the REST API: this machine only by default, :: for every interface, where TensorFlow Serving listens.',
    ),
  ),
  rest_api_ssl_config_file: addedFlag(fileFlag('File with an SSLConfig in text format: the REST API uses TLS.')),
  rest_api_timeout_in_ms: intFlag(
    30000,
    'Milliseconds after which a REST request is answered with 504; 0 or less never.',
  ),
  rest_api_enable_cors_support: boolFlag(false, 'Whether pages of any origin may read responses.'),
  rest_api_list_models: addedFlag(
    boolFlag(false, 'Whether GET /v1/models lists the models, as it does with --console_path.'),
  ),
  rest_api_health_path: addedFlag(
    stringFlag(
      '',
      'Where REST has its health endpoints, such as /health: PATH/live, PATH/ready and PATH/ready/MODEL. Empty: none.',
    ),
  ),
  monitoring_config_file: fileFlag(
    'File with a MonitoringConfig in text format: turns the page for Prometheus on. Read when REST is on.',
  ),
  console_path: addedFlag(
    stringFlag('', 'Where the console for browsers is, such as /console, to which / leads then. Empty: no console.'),
  ),
  console_actions: addedFlag(
    boolFlag(false, 'Whether the console may poll, reload the configuration, move labels, load and unload models.'),
  ),
  rest_api_max_body_bytes: addedFlag(
    int64Flag(
      67108864,
      'Bytes that the body of a REST request may have; a larger one is answered with 413. TensorFlow Serving has no limit.',
    ),
  ),
  rest_api_max_response_bytes: addedFlag(
    int64Flag(
      268435456,
      'Bytes that the body of a REST response may have; a request for a larger one is answered with 400. TensorFlow Serving has no limit.',
    ),
  ),
  rest_api_max_connections: addedFlag(
    limitFlag(
      10_000,
      'Connections at once, at most half of the file descriptors that the process may open; a further one takes the place of the longest idle; false for any number.',
    ),
  ),
  rest_api_max_unsent_bytes: addedFlag(
    limitFlag(
      536_870_912,
      'Bytes of responses that clients have not read, of all connections together, beyond which the slowest are closed; false for any number.',
    ),
  ),
  rest_api_keep_alive_timeout_ms: addedFlag(
    limitFlag(
      75_000,
      'Milliseconds that a connection is kept for its next request: longer than a proxy in front keeps it; false for any time.',
    ),
  ),
  rest_api_request_stall_timeout_ms: addedFlag(
    limitFlag(
      30_000,
      'Milliseconds without a byte of a request after which it is answered with 408; false for any time.',
    ),
  ),
  rest_api_response_stall_timeout_ms: addedFlag(
    limitFlag(
      30_000,
      'Milliseconds in which a client reads no byte of its response, after which its connection closes; false for any time.',
    ),
  ),
};
