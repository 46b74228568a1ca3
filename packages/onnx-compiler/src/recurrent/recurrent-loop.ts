/** Loops over the steps of a sequence, by their state. */
import { elementCount } from '@serving/core/tensor';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { inductionStart } from '../import/lists/loop-induction.js';
import { type GraphView, isAbout, numbersOf, producer, sameEndpoint } from '../rewrite/graph-view.js';

/** A state that each step gives on, under a mask where the layer has one. */
interface CarriedState {
  /** Its place in the loop's state. */
  readonly index: number;
  readonly argument: GraphNode;
  /** What a step makes of it, without the mask. */
  readonly next: Endpoint;
}

/** What steps show at masked places. */
type MaskedOutput = 'repeat' | 'zeros';

/** A loop that reads one row of a sequence in each trip. */
export interface RecurrentLoop {
  /** The sequence, steps first. */
  readonly sequence: Endpoint;
  /** The node in the body that is a step's row. */
  readonly row: GraphNode;
  /** Booleans [steps, batch, 1]. */
  readonly mask: Endpoint | undefined;
  /** The number of steps; a scalar. */
  readonly steps: Endpoint;
  readonly states: readonly CarriedState[];
  /** Collected results: their place among the outputs, and their value without the mask. */
  readonly collected: readonly { readonly index: number; readonly value: Endpoint; readonly masked: MaskedOutput }[];
}

/** The parts of a loop; `undefined` for a loop of another form. */
export function recurrentLoop(loop: GraphNode, view: GraphView): RecurrentLoop | undefined {
  const { body } = loop.subgraphs!;
  const times = new Set(body!.arguments.filter((_, i) => inductionStart(loop, i) === 0));
  const steps = stepCount(loop);
  if (!steps) return undefined;
  const rows = rowsOf(loop, times);
  const row = rows.find(({ outputs }) => outputs[0]!.dtype !== 'bool');
  const maskRow = rows.find(({ outputs }) => outputs[0]!.dtype === 'bool');
  if (!row || rows.length > (maskRow ? 2 : 1)) return undefined;
  const reader = new StateReader(loop, maskRow);
  const states: CarriedState[] = [];
  for (const [index, argument] of body!.arguments.entries()) {
    if (isInvariant(loop, index) || inductionStart(loop, index) !== undefined) continue;
    const next = reader.state(index);
    if (next) states.push({ index, argument, next });
    else if (!reader.isShown(index) || view.uses({ node: loop, index }) > 0) return undefined;
  }
  const collected = [];
  for (let index = loop.inputs.length; index < loop.outputs.length; index++) {
    const shown = reader.output(body!.results[index]!);
    if (!shown) return undefined;
    collected.push({ index, ...shown });
  }
  const mask = maskRow && outerTensor(loop, maskRow);
  return { sequence: outerTensor(loop, row)!, row, mask, steps, states, collected };
}

function isInvariant(loop: GraphNode, index: number): boolean {
  const { body } = loop.subgraphs!;
  return body!.results[index]!.node === body!.arguments[index];
}

/** The limit of counters from 0: each part of the condition is `counter < limit`, with one limit. */
function stepCount(loop: GraphNode): Endpoint | undefined {
  const work = [loop.subgraphs!.cond!.results[0]!];
  let found: Endpoint | undefined;
  for (let part = work.pop(); part; part = work.pop()) {
    if (part.node.op === 'LogicalAnd') {
      work.push(...part.node.inputs);
      continue;
    }
    const limit = limitOf(loop, part.node);
    if (!limit || (found && !sameLimit(found, limit))) return undefined;
    found ??= limit;
  }
  return found;
}

function limitOf(loop: GraphNode, { op, inputs: [counter, limit] }: GraphNode): Endpoint | undefined {
  const { cond } = loop.subgraphs!;
  if (op !== 'Less' || !counter || !limit) return undefined;
  if (inductionStart(loop, cond!.arguments.indexOf(counter.node)) !== 0) return undefined;
  if (limit.node.constant) return limit;
  const index = cond!.arguments.indexOf(limit.node);
  return index >= 0 && isInvariant(loop, index) ? loop.inputs[index] : undefined;
}

