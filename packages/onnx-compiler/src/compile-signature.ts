/** The passes that make a program of a signature. */
import { formatPartialShape, isTensorDataType, type PartialShape, type TensorDataType } from '@serving/core/tensor';
import { cut } from './cut/cut.js';
import { type EmitModelOptions, emitModel } from './emit/emit-model.js';
import { hasEmitter } from './emit/operator-table.js';
import { foldConstants } from './fold/fold-constants.js';
import type { Endpoint, GraphNode, SignatureGraph, SignatureInput } from './graph/graph.js';
import type { OpenModel } from './import/open-model.js';
import { kernelFor } from './kernels/kernel-table.js';
import type {
  KernelStep,
  ModelStep,
  Program,
  ProgramInput,
  ProgramOutput,
  ProgramTensor,
  Refusal,
  ValueId,
} from './program/program.js';
import { markExactSigmoids } from './rewrite/mark-exact-sigmoids.js';
import { rewrite } from './rewrite/rewrite.js';
import { type BatchFacts, findRows } from './shapes/rows/find-rows.js';

/** A program, or why there is none. */
export interface CompiledSignature {
  readonly program: Program | undefined;
  readonly refusals: readonly Refusal[];
}

/** Compiles one signature of a model. All reasons to refuse it are found at once. */
export function compileSignature(
  model: OpenModel,
  signature: string,
  inputShapes: Readonly<Record<string, PartialShape>>,
  options: EmitModelOptions,
): CompiledSignature {
  const { graph, refusals: importRefusals } = model.importSignature(signature);
  const refusals = [...importRefusals];
  if (graph === undefined || refusals.length > 0) return { program: undefined, refusals };
  for (const { alias, node } of graph.inputs) {
    if (Object.hasOwn(inputShapes, alias)) node.outputs[0]!.shape = inputShapes[alias];
  }
  const program = compileGraph(graph, options, refusals);
  return { program: refusals.length > 0 ? undefined : program, refusals };
}

/** Compiles a graph; reasons to refuse it are added to `refusals`. */
function compileGraph(graph: SignatureGraph, options: EmitModelOptions, refusals: Refusal[]): Program {
  const rows = simplify(graph);
  const batched = graph.outputs.map(({ source }) => rows.isBatched(source));
  for (const { alias, node } of graph.inputs) refuseType('input', alias, { node, index: 0 }, refusals);
  for (const { alias, source } of graph.outputs) refuseType('output', alias, source, refusals);

  const result = cut(graph, { kernelFor, hasEmitter }, refusals);
  const limits = new Map<GraphNode, number>();
  const steps: (ModelStep | KernelStep)[] = [];
  for (const step of result.steps) {
    if (step.kind === 'kernel') {
      steps.push(step);
      continue;
    }
    const emitted = emitModel(step.part, options, refusals);
    if (!emitted) continue;
    steps.push(emitted.step);
    if (!options.guards) continue;
    for (const [node, limit] of emitted.limits) limits.set(node, Math.min(limit, limits.get(node) ?? limit));
  }
  return {
    signature: graph.name,
    inputs: graph.inputs.map((input, i) => programInput(input, result.inputs[i]!, rows.hasRows, limits)),
    outputs: graph.outputs.map(({ alias, tensor, source }, i): ProgramOutput => {
      const place = result.outputs[i]!;
      return {
        ...programTensor(alias, tensor, source, batched[i]!),
        source: typeof place === 'number' ? place : place.tensor(),
      };
    }),
    steps,
    valueCount: result.valueCount,
    batchable: rows.batchable,
  };
}

/** Replaces nodes by fewer and finds the rows of the graph. */
export function simplify(graph: SignatureGraph): BatchFacts {
  foldConstants(graph);
  rewrite(graph);
  foldConstants(graph);
  markExactSigmoids(graph);
  return findRows(graph);
}

function programTensor(alias: string, tensor: string, { node, index }: Endpoint, batched: boolean): ProgramTensor {
  const { dtype, shape } = node.outputs[index]!;
  return { alias, tensor, dtype: dtype as TensorDataType, shape, batched };
}

function programInput(
  { alias, tensor, node }: SignatureInput,
  value: ValueId,
  batched: boolean,
  limits: ReadonlyMap<GraphNode, number>,
): ProgramInput {
  const limit = limits.get(node);
  return {
    ...programTensor(alias, tensor, { node, index: 0 }, batched),
    value,
    ...(limit !== undefined && { range: { min: 0, max: limit - 1 } }),
  };
}

function refuseType(kind: 'input' | 'output', alias: string, { node, index }: Endpoint, refusals: Refusal[]): void {
  const { dtype, shape } = node.outputs[index]!;
  if (isTensorDataType(dtype)) return;
  const reason = `signature ${kind} "${alias}" is ${dtype} of shape ${formatPartialShape(shape)}, which can't be a tensor`;
  refusals.push({ op: node.op, node: node.name, reason, dtype });
}
