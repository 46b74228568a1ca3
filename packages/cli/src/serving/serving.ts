/** `serving`: brings TensorFlow's library, tells what is there, and writes warm-up files, types, clients and ONNX models. */
import { ServingError } from '@serving/core';
import { printableLine } from '@serving/core/extend';
import { type EngineCommandOptions, engineCommandsUsage, type Output, runEngineCommand } from '@serving/engine/command';
import { writeWarmupRecords } from '@serving/savedmodel';
import { type FlagTable, parseFlags, stringFlag } from '../flags/flags.js';
import { readText } from '../model-server/config-files.js';
import { packageVersion } from '../package-version.js';
import { type GenClientFlags, genClient, genClientFlags } from './clients/gen-client-command.js';
import { type TypesFlags, types, typesFlags } from './clients/types-command.js';
import { type OnnxFlags, onnx, onnxFlags } from './onnx/onnx-command.js';

/** For those who run the command inside their own program, or a test: what `install` and `doctor` work with. */
export type ServingCommandOptions = Omit<EngineCommandOptions, 'program'>;

const USAGE = `usage: serving <command>

${engineCommandsUsage}
  warmup     Writes a version's assets.extra/tf_serving_warmup_requests from requests in JSON.
             --model_dir=DIR      the version's folder, the one with saved_model.pb
             --requests=FILE      a list of REST bodies: [{"instances": [...]}, {"method": "classify", "examples": [...]}]
             --saved_model_tags=serve  the tags of the meta graph

  types MODEL_DIR       Writes a TypeScript module with the types of a model's signatures, and typed calls in process and over REST.
             MODEL_DIR is a version's folder, or a base path, whose latest version counts.
             --name=NAME          the model's name; that of its folder when there is none
             --out=FILE           where to; stdout when there is none. A .d.ts has no functions
             --saved_model_tags=serve  the tags of the meta graph

  gen-client MODEL_DIR|URL  Writes a client with example data that runs as it is. URL is http://HOST:PORT/v1/models/NAME.
             --language=LANGUAGE  typescript, python or bash
             --signature_name=NAME  the signature to ask; serving_default, or the first, when there is none
             --name, --out, --saved_model_tags  as above

  onnx MODEL_DIR        Tells what the signatures compile to for ONNX Runtime: models, stages in TypeScript, or why they can't.
             --out=FILE           writes the model of a signature, its weights into FILE.data beside it
             --signature_name=NAME  the signature; all when there is none, or serving_default for --out
             --embed_weights=false  whether the weights are part of FILE
             --verify=false       whether answers are compared with TensorFlow's, for generated requests; exits with 1 when they differ
             --seed=1             chooses the requests
             --absolute_tolerance=1e-5, --relative_tolerance=1e-4  what floats may differ by: absolute + relative * |expected|
             --core=false         whether FILE has only the numbers of a signature with stages in TypeScript
             --saved_model_tags=serve  the tags of the meta graph

  --help     Prints this text.
  --version  Prints the version.
`;
const FAILURE = 1;
const WRONG_USAGE = 2;

/** Runs a command to its end and gives its exit code: 0, 1 when it failed, 2 for a command line that isn't understood. */
export async function runServing(
  argv: readonly string[],
  output: Output,
  options: ServingCommandOptions = {},
): Promise<number> {
  const [command, ...rest] = argv;
  if (command === '--help' || command === '-h' || rest.includes('--help') || rest.includes('-h')) {
    output.stdout.write(USAGE);
    return 0;
  }
  if (command === '--version') {
    output.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  if (command === 'install' || command === 'doctor') {
    return runEngineCommand(argv, output, { origin: import.meta.url, ...options, program: 'serving' });
  }
  if (command === 'warmup') {
    const { values, unknown, invalid } = parseFlags<WarmupFlags>(warmupFlags, rest);
    const isComplete = values.model_dir !== '' && values.requests !== '';
    if (isComplete && unknown.length === 0 && invalid.length === 0) return warmup(values, output);
  }
  if (command === 'types') {
    const { values, operand } = parseWithOperand<TypesFlags>(typesFlags, rest);
    if (operand !== undefined) return types(operand, values, output);
  }
  if (command === 'gen-client') {
    const { values, operand } = parseWithOperand<GenClientFlags>(genClientFlags, rest);
    if (operand !== undefined && values.language !== '') return genClient(operand, values, output, options.signal);
  }
  if (command === 'onnx') {
    const { values, operand } = parseWithOperand<OnnxFlags>(onnxFlags, rest);
    if (operand !== undefined) return onnx(operand, values, output, options.library?.findLibrary);
  }
  output.stderr.write(command === undefined ? USAGE : `serving: unknown command "${argv.join(' ')}"\n\n${USAGE}`);
  return WRONG_USAGE;
}

/** Flags and one argument beside them, which is `undefined` when the command line isn't understood. */
function parseWithOperand<Values extends object>(
  table: FlagTable<Values>,
  argv: readonly string[],
): { values: Values; operand: string | undefined } {
  const { values, unknown, invalid } = parseFlags(table, argv);
  const [operand, ...others] = unknown;
  const isUnderstood = others.length === 0 && invalid.length === 0 && operand !== '' && !operand?.startsWith('-');
  return { values, operand: isUnderstood ? operand : undefined };
}

interface WarmupFlags {
  readonly model_dir: string;
  readonly requests: string;
  readonly saved_model_tags: string;
}

const warmupFlags: FlagTable<WarmupFlags> = {
  model_dir: stringFlag('', "The version's folder."),
  requests: stringFlag('', 'File with the requests.'),
  saved_model_tags: stringFlag('serve', 'Tags of the meta graph, separated by commas.'),
};

async function warmup(flags: WarmupFlags, { stdout, stderr }: Output): Promise<number> {
  const { model_dir: directory, requests: file, saved_model_tags: tags } = flags;
  try {
    const json = await readText(file);
    const { path, records } = await writeWarmupRecords(directory, json, file, { tags: tags.split(',') });
    stdout.write(`${path} has ${records} ${records === 1 ? 'record' : 'records'}\n`);
    return 0;
  } catch (error) {
    const { code, message } = ServingError.from(error);
    stderr.write(`serving warmup: ${code}: ${printableLine(message)}\n`);
    return FAILURE;
  }
}