function sameLimit(a: Endpoint, b: Endpoint): boolean {
  const [value, other] = [numbersOf(a), numbersOf(b)];
  return sameEndpoint(a, b) || (value?.length === 1 && value[0] === other?.[0]);
}

/** Rows of sequences at the time of a step. */
function rowsOf(loop: GraphNode, times: ReadonlySet<GraphNode>): GraphNode[] {
  const { body } = loop.subgraphs!;
  const seen = new Set<GraphNode>();
  const found: GraphNode[] = [];
  const work = body!.results.map(({ node }) => node);
  for (let node = work.pop(); node; node = work.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    work.push(...node.inputs.map((input) => input.node));
    if (node.op !== 'GatherV2' || !times.has(node.inputs[1]!.node)) continue;
    if (numbersOf(node.inputs[2])?.[0] === 0 && outerTensor(loop, node)) found.push(node);
  }
  return found;
}

/** The tensor outside of the loop whose row a node is. */
function outerTensor(loop: GraphNode, row: GraphNode): Endpoint | undefined {
  const { body } = loop.subgraphs!;
  const { node, index } = row.inputs[0]!;
  if (node.constant) return { node, index };
  const place = body!.arguments.indexOf(node);
  return place >= 0 && isInvariant(loop, place) ? loop.inputs[place] : undefined;
}

/** Looks through the mask: `SelectV2(mask, new, old)`. */
class StateReader {
  readonly #loop: GraphNode;
  readonly #mask: GraphNode | undefined;

  constructor(loop: GraphNode, mask: GraphNode | undefined) {
    this.#loop = loop;
    this.#mask = mask;
  }

  /** What a step makes of a state; `undefined` where masked steps don't keep it. */
  state(index: number): Endpoint | undefined {
    const { arguments: nodes, results } = this.#loop.subgraphs!.body!;
    if (!this.#mask) return results[index];
    const selected = this.#selected(results[index]!);
    return selected && selected.old.node === nodes[index] && !this.isShown(index) ? selected.value : undefined;
  }

  /** Whether a state is the output shown at the step before: it starts with zeros, and is collected. */
  isShown(index: number): boolean {
    const { results } = this.#loop.subgraphs!.body!;
    const isCollected = results.slice(this.#loop.inputs.length).some((other) => sameEndpoint(other, results[index]));
    return this.#mask !== undefined && isCollected && isZero(this.#loop.inputs[index]!);
  }

  output(result: Endpoint): { readonly value: Endpoint; readonly masked: MaskedOutput } | undefined {
    if (!this.#mask) return { value: result, masked: 'repeat' };
    const selected = this.#selected(result);
    if (!selected) return undefined;
    const { value, old } = selected;
    const { arguments: nodes, results } = this.#loop.subgraphs!.body!;
    const index = nodes.indexOf(old.node);
    const isZeroBefore = index >= 0 ? isZero(this.#loop.inputs[index]!) : isZero(old);
    if (!isZeroBefore) return undefined;
    if (index < 0 || isInvariant(this.#loop, index)) return { value, masked: 'zeros' };
    return sameEndpoint(results[index], result) ? { value, masked: 'repeat' } : undefined;
  }

  #selected({ node, index }: Endpoint): { readonly value: Endpoint; readonly old: Endpoint } | undefined {
    if (index !== 0 || (node.op !== 'SelectV2' && node.op !== 'Select')) return undefined;
    const [mask, value, old] = node.inputs as [Endpoint, Endpoint, Endpoint];
    const tile = producer(mask, 'Tile');
    const source = tile ? tile.inputs[0]!.node : mask.node;
    return source === this.#mask ? { value, old } : undefined;
  }
}

/** Whether a tensor is zeros, whatever its shape. */
function isZero(endpoint: Endpoint): boolean {
  const { op, constant, inputs } = endpoint.node;
  if (op === 'ZerosLike') return true;
  if (op === 'Fill') return isAbout(inputs[1], 0);
  return constant !== undefined && elementCount(constant.shape) > 0 && isAbout(endpoint, 0);
}
