/** `saved_model_cli`: shows, runs and scans SavedModels as TensorFlow's own tool does. */
import { ServingError } from '@serving/core';
import { localPath } from '@serving/core/extend';
import type { SavedModelRuntime } from '@serving/engine';
import type { Output } from '@serving/engine/command';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { boolFlag, type Flag, parseFlags, stringFlag } from '../flags/flags.js';
import { packageVersion } from '../package-version.js';
import { run } from './run.js';
import { SavedModelCliError } from './saved-model-cli-error.js';
import { scan } from './scan.js';
import { show } from './show.js';

/** For those who run the command inside their own program. */
export interface SavedModelCliOptions {
  /** Makes what `run` runs on; the command closes it. Default: TensorFlow's library. */
  readonly createRuntime?: () => SavedModelRuntime;
}

const FAILURE = 1;
const WRONG_USAGE = 2;

const flagTable = {
  dir: stringFlag('', 'Folder of the SavedModel, the one with saved_model.pb.'),
  all: boolFlag(false, 'Show everything.'),
  tag_set: stringFlag('', 'Tags of a meta graph, separated by commas.'),
  signature_def: stringFlag('', 'Key of a signature.'),
  list_ops: boolFlag(false, 'Show the operations of the meta graph.'),
  inputs: stringFlag('', "'KEY=FILE' or 'KEY=FILE[VARIABLE]', separated by semicolons; .npy and .npz files."),
  input_exprs: stringFlag('', "'KEY=EXPRESSION', separated by semicolons; Python literals and functions of np."),
  input_examples: stringFlag('', `'KEY=[{"feature":[values]}]', separated by semicolons; tf.Examples.`),
  outdir: stringFlag('', 'Folder to save the outputs to, as KEY.npy.'),
  overwrite: boolFlag(false, 'Replace output files that are there already.'),
  op_denylist: stringFlag('', 'Operations to look for, separated by commas; default WriteFile,ReadFile,PrintV2.'),
  use_tfrt: boolFlag(false, 'Accepted; without effect.'),
} satisfies Readonly<Record<string, Flag<unknown>>>;
type FlagName = keyof typeof flagTable;
type Values = { [Name in FlagName]: (typeof flagTable)[Name]['default'] };

const commands = {
  show: {
    about: 'Tells what a SavedModel has.',
    required: ['dir'],
    flags: ['dir', 'all', 'tag_set', 'signature_def', 'list_ops'],
  },
  run: {
    about: 'Runs a signature once.',
    required: ['dir', 'tag_set', 'signature_def'],
    flags: [
      'dir',
      'tag_set',
      'signature_def',
      'inputs',
      'input_exprs',
      'input_examples',
      'outdir',
      'overwrite',
      'use_tfrt',
    ],
  },
  scan: {
    about: 'Looks for operations that reach outside of the graph.',
    required: ['dir'],
    flags: ['dir', 'tag_set', 'op_denylist'],
  },
} as const satisfies Readonly<
  Record<string, { about: string; required: readonly FlagName[]; flags: readonly FlagName[] }>
>;

/** Commands of TensorFlow's tool that compile or convert graphs. */
const elsewhere: ReadonlySet<string> = new Set(['convert', 'freeze_model', 'aot_compile_cpu']);

/**
 * Runs a command to its end and gives its exit code: 0, 1 when it failed, 2 for a command line that isn't understood.
 * Errors print as the last line of what TensorFlow's tool prints.
 */
export async function runSavedModelCli(
  argv: readonly string[],
  output: Output,
  { createRuntime = tensorflowRuntime }: SavedModelCliOptions = {},
): Promise<number> {
  const [command, ...rest] = argv;
  if (command === '-v' || command === '--version') {
    output.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  if (command === '-h' || command === '--help' || rest.includes('-h') || rest.includes('--help')) {
    output.stdout.write(usage());
    return 0;
  }
  if (command === undefined) return wrongUsage(output, 'Too few arguments.');
  if (elsewhere.has(command))
    return wrongUsage(output, `${command} is not here; TensorFlow's own saved_model_cli has it.`);
  if (command !== 'show' && command !== 'run' && command !== 'scan') {
    return wrongUsage(output, `invalid choice: '${command}' (choose from 'show', 'run', 'scan')`);
  }
  const { values, given, unknown, invalid } = parseFlags<Values>(flagTable, rest.map(withoutNo));
  const { required, flags } = commands[command];
  const wrong = [
    ...unknown,
    ...invalid,
    ...[...given].filter((name) => !isOneOf(name, flags)).map((name) => `--${name}`),
  ];
  if (wrong.length > 0) return wrongUsage(output, `unrecognized arguments: ${wrong.join(' ')}`);
  for (const name of required) {
    if (!given.has(name))
      return wrongUsage(output, `flag --${name}=None: Flag --${name} must have a value other than None.`);
  }
  try {
    await start(command, values, given, output, createRuntime);
    return 0;
  } catch (error) {
    const { name, message } = error instanceof SavedModelCliError ? error : asServingError(error);
    output.stderr.write(`${name}: ${message}\n`);
    return FAILURE;
  }
}

async function start(
  command: keyof typeof commands,
  values: Values,
  given: ReadonlySet<string>,
  { stdout, stderr }: Output,
  createRuntime: () => SavedModelRuntime,
): Promise<void> {
  const print = (text: string): unknown => stdout.write(text);
  const ifGiven = (name: 'tag_set' | 'signature_def' | 'op_denylist' | 'outdir'): string | undefined =>
    given.has(name) ? values[name] : undefined;
  const dir = localPath(values.dir);
  if (command === 'show') {
    const { all, list_ops: listOps } = values;
    return show({ dir, all, listOps, tagSet: ifGiven('tag_set'), signatureDef: ifGiven('signature_def') }, print);
  }
  if (command === 'scan') return scan({ dir, tagSet: ifGiven('tag_set'), opDenylist: ifGiven('op_denylist') }, print);
  const runtime = createRuntime();
  try {
    await run(
      {
        dir,
        tagSet: values.tag_set,
        signatureDef: values.signature_def,
        inputs: values.inputs,
        inputExprs: values.input_exprs,
        inputExamples: values.input_examples,
        outdir: ifGiven('outdir') || undefined,
        overwrite: values.overwrite,
      },
      { print, warn: (line) => stderr.write(`WARNING: ${line}\n`), runtime },
    );
  } finally {
    await runtime.close?.();
  }
}

/** `--noall` is another form of `--all=false`. */
function withoutNo(argument: string): string {
  const name = /^--no(all|list_ops|overwrite|use_tfrt)$/.exec(argument)?.[1];
  return name === undefined ? argument : `--${name}=false`;
}

function isOneOf(name: string, names: readonly string[]): boolean {
  return names.includes(name);
}

function asServingError(error: unknown): { name: string; message: string } {
  const { code, message } = ServingError.from(error);
  return { name: code, message };
}

function wrongUsage({ stderr }: Output, problem: string): number {
  stderr.write(`${usage()}\nsaved_model_cli: error: ${problem}\n`);
  return WRONG_USAGE;
}

function usage(): string {
  const sections = Object.entries(commands).map(([command, { about, flags }]) => {
    const lines = flags.map((name) => `    --${name.padEnd(15)} ${flagTable[name].usage}`);
    return `  ${command}: ${about}\n${lines.join('\n')}\n`;
  });
  return `usage: saved_model_cli <command> [flags]\n\n${sections.join('\n')}\n  --help     Prints this text.\n  --version  Prints the version.\n`;
}
