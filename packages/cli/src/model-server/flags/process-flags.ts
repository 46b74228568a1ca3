/** The flags of `tensorflow_model_server` for the process: what it prints, its serving threads, its shutdown. */
import { addedFlag, boolFlag, type FlagTable, intFlag, limitFlag } from '@serving/engine/command';
import { logFormatFlag } from '../log-format-flag.js';

export interface ProcessFlags {
  readonly help: boolean;
  readonly version: boolean;
  readonly log_format: string;
  readonly serving_threads: number;
  readonly rest_api_num_threads: number;
  readonly grpc_max_threads: number;
  readonly drain_delay_ms: number | false;
  readonly shutdown_grace_seconds: number | false;
}

export const processFlags: FlagTable<ProcessFlags> = {
  help: boolFlag(false, 'Prints this text.'),
  version: boolFlag(false, 'Prints the versions of this server and of TensorFlow.'),
  log_format: addedFlag(logFormatFlag),
  serving_threads: addedFlag(
    intFlag(0, 'Threads that serve each API, with one copy of the models; 0 is one per processor.'),
  ),
  rest_api_num_threads: intFlag(
    0,
    'Threads of the REST API: lowers --serving_threads, and never raises it; 0 leaves it.',
  ),
  grpc_max_threads: intFlag(0, 'Threads of the gRPC API: lowers --serving_threads, and never raises it; 0 leaves it.'),
  drain_delay_ms: addedFlag(
    limitFlag(
      1000,
      'Milliseconds that a server goes on answering after SIGTERM, with readiness false and "Connection: close", before it stops listening; false skips that.',
    ),
  ),
  shutdown_grace_seconds: addedFlag(
    limitFlag(
      25,
      'Seconds after SIGTERM when requests in flight are cancelled and the process ends; false waits for them.',
    ),
  ),
};
