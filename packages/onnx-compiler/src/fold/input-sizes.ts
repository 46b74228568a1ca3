/** Sizes that are those of an input of the signature. */
import type { AttributeValue } from '../graph/attributes.js';
import type { Endpoint, GraphNode, OutputInfo } from '../graph/graph.js';
import { constantNode, newNode } from '../graph/new-node.js';
import type { SymbolOrigin } from '../shapes/dimension.js';
import type { ShapeFacts } from '../shapes/infer-shapes.js';

const int = (value: number): AttributeValue => ({ kind: 'int', value: BigInt(value) });

/** Reads sizes from the inputs themselves, so that they don't wait for what is computed from them, and are written once. */
export class InputSizes {
  readonly #made = new Map<string, Endpoint>();
  readonly #own = new Set<GraphNode>();

  /** What stands for a node whose result is one size of an input. */
  find(node: GraphNode, facts: ShapeFacts): readonly Endpoint[] | undefined {
    const [output] = node.outputs;
    const vector = facts.vector({ node, index: 0 });
    const rank = facts.dimensions({ node, index: 0 })?.length;
    const [size] = vector ?? [];
    if (node.outputs.length !== 1 || vector?.length !== 1 || rank === undefined || rank > 1) return undefined;
    if (typeof size !== 'object' || size.coefficient !== 1 || size.symbols.length !== 1) return undefined;
    const { origin } = size.symbols[0]!;
    const isInteger = output!.dtype === 'int32' || output!.dtype === 'int64';
    if (origin === undefined || !isInteger || this.#own.has(node) || isReading(node, origin)) return undefined;
    const key = `${origin.node.name}:${origin.dimension}:${output!.dtype}:${rank}`;
    const made = this.#made.get(key) ?? this.#make(node.name, origin, { ...output!, shape: rank === 0 ? [] : [1] });
    this.#made.set(key, made);
    return [made];
  }

  #make(name: string, { node, dimension }: SymbolOrigin, output: OutputInfo): Endpoint {
    const rank = node.outputs[0]!.shape!.length;
    const out: AttributeValue = { kind: 'type', value: output.dtype };
    const shape = newNode('Shape', `${name}/sizes`, [{ node, index: 0 }], [{ dtype: output.dtype, shape: [rank] }], {
      out_type: out,
    });
    const spec = [dimension, dimension + 1, 1].map((value, i) => ({
      node: constantNode(`${name}/spec_${i}`, { dtype: 'int32', shape: [1], data: Int32Array.of(value) }),
      index: 0,
    }));
    const slice = newNode('StridedSlice', name, [{ node: shape, index: 0 }, ...spec], [output], {
      begin_mask: int(0),
      end_mask: int(0),
      ellipsis_mask: int(0),
      new_axis_mask: int(0),
      shrink_axis_mask: int(output.shape!.length === 0 ? 1 : 0),
    });
    this.#own.add(slice);
    return { node: slice, index: 0 };
  }
}

/** Whether the node reads the size from the input already. */
function isReading({ op, inputs }: GraphNode, origin: SymbolOrigin): boolean {
  const from = inputs[0]?.node;
  if (op === 'Shape') return from === origin.node;
  return op === 'StridedSlice' && from?.op === 'Shape' && from.inputs[0]!.node === origin.node;
}
