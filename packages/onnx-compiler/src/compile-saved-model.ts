/** Compiles the signatures of a SavedModel. */
import { ServingError } from '@serving/core';
import { checkOptionNames, type OptionNames } from '@serving/core/internal';
import type { PartialShape } from '@serving/core/tensor';
import type { BeforeRead } from './bundle/checkpoint.js';
import { compileSignature } from './compile-signature.js';
import { openModel } from './import/open-model.js';
import { fetchedTensors } from './import/signature-tensors.js';
import { fullTensorName } from './import/tensor-name.js';
import type { Program } from './program/program.js';
import { type RefusedSignature, refusalError } from './refusal-text.js';
import type { MetaGraphDef } from './saved-model/meta-graph-def.js';

/** Options of {@link compileSavedModel}. */
export interface CompileOptions {
  /** Whether one signature that can't be compiled fails them all. Default: false. */
  readonly strict?: boolean;
  /**
   * What becomes of operations on double precision that ONNX Runtime has no kernel for: `refuse` (default), or `float32`, which
   * computes them in single precision.
   */
  readonly float64?: 'refuse' | 'float32';
  /**
   * `tensorflow`: maxima, minima and their positions treat NaN as TensorFlow does, which takes another pass over the data. Default:
   * `onnx`, as ONNX Runtime treats it.
   */
  readonly nan?: 'onnx' | 'tensorflow';
  /** Whether values that TensorFlow answers with an error are looked for. Default: true. */
  readonly guards?: boolean;
  /** Writes weights into the ONNX models instead of pointing at the SavedModel's files. Default: false. */
  readonly embedWeights?: boolean;
  /**
   * A folder for weights that ONNX wants in another layout than the SavedModel's files: filters of convolutions, and what is folded into
   * them. Files there are named by their content, and must not be changed or removed while a model is loaded. Default: those weights are
   * part of the ONNX models, as they are where the folder can't be written.
   */
  readonly weightsFolder?: string | undefined;
  /** Names of the signatures to compile; others are left out. Default: all. */
  readonly signatures?: readonly string[];
  /** Shapes of inputs, by alias, in place of those that the signatures declare. Default: those. */
  readonly inputShapes?: Readonly<Record<string, PartialShape>>;
}

const optionNames: OptionNames<CompileOptions> = {
  strict: true,
  float64: true,
  nan: true,
  guards: true,
  embedWeights: true,
  weightsFolder: true,
  signatures: true,
  inputShapes: true,
};

/** What became of a SavedModel's signatures. */
export interface CompiledSavedModel {
  readonly programs: readonly Program[];
  readonly refused: readonly RefusedSignature[];
}

/**
 * Compiles every signature of the meta graph of `directory` whose tag set equals `tags`.
 *
 * @throws ServingError `NOT_FOUND` without a SavedModel or such a meta graph; `DATA_LOSS` for damaged files; `UNIMPLEMENTED` with every
 * reason when no signature can be compiled, or with `strict` when any can't.
 */
export async function compileSavedModel(
  directory: string,
  tags: readonly string[],
  options: CompileOptions = {},
): Promise<CompiledSavedModel> {
  return compileReading(directory, tags, options);
}

/**
 * {@link compileSavedModel} whose reads of weights are watched.
 *
 * @param beforeRead - called before each; what it throws ends the compilation, maybe with another error
 */
export async function compileReading(
  directory: string,
  tags: readonly string[],
  options: CompileOptions,
  beforeRead?: BeforeRead,
): Promise<CompiledSavedModel> {
  checkOptionNames(options, Object.keys(optionNames), 'compileSavedModel()');
  const {
    strict = false,
    float64 = 'refuse',
    nan = 'onnx',
    guards = true,
    embedWeights = false,
    weightsFolder,
    signatures,
    inputShapes = {},
  } = options;
  const model = await openModel(directory, tags, beforeRead);
  if (model.signatureNames.length === 0) {
    throw new ServingError('INVALID_ARGUMENT', `The SavedModel "${directory}" has no signatures to compile`);
  }
  const programs: Program[] = [];
  const refused: RefusedSignature[] = [];
  for (const signature of model.signatureNames) {
    if (signatures !== undefined && !signatures.includes(signature)) continue;
    const { program, refusals } = compileSignature(model, signature, inputShapes, {
      float64,
      nan,
      guards,
      embedWeights,
      weightsFolder,
    });
    if (program) programs.push(program);
    else refused.push({ signature, ...signatureTensors(model.metaGraph, signature), refusals });
  }
  if (refused.length > 0 && (strict || programs.length === 0)) throw refusalError(refused);
  return { programs, refused };
}

/** Names of the tensors by which a refused signature is asked for. */
function signatureTensors(metaGraph: MetaGraphDef, name: string): Pick<RefusedSignature, 'feeds' | 'fetches'> {
  const signature = metaGraph.signatures.get(name)!;
  const feeds = Array.from(signature.inputs.values(), (info) => fullTensorName(info.name ?? ''));
  return { feeds, fetches: fetchedTensors(signature).map(({ tensor }) => tensor) };
}
