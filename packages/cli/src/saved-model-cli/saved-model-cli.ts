/** `saved_model_cli`: shows, runs and scans SavedModels as TensorFlow's own tool does. */
import { localPath } from '@serving/core/extend';
import { nearestName, printableLine, ServingError } from '@serving/core/portable';
import type { SavedModelRuntime } from '@serving/engine';
import {
  asksForHelp,
  commandHelp,
  flagsOf,
  type Output,
  parseFlags,
  programHelp,
  usageLine,
} from '@serving/engine/command';
import { packageVersion } from '../package-version.js';
import { SavedModelCliError } from './saved-model-cli-error.js';
import { type SavedModelCliValues, savedModelCliFlags, savedModelCliProgram } from './saved-model-cli-program.js';

/** For those who run the command inside their own program. */
export interface SavedModelCliOptions {
  /** Makes what `run` runs on; the command closes it. Default: TensorFlow's library. */
  readonly createRuntime?: () => SavedModelRuntime;
}

const FAILURE = 1;
const WRONG_USAGE = 2;

type CommandName = 'show' | 'run' | 'scan';

/** Commands of TensorFlow's tool that compile or convert graphs. */
const elsewhere: ReadonlySet<string> = new Set(['convert', 'freeze_model', 'aot_compile_cpu']);

/**
 * Runs a command to its end and gives its exit code: 0, 1 when it failed, 2 for a command line that isn't understood.
 * Errors print as the last line of what TensorFlow's tool prints.
 */
export async function runSavedModelCli(
  argv: readonly string[],
  output: Output,
  { createRuntime }: SavedModelCliOptions = {},
): Promise<number> {
  const [command, ...rest] = argv;
  if (command === '-v' || command === '--version') {
    output.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  if (command === '-h' || command === '--help') {
    output.stdout.write(programHelp(savedModelCliProgram));
    return 0;
  }
  const { name: program, commands } = savedModelCliProgram;
  const spec = commands.find(({ name }) => name === command);
  if (spec === undefined) {
    const wrong = (problem: string): number => wrongUsage(output, `${program} COMMAND [flags]`, problem);
    if (command === undefined) return wrong('Too few arguments.');
    if (elsewhere.has(command)) return wrong(`${command} is not here; TensorFlow's own saved_model_cli has it.`);
    const names = commands.map(({ name }) => name);
    const near = nearestName(command, names);
    const choices = names.map((name) => `'${name}'`).join(', ');
    return wrong(
      `invalid choice: '${command}' (choose from ${choices})${near === undefined ? '' : `; did you mean ${near}?`}`,
    );
  }
  if (asksForHelp(rest)) {
    output.stdout.write(commandHelp(program, spec));
    return 0;
  }
  const wrong = (problem: string): number => wrongUsage(output, usageLine(program, spec), problem);
  const { values, given, unknown, invalid } = parseFlags<SavedModelCliValues>(savedModelCliFlags, rest.map(withoutNo));
  const flags = flagsOf(spec);
  const unrecognized = [
    ...unknown,
    ...invalid,
    ...[...given].filter((name) => !flags.has(name)).map((name) => `--${name}`),
  ];
  if (unrecognized.length > 0) {
    const near = nearestName((unrecognized[0] ?? '').replace(/^--|=.*/gs, ''), [...flags.keys()]);
    const suggestion = near === undefined || given.has(near) ? '' : ` (did you mean --${near}?)`;
    return wrong(`unrecognized arguments: ${unrecognized.join(' ')}${suggestion}`);
  }
  for (const name of spec.required ?? []) {
    if (!given.has(name)) return wrong(`flag --${name}=None: Flag --${name} must have a value other than None.`);
  }
  try {
    await start(command as CommandName, values, given, output, createRuntime);
    return 0;
  } catch (error) {
    const { name, message } = error instanceof SavedModelCliError ? error : asServingError(error);
    output.stderr.write(`${name}: ${message}\n`);
    return FAILURE;
  }
}

async function start(
  command: CommandName,
  values: SavedModelCliValues,
  given: ReadonlySet<string>,
  { stdout, stderr }: Output,
  createRuntime: SavedModelCliOptions['createRuntime'],
): Promise<void> {
  const print = (text: string): unknown => stdout.write(text);
  const ifGiven = (name: 'tag_set' | 'signature_def' | 'op_denylist' | 'outdir'): string | undefined =>
    given.has(name) ? values[name] : undefined;
  const dir = localPath(values.dir);
  if (command === 'show') {
    const { all, list_ops: listOps } = values;
    const { show } = await import('./show.js');
    return show({ dir, all, listOps, tagSet: ifGiven('tag_set'), signatureDef: ifGiven('signature_def') }, print);
  }
  if (command === 'scan') {
    const { scan } = await import('./scan.js');
    return scan({ dir, tagSet: ifGiven('tag_set'), opDenylist: ifGiven('op_denylist') }, print);
  }
  const { run } = await import('./run.js');
  const runtime = createRuntime ? createRuntime() : await createTensorFlowRuntime();
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

/** The engine is loaded for `run` alone. */
async function createTensorFlowRuntime(): Promise<SavedModelRuntime> {
  const { tensorflowRuntime } = await import('@serving/runtime-tensorflow');
  return tensorflowRuntime();
}

function asServingError(error: unknown): { name: string; message: string } {
  const { code, message } = ServingError.from(error);
  return { name: code, message };
}

function wrongUsage({ stderr }: Output, usage: string, problem: string): number {
  stderr.write(`usage: ${usage}\nsaved_model_cli: error: ${printableLine(problem)}\n`);
  return WRONG_USAGE;
}
