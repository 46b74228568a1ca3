/** Programs as they were before they were posted from another thread. */
import { StringArray, type Tensor } from '@serving/core/tensor';
import type { AttributeValue } from '../graph/attributes.js';
import type { TableContents } from '../graph/graph.js';
import type { KernelContext } from '../kernels/kernel.js';
import { kernelFor } from '../kernels/kernel-table.js';
import { withConstants } from '../kernels/with-constants.js';
import type { KernelStep, Program } from '../program/program.js';
import type { PostedProgram } from './compile-messages.js';

/** Makes the functions again that are not posted. Strings arrive without their class. */
export function revivedProgram(program: PostedProgram): Program {
  const tables = new Map<TableContents, TableContents>();
  return {
    ...program,
    outputs: program.outputs.map((output) =>
      typeof output.source === 'number' ? output : { ...output, source: revivedTensor(output.source) },
    ),
    steps: program.steps.map((step) => (step.kind === 'model' ? step : revivedStep(step, tables))),
  };
}

function revivedStep(step: Omit<KernelStep, 'kernel'>, tables: Map<TableContents, TableContents>): KernelStep {
  const { attributes, table, constants = [] } = step.context;
  const context: KernelContext = {
    ...step.context,
    attributes: new Map(Array.from(attributes, ([name, value]) => [name, revivedAttribute(value)])),
    constants: constants.map((constant) => constant && revivedTensor(constant)),
    ...(table && { table: revivedTable(table, tables) }),
  };
  return { ...step, context, kernel: withConstants(kernelFor(step.op)!(context), context.constants!) };
}

/** Steps that read one table share it, and its index. */
function revivedTable(table: TableContents, tables: Map<TableContents, TableContents>): TableContents {
  const known = tables.get(table);
  if (known !== undefined) return known;
  const revived = { ...table, keys: revivedTensor(table.keys), values: revivedTensor(table.values) };
  tables.set(table, revived);
  return revived;
}

function revivedAttribute(attribute: AttributeValue): AttributeValue {
  if (attribute.kind === 'tensor') return { kind: 'tensor', value: revivedTensor(attribute.value) };
  return attribute.kind === 'list' ? { kind: 'list', value: attribute.value.map(revivedAttribute) } : attribute;
}

function revivedTensor(value: Tensor): Tensor {
  if (value.dtype !== 'string') return value;
  const { bytes, offsets } = value.data;
  return { ...value, data: new StringArray(bytes, offsets) };
}
