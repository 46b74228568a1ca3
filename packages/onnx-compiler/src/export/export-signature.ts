/** Writes a signature as one ONNX model for other programs: browsers, phones, other servers. */
import { ServingError } from '@serving/core';
import { checkOptionNames, type OptionNames } from '@serving/core/internal';
import { simplify } from '../compile-signature.js';
import { type CutResult, cut } from '../cut/cut.js';
import type { WeightsFilePart } from '../emit/builder/weights-file.js';
import { emitModel } from '../emit/emit-model.js';
import type { ModelPart, PlacedEndpoint } from '../emit/model-part.js';
import { hasEmitter } from '../emit/operator-table.js';
import type { SignatureGraph } from '../graph/graph.js';
import { openModel } from '../import/open-model.js';
import { kernelFor } from '../kernels/kernel-table.js';
import type { ModelTensor, Refusal } from '../program/program.js';
import { refusalError } from '../refusal-text.js';
import type { StagesFile } from '../stages/stages-file.js';
import { ExportNames, namedInput, namedOutputs } from './export-names.js';
import { stagesFileOf } from './stages-file-of.js';

/** Options of {@link exportSignature}. */
export interface ExportOptions {
  /** The path of a file, relative to the model's, that the model finds its weights in. Default: weights are part of the model. */
  readonly weightsFile?: string | undefined;
  /** Whether stages in TypeScript are left out, so that the model is the numeric part between them. Default: false, which refuses them. */
  readonly core?: boolean;
  /** Whether the result has the stages that the model is without, for `@serving/onnx-compiler/stages`. Default: false. */
  readonly stages?: boolean;
  /** As in `CompileOptions`. Default: `refuse`. */
  readonly float64?: 'refuse' | 'float32';
  /** As in `CompileOptions`. Default: `onnx`. */
  readonly nan?: 'onnx' | 'tensorflow';
}

const optionNames: OptionNames<ExportOptions> = {
  weightsFile: true,
  core: true,
  stages: true,
  float64: true,
  nan: true,
};

/** An input of an exported model. */
export interface ExportedInput extends ModelTensor {
  /** The range of ids that the model's tables have. The model does not check it. */
  readonly range?: { readonly min: number; readonly max: number } | undefined;
}

/** A signature as an ONNX model. */
export interface ExportedModel {
  /** A serialized `onnx.ModelProto`. */
  readonly model: Uint8Array;
  /** What the file of weights consists of, in order; empty without one. */
  readonly weightsFile: readonly WeightsFilePart[];
  /** Named by the signature's aliases. */
  readonly inputs: readonly ExportedInput[];
  /** Named by the signature's aliases; one that an input has already gets the suffix `_output`. */
  readonly outputs: readonly ModelTensor[];
  /** Operations of the stages that `core` left out, in the order in which they run. */
  readonly leftOut: readonly string[];
  /** With the option `stages`. */
  readonly stages?: StagesFile;
}

/**
 * Compiles a signature to one ONNX model without guards: values that TensorFlow answers with an error may get any answer.
 *
 * @throws ServingError `NOT_FOUND` without a SavedModel, such a meta graph or such a signature; `UNIMPLEMENTED` with every reason when it
 * can't be compiled; with the stages when there are some, and `core` and `stages` are off or they only run in Node.
 */
export async function exportSignature(
  directory: string,
  tags: readonly string[],
  signature: string,
  options: ExportOptions = {},
): Promise<ExportedModel> {
  checkOptionNames(options, Object.keys(optionNames), 'exportSignature()');
  const { weightsFile, core = false, stages = false, float64 = 'refuse', nan = 'onnx' } = options;
  const model = await openModel(directory, tags);
  if (!model.signatureNames.includes(signature)) throw unknownSignature(signature, model.signatureNames);
  const { graph, refusals: importRefusals } = model.importSignature(signature);
  const refusals: Refusal[] = [...importRefusals];
  const refuse = () => refusalError([{ signature, feeds: [], fetches: [], refusals }]);
  if (graph === undefined || refusals.length > 0) throw refuse();

  graph.guards.length = 0;
  const { batchable, isBatched } = simplify(graph);
  const result = cut(graph, { kernelFor, hasEmitter }, refusals);
  if (refusals.length > 0) throw refuse();
  const leftOut = stageOperations(result);
  if (leftOut.length > 0 && !core && !stages) throw hasStages(signature, leftOut);
  const part = leftOut.length === 0 && !stages ? wholePart(graph) : numericPart(signature, result);
  const names = new ExportNames();
  const described = (endpoint: PlacedEndpoint): PlacedEndpoint => ({
    ...endpoint,
    hasRows: batchable && isBatched(endpoint.source),
  });
  const inputs = part.inputs.map((input) => described(namedInput(input, graph, names)));
  const outputs = part.outputs.flatMap((output) => namedOutputs(output, graph, names)).map(described);
  const emission = {
    float64,
    nan,
    guards: false,
    withoutGuards: true,
    embedWeights: weightsFile === undefined,
    weightsFile,
  };
  const emitted = emitModel({ inputs, outputs, guards: [] }, emission, refusals);
  if (emitted === undefined) throw refuse();

  const { step, limits } = emitted;
  return {
    model: step.model,
    weightsFile: emitted.weightsFile,
    inputs: step.inputs.map((input, i) => {
      const limit = limits.get(inputs[i]!.source.node);
      return limit === undefined ? input : { ...input, range: { min: 0, max: limit - 1 } };
    }),
    outputs: step.outputs,
    leftOut: stages ? [] : leftOut,
    ...(stages && { stages: stagesFileOf(graph, result, step) }),
  };
}

/** All inputs and outputs of a signature, also those that no operation has made. */
function wholePart({ inputs, outputs }: SignatureGraph): ModelPart {
  const sources = new Map(outputs.map(({ source }) => [`${source.node.name}:${source.index}`, source]));
  return {
    inputs: inputs.map(({ node }, value) => ({ source: { node, index: 0 }, value })),
    outputs: Array.from(sources.values(), (source, i) => ({ source, value: inputs.length + i })),
    guards: [],
  };
}

/** The only model between the stages. */
function numericPart(signature: string, { steps }: CutResult): ModelPart {
  const parts = steps.flatMap((step) => (step.kind === 'part' ? [step.part] : []));
  const [part] = parts;
  if (part !== undefined && parts.length === 1) return part;
  const found = parts.length === 0 ? 'no numeric part' : `${parts.length} numeric parts with stages between them`;
  throw new ServingError('UNIMPLEMENTED', `Signature "${signature}" has ${found}; one is needed for an ONNX model`);
}

/** Operations in TypeScript, with their nodes. */
function stageOperations({ steps }: CutResult): string[] {
  return steps.flatMap((step) => (step.kind === 'kernel' ? [`${step.op} (node ${step.node})`] : []));
}

function hasStages(signature: string, operations: readonly string[]): ServingError {
  return new ServingError(
    'UNIMPLEMENTED',
    `Signature "${signature}" has stages in TypeScript, which an ONNX model can't hold:\n${operations.map((operation) => `  ${operation}\n`).join('')}` +
      'With the option "stages" they are written to a file of their own, which @serving/onnx-compiler/stages runs. With "core" the numeric ' +
      'part is written alone, and your program does their work.',
  );
}

function unknownSignature(name: string, known: readonly string[]): ServingError {
  const list = known.map((each) => `"${each}"`).join(', ');
  return ServingError.notFound(`Signature "${name}" not found; the model has ${list || 'none'}`);
}
