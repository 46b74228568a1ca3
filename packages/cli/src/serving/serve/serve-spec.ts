/** What `serving serve` takes. */
import { boolFlag, type CommandSpec, choiceFlag, intFlag, negatableFlag, stringFlag } from '@serving/engine/command';
import { engineChoices } from '../../model-server/engine-choices.js';
import { logFormatFlag } from '../../model-server/log-format-flag.js';

export interface ServeFlags {
  readonly port: number;
  readonly grpc_port: number;
  readonly host: string;
  readonly engine: string;
  readonly console: boolean;
  readonly console_actions: boolean;
  readonly watch: boolean;
  readonly poll_seconds: number;
  readonly batching: boolean;
  readonly log_format: string;
}

export const serveSpec: CommandSpec<ServeFlags> = {
  name: 'serve',
  summary: 'Serves the models of a folder by REST and gRPC, with a console for browsers, until it is stopped.',
  operand: {
    name: 'FOLDER',
    meaning:
      'holds NAME/VERSION/saved_model.pb or NAME/VERSION/model.onnx; the base path of one model, or one version, will do.',
  },
  flags: {
    port: intFlag(8501, 'Port of REST and the console.'),
    grpc_port: intFlag(8500, 'Port of gRPC; 0 turns it off.'),
    host: stringFlag('127.0.0.1', 'Address to listen on; :: is every interface.'),
    engine: choiceFlag('auto', engineChoices, 'What runs SavedModels: auto, onnx, tensorflow or tfjs-node.'),
    console: negatableFlag('Whether there is a console.'),
    console_actions: boolFlag(false, 'Whether the console may poll, move labels, load and unload models.'),
    watch: negatableFlag('Whether models and versions that come or go are noticed.'),
    poll_seconds: intFlag(2, 'Seconds between polls of the folder.'),
    batching: boolFlag(false, 'Whether requests are merged into batches.'),
    log_format: logFormatFlag,
  },
  foreignFlags: [
    {
      program: 'tensorflow_model_server',
      flags: {
        rest_api_port: '--port',
        rest_api_host: '--host',
        grpc_host: '--host',
        model_base_path: 'serving serve FOLDER',
        model_name: 'serving serve FOLDER, where folders name models',
        model_config_file: 'serving serve FOLDER',
        console_path: '--console',
        enable_batching: '--batching',
        file_system_poll_wait_seconds: '--poll_seconds',
      },
    },
    { program: 'tritonserver', flags: { http_port: '--port', model_repository: 'serving serve FOLDER' } },
  ],
  examples: ['serve ./models', 'serve ./models/digits --port=8080 --no-console'],
  exitCodes: [
    [0, 'stopped by Ctrl+C or SIGTERM, after the requests in flight'],
    [1, 'the start failed, or requests in flight were given up'],
    [2, 'wrong command line'],
    [130, 'ended at once by a second Ctrl+C (143 by a second SIGTERM)'],
  ],
};
