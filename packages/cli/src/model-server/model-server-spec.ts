/** What `tensorflow_model_server` takes. */
import type { CommandSpec } from '@serving/engine/command';
import {
  type ModelServerFlags,
  modelServerFlagGroups,
  modelServerFlags,
  namesWithoutEffect,
} from './model-server-flags.js';

export const modelServerSpec: CommandSpec<ModelServerFlags> = {
  name: '',
  summary: 'Serves models by REST and gRPC, with the flags of TensorFlow Serving, until it is stopped.',
  details: [
    'Flags are written --name=value or --name value; a bare --name is true. TensorFlow Serving does not have those "added here".',
  ],
  flags: modelServerFlags,
  flagGroups: modelServerFlagGroups,
  withoutEffect: namesWithoutEffect,
  foreignFlags: [
    {
      program: 'serving serve',
      flags: {
        batching: '--enable_batching',
        console: '--console_path=/console',
        grpc_port: '--port',
        host: '--rest_api_host and --grpc_host',
        poll_seconds: '--file_system_poll_wait_seconds',
        watch: '--file_system_poll_wait_seconds',
      },
    },
    {
      program: 'another server',
      flags: {
        http_port: '--rest_api_port',
        model: '--model_name=NAME --model_base_path=PATH',
        model_dir: '--model_base_path',
        model_path: '--model_base_path',
        model_repository: '--model_config_file',
        model_store: '--model_config_file',
        rest_port: '--rest_api_port',
      },
    },
  ],
  examples: [
    '--rest_api_port=8501 --model_name=digits --model_base_path=/models/digits',
    '--rest_api_port=8501 --model_config_file=models.config --enable_batching',
  ],
  exitCodes: [
    [0, 'stopped by SIGTERM or Ctrl+C, after the requests in flight'],
    [130, 'ended at once by a second Ctrl+C (143 by SIGTERM), or --shutdown_grace_seconds have passed'],
    [255, 'the start failed, or a value does not parse'],
  ],
};
