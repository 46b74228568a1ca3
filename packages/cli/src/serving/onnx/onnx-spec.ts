/** What `serving onnx` takes. */
import {
  boolFlag,
  type CommandSpec,
  fileFlag,
  floatFlag,
  intFlag,
  stringFlag,
  usualExitCodes,
} from '@serving/engine/command';
import { savedModelTagsFlag } from '../saved-model-tags-flag.js';

export interface OnnxFlags {
  readonly out: string;
  readonly signature_name: string;
  readonly embed_weights: boolean;
  readonly core: boolean;
  readonly stages: boolean;
  readonly verify: boolean;
  readonly seed: number;
  readonly absolute_tolerance: number;
  readonly relative_tolerance: number;
  readonly saved_model_tags: string;
}

export const onnxSpec: CommandSpec<OnnxFlags> = {
  name: 'onnx',
  summary:
    'Prints what the signatures compile to for ONNX Runtime, writes one as an ONNX model, compares it with TensorFlow.',
  operand: { name: 'MODEL_DIR', meaning: "is a version's folder, or a base path, whose latest version counts." },
  flags: {
    out: fileFlag('File to write: the model of a signature, its weights in FILE.data beside it.'),
    signature_name: stringFlag('', 'The signature; all when there is none, or serving_default for --out.'),
    embed_weights: boolFlag(false, 'Whether weights are part of the file, which may have 2 GB.'),
    core: boolFlag(false, 'Whether a file has only the numbers of a signature with stages in TypeScript.'),
    stages: boolFlag(false, 'Whether stages in TypeScript are written to FILE.stages.json, which browsers can run.'),
    verify: boolFlag(false, "Whether answers are compared with TensorFlow's first, for generated requests."),
    seed: intFlag(1, 'Chooses the requests that are compared.'),
    absolute_tolerance: floatFlag(1e-5, 'What floats may differ by, beside the relative tolerance.'),
    relative_tolerance: floatFlag(1e-4, 'What floats may differ by, as a share of the expected value.'),
    saved_model_tags: savedModelTagsFlag,
  },
  examples: ['onnx ./models/digits', 'onnx ./models/digits --out=model.onnx --verify'],
  exitCodes: [[0, 'success'], [1, 'failure: nothing compiles, or answers differ'], ...usualExitCodes.slice(2)],
};
