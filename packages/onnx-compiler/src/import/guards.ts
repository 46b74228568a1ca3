/** Conditions of `Assert`, `CheckNumerics` and `EnsureShape` as guards. */
import { StringArray } from '@serving/core/tensor';
import { intAttribute, shapeAttribute, textAttribute } from '../graph/attribute-readers.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { constantNode } from '../graph/new-node.js';
import { makeNode, typeValue } from '../op-defs/make-node.js';
import type { NodeDef } from '../saved-model/node-def.js';
import type { ImportSession } from './import-session.js';
import type { Scope } from './scope.js';
import { dataInputs } from './tensor-name.js';

/** Adds the guards of a node that runs to the graph that it is in. */
export function addGuards(importer: ImportSession, scope: Scope, definition: NodeDef): void {
  if (definition.op === 'Assert') addAssertion(importer, scope, definition);
  else if (definition.op === 'EnsureShape') addShapeGuard(importer, scope, definition);
  else if (definition.op.startsWith('CheckNumerics')) addNumericsGuards(importer, scope, definition);
}

function inputsOf(importer: ImportSession, scope: Scope, { inputs }: NodeDef): Endpoint[] {
  return dataInputs(inputs).map((input) => importer.resolve(scope, input));
}

function addAssertion(importer: ImportSession, scope: Scope, definition: NodeDef): void {
  const [condition, ...data] = inputsOf(importer, scope, definition);
  if (!condition || isTrue(condition)) return;
  const summarize = intAttribute(importer.attributesOf(scope, definition), 'summarize');
  // Tensors are shown in brackets.
  const shown = data.flatMap((endpoint, i) => {
    const text = constantText(endpoint, summarize);
    return [i === 0 ? '' : ' ', text === undefined ? endpoint : `[${text}]`];
  });
  scope.region.guards.push({ condition, message: ['assertion failed: ', ...shown] });
}

function isTrue({ node }: Endpoint): boolean {
  return node.op === 'Const' && node.constant?.dtype === 'bool' && node.constant.tensor().data.at(0) === 1;
}

/** The text of a constant, which is known before any request; other tensors are shown as they are then. */
function constantText({ node }: Endpoint, summarize: number): string | undefined {
  const tensor = node.op === 'Const' ? node.constant?.tensor() : undefined;
  if (!(tensor?.data instanceof StringArray)) return undefined;
  const { data } = tensor;
  const count = Math.min(data.length, summarize < 0 ? data.length : summarize);
  const texts = data.subarray(0, count).toStrings();
  return texts.join(' ') + (count < data.length ? '...' : '');
}

function addNumericsGuards(importer: ImportSession, scope: Scope, definition: NodeDef): void {
  const [tensor] = inputsOf(importer, scope, definition);
  if (!tensor) return;
  const attributes = importer.attributesOf(scope, definition);
  const message = textAttribute(attributes, 'message');
  const T = attributes.get('T')!;
  const name = `${scope.prefix}${definition.name}`;
  const any = (op: string): Endpoint => {
    const test = makeNode(`${name}/${op}`, op, [tensor], { T });
    return reduced(`${name}/any_${op}`, 'Any', { node: test, index: 0 });
  };
  const none = (found: Endpoint, label: string): Endpoint => ({
    node: makeNode(`${name}/${label}`, 'LogicalNot', [found]),
    index: 0,
  });
  const nan = any('IsNan');
  const infinite = any('IsInf');
  const both = { node: makeNode(`${name}/both`, 'LogicalAnd', [infinite, nan]), index: 0 };
  scope.region.guards.push(
    { condition: none(both, 'not_both'), message: [`${message} : Tensor had Inf and NaN values`] },
    { condition: none(infinite, 'no_inf'), message: [`${message} : Tensor had Inf values`] },
    { condition: none(nan, 'no_nan'), message: [`${message} : Tensor had NaN values`] },
  );
}

function addShapeGuard(importer: ImportSession, scope: Scope, definition: NodeDef): void {
  const [tensor] = inputsOf(importer, scope, definition);
  const attributes = importer.attributesOf(scope, definition);
  const expected = shapeAttribute(attributes, 'shape');
  if (!tensor || !expected) return;
  const name = `${scope.prefix}${definition.name}`;
  const T = attributes.get('T')!;
  const shape = { node: makeNode(`${name}/shape`, 'Shape', [tensor], { T }), index: 0 };
  const text = `[${expected.map((size) => (size < 0 ? '?' : size))}]`;
  const message = [`Shape of tensor ${definition.name} `, shape, ` is not compatible with expected shape ${text}.`];
  const rank = { node: makeNode(`${name}/rank`, 'Rank', [tensor], { T }), index: 0 };
  const int32 = { T: typeValue('int32') };
  const sameRank = makeNode(
    `${name}/same_rank`,
    'Equal',
    [rank, integers(`${name}/expected_rank`, [expected.length], [])],
    int32,
  );
  scope.region.guards.push({ condition: { node: sameRank, index: 0 }, message });
  if (expected.every((size) => size < 0)) return;
  // Free dimensions are multiplied away on both sides.
  const known = integers(
    `${name}/known`,
    expected.map((size) => (size < 0 ? 0 : 1)),
  );
  const sizes = { node: makeNode(`${name}/sizes`, 'Mul', [shape, known], int32), index: 0 };
  const wanted = integers(
    `${name}/expected`,
    expected.map((size) => Math.max(size, 0)),
  );
  const equal = { node: makeNode(`${name}/equal`, 'Equal', [sizes, wanted], int32), index: 0 };
  scope.region.guards.push({ condition: reduced(`${name}/all`, 'All', equal), message });
}

function integers(name: string, values: readonly number[], shape: readonly number[] = [values.length]): Endpoint {
  const node = constantNode(name, { dtype: 'int32', shape, data: Int32Array.from(values) });
  return { node, index: 0 };
}

/** `Any` or `All` over every dimension, of a tensor of any rank. */
function reduced(name: string, op: 'Any' | 'All', input: Endpoint): Endpoint {
  const flat: GraphNode = makeNode(`${name}/flat`, 'Reshape', [input, integers(`${name}/flat_shape`, [-1])], {
    T: typeValue('bool'),
  });
  const node = makeNode(name, op, [{ node: flat, index: 0 }, integers(`${name}/axis`, [0])]);
  return { node, index: 0 };
}
