/** Outputs that are lists of maps from class to score, as converters of scikit-learn's classifiers make them. */
import { fieldText, lengthDelimitedField, messageFields, varintField } from './message-fields.js';
import type { OnnxModelOutline, OnnxNodeOutline } from './model-outline.js';

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_OUTPUT = 12;
const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5 };
const ATTRIBUTE = { name: 1, ints: 8, strings: 9 };
const FLOAT = 1;

/**
 * The model with a dense output of a column per class, in the order of its class labels, in place of each `ZipMap`; the model itself
 * where it has none. Other outputs stay as they are, and so do damaged ZipMaps.
 */
export function replaceZipMaps(bytes: Uint8Array, { graph }: OnnxModelOutline): Uint8Array {
  const zipMaps = new Map<string, OnnxNodeOutline>();
  for (const { name, type } of graph.outputs) {
    const node = type.kind === 'sequence' ? graph.nodes.find(({ outputs }) => outputs[0] === name) : undefined;
    if (node?.operator === 'ZipMap' && node.inputs.length === 1) zipMaps.set(name, node);
  }
  if (zipMaps.size === 0) return bytes;
  const replaced = new Map([...zipMaps].map(([output, node]) => [node.bytes, identity(node, output)]));
  return mapFields(bytes, (field) => {
    if (field.number !== MODEL_GRAPH) return field.wire;
    const graphBytes = mapFields(field.content, ({ number, content, wire }) => {
      if (number === GRAPH_NODE) return replacementOf(replaced, content) ?? wire;
      if (number !== GRAPH_OUTPUT) return wire;
      const name = messageFields(content).find((each) => each.number === 1);
      const node = name && zipMaps.get(fieldText(name));
      return node === undefined ? wire : lengthDelimitedField(GRAPH_OUTPUT, denseOutput(node));
    });
    return lengthDelimitedField(MODEL_GRAPH, graphBytes);
  });
}

function mapFields(
  message: Uint8Array,
  map: (field: ReturnType<typeof messageFields>[number]) => Uint8Array,
): Uint8Array {
  return Buffer.concat(messageFields(message).map(map));
}

/** Views of the same bytes are different objects. */
function replacementOf(replaced: ReadonlyMap<Uint8Array, Uint8Array>, content: Uint8Array): Uint8Array | undefined {
  for (const [bytes, replacement] of replaced) {
    if (bytes.byteOffset === content.byteOffset && bytes.length === content.length) return replacement;
  }
  return undefined;
}

function identity({ inputs, name }: OnnxNodeOutline, output: string): Uint8Array {
  const fields = [
    lengthDelimitedField(NODE.input, inputs[0]!),
    lengthDelimitedField(NODE.output, output),
    lengthDelimitedField(NODE.name, name),
    lengthDelimitedField(NODE.operator, 'Identity'),
  ];
  return lengthDelimitedField(GRAPH_NODE, Buffer.concat(fields));
}

/** A `ValueInfoProto` of float scores: rows, and a column per class where their number is known. */
function denseOutput(node: OnnxNodeOutline): Uint8Array {
  const classes = classCount(node);
  const rows = lengthDelimitedField(1, new Uint8Array(0));
  const columns = lengthDelimitedField(1, classes === 0 ? new Uint8Array(0) : varintField(1, classes));
  const tensor = Buffer.concat([varintField(1, FLOAT), lengthDelimitedField(2, Buffer.concat([rows, columns]))]);
  const type = lengthDelimitedField(1, tensor);
  return Buffer.concat([lengthDelimitedField(1, node.outputs[0]!), lengthDelimitedField(2, type)]);
}

function classCount({ bytes }: OnnxNodeOutline): number {
  for (const { number, content } of messageFields(bytes)) {
    if (number !== NODE.attribute) continue;
    const fields = messageFields(content);
    const name = fields.find((field) => field.number === ATTRIBUTE.name);
    const kind = name && fieldText(name);
    if (kind === 'classlabels_strings') return fields.filter((field) => field.number === ATTRIBUTE.strings).length;
    if (kind === 'classlabels_int64s') return countInts(fields.filter((field) => field.number === ATTRIBUTE.ints));
  }
  return 0;
}

/** One by one, or packed: each ends with a byte below 128. */
function countInts(fields: readonly { readonly content: Uint8Array }[]): number {
  let count = 0;
  for (const { content } of fields) count += content.length === 0 ? 1 : content.filter((byte) => byte < 128).length;
  return count;
}
