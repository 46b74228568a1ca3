/** Writes a part of a signature as an ONNX model. */
import type { DataType, TensorDataType } from '@serving/core/tensor';
import type { Endpoint, GraphNode, Guard } from '../graph/graph.js';
import type { GuardMessagePart, ModelGuard, ModelStep, ModelTensor, Refusal } from '../program/program.js';
import { GraphBuilder } from './builder/graph-builder.js';
import { ModelWriter } from './builder/model-writer.js';
import { onnxDataType } from './builder/onnx-data-type.js';
import type { TypedValue } from './builder/onnx-messages.js';
import type { WeightsFilePart } from './builder/weights-file.js';
import { EmissionScope } from './emission-scope.js';
import type { EmitOptions, GuardPart, GuardValue, OnnxValue } from './emitter.js';
import type { ModelPart, PlacedEndpoint } from './model-part.js';
import { partType } from './signal/complex-values.js';

/** Options of {@link emitModel}. */
export interface EmitModelOptions extends EmitOptions {
  /** Writes weights into the model instead of pointing at the SavedModel's files. Default false. */
  readonly embedWeights?: boolean;
  /** Where weights go that are not as in the SavedModel's files. Default: into the model. */
  readonly weightsFolder?: string | undefined;
  /** Path of a file, relative to the model's, that gets all weights instead. The caller writes it. Default: no such file. */
  readonly weightsFile?: string | undefined;
  /** Leaves out the outputs of all guards, also of those that are always written. Default: false. */
  readonly withoutGuards?: boolean;
}

/** A written model, and what it expects of the request. */
export interface EmittedModel {
  readonly step: ModelStep;
  /** By `_Input` node: its numbers are from 0 below this limit, which the runtime has to check before the run. */
  readonly limits: ReadonlyMap<GraphNode, number>;
  /** The content of the file of weights. */
  readonly weightsFile: readonly WeightsFilePart[];
}

/**
 * Writes the model of a part. Reasons to refuse it are added to `refusals`; with any of them the result is `undefined`.
 */
export function emitModel(part: ModelPart, options: EmitModelOptions, refusals: Refusal[]): EmittedModel | undefined {
  const refusedBefore = refusals.length;
  const model = new ModelWriter({
    embedWeights: options.embedWeights,
    weightsFolder: options.weightsFolder,
    weightsFile: options.weightsFile,
    reservedNames: chosenNames(part),
  });
  const builder = new GraphBuilder(model);
  const limits = new Map<GraphNode, number>();
  const scope = new EmissionScope({ model, options, refusals, limits, fetched: fetchedNodes(part) }, builder);
  const inputs = part.inputs.map((input) => placed(input, input.name ?? model.name()));
  for (const [i, { source }] of part.inputs.entries()) scope.place(source, inputs[i]!.name);
  for (const { source } of [...part.inputs, ...part.outputs]) refuseForeignType(source, refusals);
  scope.write([...part.outputs.map(({ source }) => source), ...guardEndpoints(part)]);
  if (refusals.length > refusedBefore) return undefined;

  const typedOutputs: TypedValue[] = [];
  const output = (value: OnnxValue, dtype: DataType): string => {
    // An output is never an input or an initializer: ONNX Runtime would return the fed memory.
    const name = builder.node('Identity', [value]);
    typedOutputs.push({ name, dtype });
    return name;
  };
  const outputs = part.outputs.map((out) => {
    const { source, name } = out;
    if (name === undefined) return placed(out, output(scope.value(source), dtypeOf(source)));
    builder.named(scope.value(source), name);
    const tensor = placed(out, name);
    typedOutputs.push({ ...tensor, hasRows: out.hasRows });
    return tensor;
  });
  const graphGuards = options.guards ? part.guards.map((guard) => guardValue(guard, scope)) : [];
  const allGuards = options.withoutGuards ? [] : [...graphGuards, ...builder.takeGuards()];
  const guards = allGuards.map((guard) => modelGuard(guard, output));
  const step: ModelStep = {
    kind: 'model',
    inputs,
    outputs,
    guards,
    model: model.finish(
      inputs.map((input, i) => ({ ...input, hasRows: part.inputs[i]!.hasRows })),
      typedOutputs,
      builder.written,
    ),
    externalWeights: model.externalWeights,
    nodeNames: model.nodeNames,
  };
  return { step, limits, weightsFile: model.weightsFileParts };
}

/** Operations that results go through on their way out without becoming others. */
const PASSED: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Reshape', 'Squeeze', 'ExpandDims']);

function fetchedNodes({ outputs }: ModelPart): Set<GraphNode> {
  const found = new Set<GraphNode>();
  for (const { source } of outputs) {
    let { node } = source;
    while (PASSED.has(node.op) && !found.has(node)) {
      found.add(node);
      node = node.inputs[0]!.node;
    }
    found.add(node);
  }
  return found;
}

function chosenNames({ inputs, outputs }: ModelPart): ReadonlySet<string> {
  return new Set([...inputs, ...outputs].flatMap(({ name }) => name ?? []));
}

const dtypeOf = ({ node, index }: Endpoint): DataType => node.outputs[index]!.dtype;

function placed({ source, value }: PlacedEndpoint, name: string): ModelTensor {
  const { dtype, shape } = source.node.outputs[source.index]!;
  return { name, dtype: dtype as TensorDataType, shape, value };
}

function refuseForeignType({ node, index }: Endpoint, refusals: Refusal[]): void {
  const { dtype } = node.outputs[index]!;
  if (onnxDataType(dtype) !== undefined) return;
  const isComplex = partType(dtype) !== undefined;
  const reason = isComplex ? 'complex numbers leave the graph' : `tensors of dtype ${dtype} can't enter ONNX Runtime`;
  refusals.push({ op: node.op, node: node.name, reason, dtype });
}

const isEndpoint = (part: string | Endpoint): part is Endpoint => typeof part !== 'string';

function guardEndpoints({ guards }: ModelPart): Endpoint[] {
  return guards.flatMap(({ condition, message }) => [condition, ...message.filter(isEndpoint)]);
}

function guardValue({ condition, message }: Guard, scope: EmissionScope): GuardValue {
  return {
    condition: scope.value(condition),
    message: message.map((part) => (isEndpoint(part) ? { value: scope.value(part), dtype: dtypeOf(part) } : part)),
  };
}

function modelGuard(
  { condition, message }: GuardValue,
  output: (value: OnnxValue, dtype: DataType) => string,
): ModelGuard {
  const part = (of: GuardPart): GuardMessagePart => {
    if (typeof of === 'string') return of;
    const { value, dtype, outside } = of;
    if (!outside) return { output: output(value, dtype) };
    const max = typeof outside.max === 'object' ? { output: output(outside.max.value, 'int64') } : outside.max;
    return { output: output(value, dtype), outside: { min: outside.min, max } };
  };
  return { output: output(condition, 'bool'), message: message.map(part) };
}
