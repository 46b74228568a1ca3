/** What `serving bench` takes. */
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
import { engineChoices } from '../../model-server/engine-choices.js';

export interface BenchFlags {
  readonly protocol: string;
  readonly connections: number;
  readonly rate: number;
  readonly seconds: number;
  readonly warmup_seconds: number;
  readonly requests: number;
  readonly rows: number;
  readonly signature_name: string;
  readonly data: string;
  readonly engine: string;
  readonly pid: number;
  readonly json: boolean;
}

export const benchSpec: CommandSpec<BenchFlags> = {
  name: 'bench',
  summary: 'Measures a model: requests a second, percentiles, processor time.',
  operand: {
    name: 'URL|FOLDER',
    meaning:
      'is http://HOST:PORT/v1/models/NAME or /v2/models/NAME, or the folder of a model, which gets a server of its own.',
  },
  flags: {
    protocol: choiceFlag(
      '',
      ['rest', 'v2', 'v2-binary', 'grpc'],
      'rest, v2 (JSON), v2-binary or grpc; that of the URL when there is none. For grpc the URL has the port of gRPC.',
    ),
    connections: intFlag(
      8,
      'Requests at a time; each response is followed by the next request. Over gRPC eight share a connection.',
    ),
    rate: floatFlag(0, 'Requests a second instead, whether the ones before are answered or not; 0 is none.'),
    seconds: floatFlag(10, 'How long it measures.'),
    warmup_seconds: floatFlag(2, 'How long it sends requests before.'),
    requests: intFlag(0, 'Requests to measure at most; 0 is any number.'),
    rows: intFlag(1, 'Size of a free first dimension; other free dimensions are 1.'),
    signature_name: stringFlag('', 'The signature; the default one when there is none.'),
    data: fileFlag('File with a body in JSON to send, or a list of them, in place of example data.'),
    engine: choiceFlag('auto', engineChoices, 'What runs a SavedModel of a folder.'),
    pid: intFlag(0, "The server's process, whose processor time is printed (on Linux); 0 is none."),
    json: boolFlag(false, 'Whether the result is JSON.'),
  },
  examples: ['bench ./models/digits', 'bench http://localhost:8501/v1/models/digits --rate=200 --rows=8'],
  exitCodes: [[0, 'success'], [1, 'failure, or every request failed'], ...usualExitCodes.slice(2)],
};
