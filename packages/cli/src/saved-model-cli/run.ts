/** `saved_model_cli run`: one run of a signature. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServingError } from '@serving/core';
import type { SignatureDef, TensorInfo } from '@serving/core/extend';
import { makeFolder } from '@serving/core/extend';
import { encodeNpy } from '@serving/core/npy';
import { dataTypeFromNumber, isTensorDataType, type Tensor, type TensorDataType } from '@serving/core/tensor';
import type { SavedModelRuntime } from '@serving/engine';
import { inputExamples } from './input-examples.js';
import { inputFiles } from './input-files.js';
import { findMetaGraph, openSavedModel, parseTagSet } from './meta-graphs.js';
import { numpyText } from './numpy-text.js';
import { parsePython } from './python/parse-python.js';
import { PythonError } from './python/python-error.js';
import { type PythonObject, toArray } from './python/python-object.js';
import { byCodePoint, stringRepr } from './python-text.js';
import { SavedModelCliError } from './saved-model-cli-error.js';
import { findSignature } from './show.js';

/** The command's flags. */
export interface RunFlags {
  readonly dir: string;
  readonly tagSet: string;
  readonly signatureDef: string;
  readonly inputs: string;
  readonly inputExprs: string;
  readonly inputExamples: string;
  /** `undefined`: nothing is saved. */
  readonly outdir: string | undefined;
  readonly overwrite: boolean;
}

/** Where the command writes to and what it runs on. */
export interface RunContext {
  readonly print: (text: string) => unknown;
  readonly warn: (line: string) => unknown;
  readonly runtime: SavedModelRuntime;
}

/**
 * Runs with the inputs that are given, which need not be all: a graph may have defaults of its own.
 *
 * @throws SavedModelCliError for wrong flags and inputs and for an output file that is there already, `ServingError` for
 * what the run failed with.
 */
export async function run(flags: RunFlags, { print, warn, runtime }: RunContext): Promise<void> {
  if (flags.inputs === '' && flags.inputExprs === '' && flags.inputExamples === '') {
    throw new SavedModelCliError(
      'AttributeError',
      'At least one of --inputs, --input_exprs or --input_examples must be required',
    );
  }
  const given = await readInputs(flags, warn);
  const { metaGraphs } = await openSavedModel(flags.dir);
  const tags = parseTagSet(flags.tagSet);
  const def = findSignature(metaGraphs[findMetaGraph(metaGraphs, tags)]!, flags.signatureDef);
  const feeds = toFeeds(given, def);
  const outputs = Array.from(def.outputs).sort(([a], [b]) => byCodePoint(a, b));
  const session = await runtime.load(flags.dir, tags, {});
  try {
    const fetches = outputs.map(([, info]) => info.name ?? '');
    const results = await session.prepare([...feeds.keys()], fetches).run([...feeds.values()]);
    for (const [i, [key]] of outputs.entries()) {
      const result = withoutQuantization(results[i]!);
      print(`Result for output key ${key}:\n${numpyText(result)}\n`);
      if (flags.outdir !== undefined) await save(key, result, flags.outdir, flags.overwrite, print);
    }
  } finally {
    await session.close();
  }
}

const plainTypes: Readonly<Partial<Record<TensorDataType, TensorDataType>>> = {
  qint8: 'int8',
  quint8: 'uint8',
  qint16: 'int16',
  quint16: 'uint16',
  qint32: 'int32',
};

/** Python's session gives quantized values as plain integers. */
function withoutQuantization(tensor: Tensor): Tensor {
  const plain = plainTypes[tensor.dtype];
  return plain === undefined ? tensor : ({ ...tensor, dtype: plain } as Tensor);
}

