/** `While` as ONNX's `Loop`. */
import type { GraphNode } from '../../graph/graph.js';
import type { EmitContext, Emitter, EmitterTable, GuardValue, OnnxBuilder, OnnxValue } from '../emitter.js';
import { allTrue } from '../guards.js';
import { inputValues } from '../node-inputs.js';
import { booleanScalar } from './conditions.js';

const loop: Emitter = (node, builder, context) => {
  const body = node.subgraphs!.body!;
  const initial = inputValues(node, context);
  const stateSize = initial.length;
  // Variables that the body gives on unchanged are captured instead of carried.
  const isCarried = initial.map((_, i) => body.results[i]!.node !== body.arguments[i]);
  const carried = initial.map((_, i) => i).filter((i) => isCarried[i]);
  const collected = body.results.slice(stateSize).map((_, i) => stateSize + i);
  /** The whole state, of the values of carried variables. */
  const stateOf = (values: readonly OnnxValue[]): OnnxValue[] => {
    let next = 0;
    return initial.map((value, i) => (isCarried[i] ? values[next++]! : value));
  };
  let guards: GuardValue[] = [];
  const inputs = [
    { dtype: 'int64' as const, shape: [] },
    { dtype: 'bool' as const, shape: [] },
    ...carried.map((i) => carriedInput(body.arguments[i]!)),
  ];
  const graph = builder.subgraph(inputs, (inner, [, , ...values]) => {
    const results = context.inline(inner, body, stateOf(values));
    const goesOn = condition(node, inner, context, stateOf(carried.map((i) => results[i]!)));
    guards = inner.takeGuards();
    return [
      { name: goesOn, dtype: 'bool' },
      ...[...carried, ...collected].map((i) => ({ name: results[i]!, dtype: node.outputs[i]!.dtype })),
      ...guards.map((guard) => ({ name: guard.condition, dtype: 'bool' as const })),
    ];
  });
  const first = condition(node, builder, context, initial);
  const outputs = carried.length + collected.length;
  const values = builder.nodes('Loop', ['', first, ...carried.map((i) => initial[i]!)], outputs + guards.length, {
    body: { graph },
  });
  // Conditions are collected as a row for each trip. Values of messages are gone with their trip.
  for (const [i, { message }] of guards.entries()) {
    const text = message.map((part) => (typeof part === 'string' ? part : '?'));
    builder.guard(allTrue(builder, values[outputs + i]!), ...text);
  }
  return [...stateOf(values), ...values.slice(carried.length, outputs)];
};

/** Shapes may change from trip to trip, ranks don't where they are known. */
function carriedInput({ outputs: [output] }: GraphNode) {
  const { dtype, shape } = output!;
  return { dtype, shape: shape?.map(() => -1) };
}

function condition(
  node: GraphNode,
  builder: OnnxBuilder,
  context: EmitContext,
  state: readonly OnnxValue[],
): OnnxValue {
  const cond = node.subgraphs!.cond!;
  const [value = ''] = context.inline(builder, cond, state);
  return booleanScalar(node, cond.results[0]!, value, builder, context);
}

export const loops: EmitterTable = { While: loop };
