/** Arrays of TensorFlow 1 as lists: the flow, which orders their operations, becomes the list. */
import type { AttributeValue } from '../../graph/attributes.js';
import type { Endpoint, GraphNode } from '../../graph/graph.js';
import { constantNode } from '../../graph/new-node.js';
import { makeNode, typeValue } from '../../op-defs/make-node.js';
import { constantInteger } from '../lists/list-value.js';

type Lowering = (node: GraphNode, array: GraphNode) => GraphNode | undefined;

/** Replaces the operations on arrays. Returns what stands for their outputs; an operation without a form as a list is left. */
export function listsOfArrays(nodes: readonly GraphNode[]): [Endpoint, Endpoint][] {
  const replaced: [Endpoint, Endpoint][] = [];
  for (const node of nodes) {
    if (node.op === 'TensorArrayV3') {
      replaced.push([
        { node, index: 1 },
        { node: reserved(node), index: 0 },
      ]);
      continue;
    }
    const lower = lowerings[node.op];
    const array = lower && node.inputs[0] && arrayOf(node.inputs[0]);
    const by = array && lower!(node, array);
    if (by)
      for (const index of node.outputs.keys())
        replaced.push([
          { node, index },
          { node: by, index },
        ]);
  }
  return replaced;
}

/** The array that a handle stands for: it is constant in loops, and branches take it as it is. */
function arrayOf({ node }: Endpoint): GraphNode | undefined {
  let array = node;
  for (let i = 0; i < 1000 && (array.op === 'Enter' || array.op === 'Switch'); i++) array = array.inputs[0]!.node;
  return array.op === 'TensorArrayV3' ? array : undefined;
}

function elementTypes(array: GraphNode): Record<string, AttributeValue> {
  return { element_dtype: array.attributes.get('dtype')! };
}

function reserved(array: GraphNode): GraphNode {
  const types = { ...elementTypes(array), shape_type: typeValue('int32') };
  return makeNode(`${array.name}/list`, 'TensorListReserve', [elementShape(array), array.inputs[0]!], types);
}

/** As lists have it: -1 for an unknown rank. */
function elementShape(array: GraphNode): Endpoint {
  const attribute = array.attributes.get('element_shape');
  const sizes = attribute?.kind === 'shape' ? attribute.value : undefined;
  const data = Int32Array.from(sizes ?? [-1]);
  const shape = sizes ? [sizes.length] : [];
  return { node: constantNode(`${array.name}/element_shape`, { dtype: 'int32', shape, data }), index: 0 };
}

const lowerings: Readonly<Record<string, Lowering>> = {
  TensorArrayWriteV3: (node, array) => {
    const [, index, value, flow] = node.inputs;
    const resizes = array.attributes.get('dynamic_size')!;
    const attributes = { ...elementTypes(array), resize_if_index_out_of_bounds: resizes };
    return makeNode(`${node.name}/list`, 'TensorListSetItem', [flow!, index!, value!], attributes);
  },
  TensorArrayReadV3: (node, array) => {
    const [, index, flow] = node.inputs;
    return makeNode(
      `${node.name}/list`,
      'TensorListGetItem',
      [flow!, index!, elementShape(array)],
      elementTypes(array),
    );
  },
  TensorArrayGatherV3: (node, array) => {
    const [, indices, flow] = node.inputs;
    const isWhole = countsFromZero(indices!);
    const inputs = isWhole ? [flow!, elementShape(array)] : [flow!, indices!, elementShape(array)];
    return makeNode(`${node.name}/list`, isWhole ? 'TensorListStack' : 'TensorListGather', inputs, elementTypes(array));
  },
  TensorArrayScatterV3: (node, array) => {
    const [, indices, value] = node.inputs;
    if (!countsFromZero(indices!)) return undefined;
    const types = { ...elementTypes(array), shape_type: typeValue('int32') };
    return makeNode(`${node.name}/list`, 'TensorListFromTensor', [value!, elementShape(array)], types);
  },
  TensorArrayConcatV3: (node, array) => {
    const [, flow] = node.inputs;
    return makeNode(`${node.name}/list`, 'TensorListConcat', [flow!], elementTypes(array));
  },
  TensorArraySizeV3: (node) => makeNode(`${node.name}/list`, 'TensorListLength', [node.inputs[1]!]),
};

/** Whether indices are those of all elements, as `stack` and `unstack` give them: `Range(0, n, 1)`. */
function countsFromZero({ node }: Endpoint): boolean {
  if (node.op !== 'Range') return false;
  const [start, , delta] = node.inputs;
  return constantInteger(start!) === 0 && constantInteger(delta!) === 1;
}
