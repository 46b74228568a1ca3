/** Writes the stages of a signature for programs that run them in JavaScript. */
import { ServingError } from '@serving/core';
import type { TensorDataType } from '@serving/core/tensor';
import type { CutResult } from '../cut/cut.js';
import type { Endpoint, SignatureGraph } from '../graph/graph.js';
import { portableKernels } from '../kernels/portable-kernels.js';
import type { KernelStep, ModelTensor } from '../program/program.js';
import { attributesToJson } from '../stages/attribute-json.js';
import { STAGES_VERSION, type StagedOperation, type StagedTensor, type StagesFile } from '../stages/stages-file.js';
import { tensorToJson } from '../stages/tensor-json.js';

/** The model between the stages, as it was written. */
interface WrittenModel {
  readonly inputs: readonly ModelTensor[];
  readonly outputs: readonly ModelTensor[];
}

/**
 * Describes a signature: its stages in full, and where its model runs.
 *
 * @throws ServingError `UNIMPLEMENTED` with every operation that only runs in Node.
 */
export function stagesFileOf(graph: SignatureGraph, result: CutResult, model: WrittenModel): StagesFile {
  const kernels = result.steps.filter((step) => step.kind === 'kernel');
  const missing = kernels.filter(({ op }) => !portableKernels.has(op));
  if (missing.length > 0) {
    const list = missing.map(({ op, node }) => `  ${op} (node ${node})\n`).join('');
    throw new ServingError('UNIMPLEMENTED', `Signature "${graph.name}" has stages that only run in Node:\n${list}`);
  }
  return {
    stagesVersion: STAGES_VERSION,
    signature: graph.name,
    inputs: graph.inputs.map(({ alias, node }, i) => staged(alias, { node, index: 0 }, result.inputs[i]!)),
    outputs: graph.outputs.map(({ alias, source }, i) => {
      const place = result.outputs[i]!;
      return typeof place === 'number'
        ? staged(alias, source, place)
        : { alias, constant: tensorToJson(place.tensor()) };
    }),
    steps: result.steps.map((step) =>
      step.kind === 'kernel'
        ? stagedOperation(step)
        : { model: { inputs: model.inputs.map(named), outputs: model.outputs.map(named) } },
    ),
  };
}

const named = ({ name, value }: ModelTensor): { name: string; value: number } => ({ name, value });

function staged(alias: string, { node, index }: Endpoint, value: number): StagedTensor {
  const { dtype, shape } = node.outputs[index]!;
  return { alias, dtype: dtype as TensorDataType, shape: shape ?? null, value };
}

function stagedOperation({ op, node, context, inputs, outputs }: KernelStep): StagedOperation {
  const { attributes, table, constants = [] } = context;
  return {
    op,
    node,
    attributes: attributesToJson(attributes),
    ...(table && { table: { name: table.name, keys: tensorToJson(table.keys), values: tensorToJson(table.values) } }),
    constants: constants.map((constant) => (constant === undefined ? null : tensorToJson(constant))),
    inputs,
    outputs,
  };
}
