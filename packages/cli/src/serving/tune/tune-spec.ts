/** What `serving tune` takes. */
import {
  boolFlag,
  type CommandSpec,
  choiceFlag,
  fileFlag,
  floatFlag,
  intFlag,
  stringFlag,
  usualExitCodes,
} from '@serving/engine/command';

export interface TuneFlags {
  readonly seconds: number;
  readonly connections: number;
  readonly protocol: string;
  readonly engine: string;
  readonly goal: string;
  readonly rows: number;
  readonly signature_name: string;
  readonly data: string;
  readonly json: boolean;
}

export const tuneSpec: CommandSpec<TuneFlags> = {
  name: 'tune',
  summary: 'Measures a model in several configurations, and prints the best one: flags, files and TypeScript.',
  operand: { name: 'MODEL_DIR', meaning: "is a version's folder, or a base path, whose latest version counts." },
  flags: {
    seconds: floatFlag(
      60,
      'How long it takes, starts of servers included. Slow starts and requests take longer: each step has at least four rounds.',
    ),
    connections: intFlag(32, 'Requests at a time; each response is followed by the next request.'),
    protocol: choiceFlag('rest', ['rest', 'v2', 'v2-binary', 'grpc'], 'rest, v2 (JSON), v2-binary or grpc.'),
    engine: choiceFlag(
      'auto',
      ['auto', 'tensorflow', 'onnx'],
      'auto tries both engines; tensorflow or onnx, that one.',
    ),
    goal: choiceFlag(
      'throughput',
      ['throughput', 'p99', 'cpu'],
      'What is best: throughput (requests a second), p99 (latency) or cpu (processor time for a request; Linux).',
    ),
    rows: intFlag(1, 'Size of a free first dimension; other free dimensions are 1.'),
    signature_name: stringFlag('', 'The signature; the default one when there is none.'),
    data: fileFlag(
      "File with a body in JSON, or with a list of bodies that are sent in turn. Without it the Predict requests of the version's warm-up file are sent, if there are any, then requests made of the signature.",
    ),
    json: boolFlag(false, 'Whether the result is JSON.'),
  },
  examples: ['tune ./models/digits', 'tune ./models/digits --goal=p99 --connections=8'],
  exitCodes: usualExitCodes,
};