/** By key; a later source comes before an earlier one. */
async function readInputs(flags: RunFlags, warn: (line: string) => unknown): Promise<Map<string, Tensor>> {
  const inputs = await inputFiles(flags.inputs, warn);
  for (const [key, value] of expressions(flags.inputExprs)) {
    if (inputs.has(key)) {
      warn(
        `input_key ${key} has been specified with both --inputs and --input_exprs options. Value in --input_exprs will be used.`,
      );
    }
    inputs.set(
      key,
      asValueError(() => toArray(value)),
    );
  }
  for (const [key, value] of expressions(flags.inputExamples)) {
    if (inputs.has(key)) {
      warn(`input_key ${key} has been specified in multiple options. Value in --input_examples will be used.`);
    }
    inputs.set(key, inputExamples(value));
  }
  return inputs;
}

/** `key=expression`, separated by semicolons. */
function expressions(text: string): [key: string, value: PythonObject][] {
  return text
    .split(';')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      if (equals < 0) {
        throw new SavedModelCliError(
          'RuntimeError',
          `--input_exprs "${text}" format is incorrect. Please follow"<input_key>=<python expression>"`,
        );
      }
      return [part.slice(0, equals), parseExpression(part.slice(equals + 1))];
    });
}

function parseExpression(text: string): PythonObject {
  try {
    return parsePython(text);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    const problem =
      error.name === 'SyntaxError' ? 'is not a valid python literal.' : `has no value. (${error.message})`;
    throw new SavedModelCliError('RuntimeError', `Expression "${text}" ${problem}`);
  }
}

/** Tensors of the graph, by name, in its data types. */
function toFeeds(given: ReadonlyMap<string, Tensor>, def: SignatureDef): Map<string, Tensor> {
  const feeds = new Map<string, Tensor>();
  for (const [key, array] of given) {
    const info = def.inputs.get(key);
    if (!info) {
      throw new SavedModelCliError(
        'ValueError',
        `"${key}" is not a valid input key. Please choose from "${[...def.inputs.keys()].join('", "')}", or use --show option.`,
      );
    }
    const dtype = dataTypeFromNumber(info.dtype) ?? 'invalid';
    if (info.name === undefined || !isTensorDataType(dtype)) {
      throw new SavedModelCliError('ValueError', `Input "${key}" is not a plain tensor; feeding it is not supported`);
    }
    const tensor = asValueError(() => toArray(array, dtype));
    checkShape(tensor, info);
    feeds.set(info.name, tensor);
  }
  return feeds;
}

/** The check of shapes that Python's session makes before a run. */
function checkShape({ shape }: Tensor, { name, tensorShape }: TensorInfo): void {
  if (!tensorShape || tensorShape.unknownRank) return;
  const declared = tensorShape.dim.map(({ size }) => (size < 0n ? undefined : Number(size)));
  const fits = declared.length === shape.length && declared.every((size, i) => size === undefined || size === shape[i]);
  if (fits) return;
  throw new SavedModelCliError(
    'ValueError',
    `Cannot feed value of shape ${tupleRepr(shape)} for Tensor ${name}, which has shape ${tupleRepr(declared)}`,
  );
}

function tupleRepr(sizes: readonly (number | undefined)[]): string {
  return `(${sizes.map((size) => size ?? 'None').join(', ')}${sizes.length === 1 ? ',' : ''})`;
}

function asValueError(convert: () => Tensor): Tensor {
  try {
    return convert();
  } catch (error) {
    throw new SavedModelCliError('ValueError', ServingError.from(error).message);
  }
}

async function save(
  key: string,
  tensor: Tensor,
  outdir: string,
  overwrite: boolean,
  print: (text: string) => unknown,
): Promise<void> {
  await makeFolder(outdir);
  const path = join(outdir, `${key}.npy`);
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists && !overwrite) {
    throw new SavedModelCliError(
      'RuntimeError',
      `Output file ${path} already exists. Add "--overwrite" to overwrite the existing output files.`,
    );
  }
  await writeFile(path, encodeNpy(tensor)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new SavedModelCliError('FileNotFoundError', `[Errno 2] No such file or directory: ${stringRepr(path)}`);
  });
  print(`Output ${key} is saved to ${path}\n`);
}
