/** The commands of `saved_model_cli`: what they take. Names are those of TensorFlow's tool. */
import {
  boolFlag,
  type CommandSpec,
  type FlagTable,
  folderFlag,
  type ProgramSpec,
  stringFlag,
  usualExitCodes,
} from '@serving/engine/command';

/** Values by flag. */
export interface SavedModelCliValues {
  readonly dir: string;
  readonly all: boolean;
  readonly tag_set: string;
  readonly signature_def: string;
  readonly list_ops: boolean;
  readonly inputs: string;
  readonly input_exprs: string;
  readonly input_examples: string;
  readonly outdir: string;
  readonly overwrite: boolean;
  readonly op_denylist: string;
  readonly use_tfrt: boolean;
}

/** All flags. Those of a command are in its `flags`. */
export const savedModelCliFlags: FlagTable<SavedModelCliValues> = {
  dir: folderFlag('Folder of the SavedModel, the one with saved_model.pb.'),
  all: boolFlag(false, 'Show everything.'),
  tag_set: stringFlag('', 'Tags of a meta graph, separated by commas.'),
  signature_def: stringFlag('', 'Key of a signature.'),
  list_ops: boolFlag(false, 'Show the operations of the meta graph.'),
  inputs: stringFlag('', "'KEY=FILE' or 'KEY=FILE[VARIABLE]', separated by semicolons; .npy and .npz files."),
  input_exprs: stringFlag('', "'KEY=EXPRESSION', separated by semicolons; Python literals and functions of np."),
  input_examples: stringFlag('', `'KEY=[{"feature":[values]}]', separated by semicolons; tf.Examples.`),
  outdir: folderFlag('Folder to save the outputs to, as KEY.npy.'),
  overwrite: boolFlag(false, 'Replace output files that are there already.'),
  op_denylist: stringFlag('', 'Operations to look for, separated by commas. Default: WriteFile,ReadFile,PrintV2.'),
  use_tfrt: boolFlag(false, 'Accepted; without effect.'),
};

const { dir, all, tag_set, signature_def, list_ops, inputs, input_exprs, input_examples } = savedModelCliFlags;
const { outdir, overwrite, op_denylist, use_tfrt } = savedModelCliFlags;
const example = '/models/half_plus_two/123';

const show: CommandSpec = {
  name: 'show',
  summary: 'Prints what a SavedModel has: tag-sets, signatures, inputs and outputs.',
  flags: { dir, all, tag_set, signature_def, list_ops },
  required: ['dir'],
  examples: [`show --dir ${example} --all`, `show --dir ${example} --tag_set serve --signature_def serving_default`],
  exitCodes: usualExitCodes,
};

const run: CommandSpec = {
  name: 'run',
  summary: 'Runs a signature once.',
  flags: { dir, tag_set, signature_def, inputs, input_exprs, input_examples, outdir, overwrite, use_tfrt },
  required: ['dir', 'tag_set', 'signature_def'],
  examples: [`run --dir ${example} --tag_set serve --signature_def serving_default --input_exprs 'x=[1.0]'`],
  exitCodes: usualExitCodes,
};

const scan: CommandSpec = {
  name: 'scan',
  summary: 'Looks for operations that reach outside of the graph.',
  flags: { dir, tag_set, op_denylist },
  required: ['dir'],
  examples: [`scan --dir ${example}`],
  exitCodes: usualExitCodes,
};

export const savedModelCliProgram: ProgramSpec = {
  name: 'saved_model_cli',
  summary: "Shows, runs and scans SavedModels as TensorFlow's own tool does, without Python.",
  commands: [show, run, scan],
  exitCodes: usualExitCodes,
};
