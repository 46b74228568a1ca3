/** Lists in the state of a loop. */

import type { DataType } from '@serving/core/tensor';
import { boolAttribute } from '../../graph/attribute-readers.js';
import type { Endpoint, GraphNode } from '../../graph/graph.js';
import { allNodesOf } from '../../graph/rewire.js';
import { typeValue } from '../../op-defs/make-node.js';
import type { ListEnvironment } from './list-environment.js';
import { stackedList } from './list-operations.js';
import { constantInteger, ListNodes, type ListValue, type ReservedList } from './list-value.js';
import { inductionStart, runsUpTo, stateIndex } from './loop-induction.js';

/** A list that gets one element each trip. */
interface CollectedList {
  readonly index: number;
  readonly list: ReservedList;
  /** What a trip writes. */
  readonly value: Endpoint;
  /** Each trip writes the same element. */
  readonly keepsLast: boolean;
  /** Whether the list grows with the trips. */
  readonly grows: boolean;
}

export class LoopLowering {
  readonly #lowering: ListEnvironment;
  readonly #node: GraphNode;
  readonly #nodes: ListNodes;

  constructor(lowering: ListEnvironment, node: GraphNode) {
    this.#lowering = lowering;
    this.#node = node;
    this.#nodes = new ListNodes(`${node.name}/lists`);
  }

  lower(): void {
    const { cond, body } = this.#node.subgraphs!;
    const isList = this.#node.outputs.map(({ dtype }) => dtype === 'variant');
    const collected: CollectedList[] = [];
    const tensors: number[] = [];
    for (const [index] of isList.entries()) {
      if (!isList[index]) continue;
      const list = this.#lowering.list(this.#node.inputs[index]!);
      if (!list) {
        this.#lowering.refuse(this.#node, 'a list from outside of the signature');
        return;
      }
      const appended = this.#collected(index, list);
      if (appended) collected.push(appended);
      else if (!this.#makeTensor(index, list)) {
        this.#lowering.refuse(this.#node, 'a list whose elements have no known shape is changed in a loop');
        return;
      } else tensors.push(index);
    }
    this.#lowering.region(cond!.results);
    const isCollected = new Set(collected.map(({ index }) => index));
    const state = body!.results.filter((_, i) => !isCollected.has(i));
    this.#lowering.region([...state, ...collected.map(({ value }) => value)]);
    for (const index of tensors) {
      const list = this.#lowering.list(body!.results[index]!);
      const stacked = list && stackedList(this.#node, list);
      if (!stacked) {
        this.#lowering.refuse(this.#node, 'a list whose elements have no known shape leaves a loop');
        return;
      }
      body!.results[index] = stacked.tensor;
      this.#lowering.setList({ node: this.#node, index }, { ...stacked, tensor: { node: this.#node, index } });
    }
    if (collected.length > 0) this.#replace(collected);
  }

  /** Carries a list as one tensor. */
  #makeTensor(index: number, list: ListValue): boolean {
    const stacked = stackedList(this.#node, list);
    if (!stacked) return false;
    const { inputs, outputs, subgraphs } = this.#node;
    inputs[index] = stacked.tensor;
    outputs[index] = { dtype: stacked.dtype, shape: undefined };
    for (const { arguments: list } of Object.values(subgraphs!)) this.#lowering.setArgument(list[index]!, stacked);
    return true;
  }

  #collected(index: number, list: ListValue): CollectedList | undefined {
    const { cond, body } = this.#node.subgraphs!;
    const argument = body!.arguments[index]!;
    const write = body!.results[index]!.node;
    if (list.kind !== 'reserved' || write.inputs[0]?.node !== argument) return undefined;
    const uses = [...allNodesOf(body!), ...allNodesOf(cond!)].flatMap(({ inputs }) => inputs);
    const inCondition = cond!.arguments[index]!;
    if (uses.filter(({ node }) => node === argument || node === inCondition).length !== 1) return undefined;
    const size = constantInteger(list.count);
    const found = { index, list, keepsLast: false };
    if (write.op === 'TensorListPushBack') {
      return size === list.set.length ? { ...found, value: write.inputs[1]!, grows: true } : undefined;
    }
    if (write.op !== 'TensorListSetItem') return undefined;
    const [, place, value] = write.inputs as [Endpoint, Endpoint, Endpoint];
    if (constantInteger(place) === 0 && size === 1 && list.set.length === 0) {
      return { ...found, value, keepsLast: true, grows: true };
    }
    const start = inductionStart(this.#node, stateIndex(this.#node, place, 'body'));
    if (start === undefined || start !== list.set.length) return undefined;
    const resizes = boolAttribute(write.attributes, 'resize_if_index_out_of_bounds');
    const grows = resizes && size !== undefined && size <= start;
    return { ...found, value, grows: grows || runsUpTo(this.#node, list.count, start) };
  }

  /** Puts a loop without the collected lists in its state in the node's place. */
  #replace(collected: readonly CollectedList[]): void {
    const old = this.#node;
    const { replacements } = this.#lowering;
    const dropped = new Set(collected.map(({ index }) => index));
    const keeps = (_: unknown, i: number): boolean => !dropped.has(i);
    for (const subgraph of Object.values(old.subgraphs!)) subgraph.arguments = subgraph.arguments.filter(keeps);
    const { body } = old.subgraphs!;
    body!.results = [...body!.results.filter(keeps), ...collected.map(({ value }) => value)];
    const kept = old.outputs.filter(keeps);
    const outputs = [...kept, ...collected.map(({ list: { dtype } }) => ({ dtype, shape: undefined }))];
    const node: GraphNode = { ...old, inputs: old.inputs.filter(keeps), outputs };
    this.#lowering.loops.push(node);
    let place = 0;
    for (const index of old.outputs.keys()) {
      if (!dropped.has(index)) replacements.set({ node: old, index }, { node, index: place++ });
    }
    for (const [i, one] of collected.entries()) {
      const rows = this.#rows(one, { node, index: kept.length + i });
      this.#lowering.setList({ node: old, index: one.index }, { kind: 'stacked', dtype: one.list.dtype, tensor: rows });
    }
  }

  /** The whole list after the loop. */
  #rows({ list, keepsLast, grows }: CollectedList, output: Endpoint): Endpoint {
    const nodes = this.#nodes;
    const { dtype, set, count, elementShape } = list;
    const element = this.#elementShape(list);
    const left =
      set.length === 0 ? count : nodes.node('Sub', [count, nodes.int(set.length)], { T: typeValue('int32') });
    const inputs = [output, ...(element ? [element] : []), ...(grows ? [] : [left])];
    const rows: GraphNode = {
      op: '_ScanResult',
      name: `${this.#node.name}/lists/rows_${output.index}`,
      attributes: new Map([
        ['has_element_shape', { kind: 'bool', value: element !== undefined }],
        ['pads', { kind: 'bool', value: !grows }],
        ['element_shape', { kind: 'shape', value: elementShape }],
        ['keeps_last', { kind: 'bool', value: keepsLast }],
      ]),
      inputs,
      outputs: [{ dtype, shape: undefined }],
    };
    const collectedRows = { node: rows, index: 0 };
    return set.length === 0 ? collectedRows : nodes.concatenated(dtype, [nodes.packed(dtype, set), collectedRows]);
  }

  #elementShape({ dtype, elementShape, set }: { readonly dtype: DataType } & ReservedList): Endpoint | undefined {
    const [first] = set;
    if (first) return this.#nodes.node('Shape', [first], { T: typeValue(dtype) });
    return elementShape?.every((size) => size >= 0) ? this.#nodes.ints(elementShape) : undefined;
  }
}
