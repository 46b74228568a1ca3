/** Reads the outline of a serialized `onnx.ModelProto`. */
import { ServingError } from '@serving/core';
import { fieldText, type MessageField, messageFields } from './message-fields.js';
import type {
  OnnxFunctionOutline,
  OnnxGraphOutline,
  OnnxModelOutline,
  OnnxNodeOutline,
  OnnxTensorOutline,
  OnnxValueOutline,
  OnnxValueType,
} from './model-outline.js';

/** Graphs in attributes of nodes of graphs in attributes, and so on. */
const MAX_DEPTH = 32;

/**
 * Reads a model; values of tensors are skipped.
 *
 * @throws ServingError `INVALID_ARGUMENT` for bytes that are not an ONNX model, or one whose graphs are nested more than 32 deep.
 */
export function readModelOutline(bytes: Uint8Array): OnnxModelOutline {
  try {
    const fields = messageFields(bytes);
    const graph = fields.findLast(({ number }) => number === MODEL.graph);
    if (graph === undefined) throw ServingError.invalidArgument('it has no graph');
    return {
      irVersion: fields.findLast(({ number }) => number === MODEL.irVersion)?.value ?? 0,
      operatorSets: new Map(contents(fields, MODEL.operatorSet).map(readOperatorSet)),
      graph: readGraph(graph.content, 0),
      functions: contents(fields, MODEL.functions).map(readFunction),
    };
  } catch (error) {
    throw ServingError.from(error, 'INVALID_ARGUMENT').prefixed('The file is not an ONNX model: ');
  }
}

/** Numbers of fields, as in `onnx.proto`. */
const MODEL = { irVersion: 1, graph: 7, operatorSet: 8, functions: 25 };
const OPERATOR_SET = { domain: 1, version: 2 };
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 };
const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11 };
const FUNCTION = { name: 1, node: 7, domain: 10 };
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9, externalData: 13, dataLocation: 14 };
const ENTRY = { key: 1, value: 2 };
const VALUE = { name: 1, type: 2 };
const TYPE = { tensor: 1, sequence: 4, map: 5, sparse: 8, optional: 9 };
const TENSOR_TYPE = { elementType: 1, shape: 2 };
const SHAPE = { dim: 1 };
const DIM = { size: 1, name: 2 };
const EXTERNAL = 1;

function contents(fields: readonly MessageField[], number: number): Uint8Array[] {
  return fields.filter((field) => field.number === number).map(({ content }) => content);
}

function text(fields: readonly MessageField[], number: number): string {
  const field = fields.findLast((each) => each.number === number);
  return field === undefined ? '' : fieldText(field);
}

function texts(fields: readonly MessageField[], number: number): string[] {
  return fields.filter((field) => field.number === number).map(fieldText);
}

function value(fields: readonly MessageField[], number: number): number {
  return fields.findLast((field) => field.number === number)?.value ?? 0;
}

function readOperatorSet(bytes: Uint8Array): readonly [domain: string, version: number] {
  const fields = messageFields(bytes);
  return [text(fields, OPERATOR_SET.domain), value(fields, OPERATOR_SET.version)];
}

function readGraph(bytes: Uint8Array, depth: number): OnnxGraphOutline {
  if (depth > MAX_DEPTH) throw ServingError.invalidArgument(`its graphs are nested more than ${MAX_DEPTH} deep`);
  const fields = messageFields(bytes);
  return {
    nodes: contents(fields, GRAPH.node).map((node) => readNode(node, depth)),
    initializers: contents(fields, GRAPH.initializer).map(readTensor),
    inputs: contents(fields, GRAPH.input).map(readValue),
    outputs: contents(fields, GRAPH.output).map(readValue),
  };
}

function readNode(bytes: Uint8Array, depth: number): OnnxNodeOutline {
  const fields = messageFields(bytes);
  const attributes = contents(fields, NODE.attribute).flatMap(messageFields);
  const named = (...numbers: number[]): Uint8Array[] => numbers.flatMap((number) => contents(attributes, number));
  return {
    name: text(fields, NODE.name),
    operator: text(fields, NODE.operator),
    domain: text(fields, NODE.domain),
    inputs: texts(fields, NODE.input),
    outputs: texts(fields, NODE.output),
    subgraphs: named(ATTRIBUTE.graph, ATTRIBUTE.graphs).map((graph) => readGraph(graph, depth + 1)),
    tensors: named(ATTRIBUTE.tensor, ATTRIBUTE.tensors).map(readTensor),
    bytes,
  };
}

function readFunction(bytes: Uint8Array): OnnxFunctionOutline {
  const fields = messageFields(bytes);
  return {
    name: text(fields, FUNCTION.name),
    domain: text(fields, FUNCTION.domain),
    nodes: contents(fields, FUNCTION.node).map((node) => readNode(node, 1)),
  };
}

function readTensor(bytes: Uint8Array): OnnxTensorOutline {
  const fields = messageFields(bytes);
  const raw = fields.findLast(({ number }) => number === TENSOR.rawData);
  const isExternal = value(fields, TENSOR.dataLocation) === EXTERNAL;
  return {
    name: text(fields, TENSOR.name),
    elementType: value(fields, TENSOR.dataType),
    dims: readDims(fields),
    rawBytes: isExternal ? undefined : raw?.content.length,
    externalData: isExternal ? new Map(contents(fields, TENSOR.externalData).map(readEntry)) : undefined,
    bytes,
  };
}

/** Packed or one by one. */
function readDims(fields: readonly MessageField[]): number[] {
  return fields
    .filter(({ number }) => number === TENSOR.dims)
    .flatMap((field) => (field.content.length === 0 ? [field.value] : readPacked(field.content)));
}

/** Integers of a packed field. */
export function readPacked(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    let result = 0n;
    let shift = 0n;
    for (; at < bytes.length && shift < 64n; shift += 7n) {
      const byte = bytes[at++]!;
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    values.push(Number(BigInt.asIntN(64, result)));
  }
  return values;
}

function readEntry(bytes: Uint8Array): readonly [key: string, value: string] {
  const fields = messageFields(bytes);
  return [text(fields, ENTRY.key), text(fields, ENTRY.value)];
}

function readValue(bytes: Uint8Array): OnnxValueOutline {
  const fields = messageFields(bytes);
  const type = fields.findLast(({ number }) => number === VALUE.type);
  return { name: text(fields, VALUE.name), type: type === undefined ? { kind: 'unknown' } : readType(type.content) };
}

function readType(bytes: Uint8Array): OnnxValueType {
  for (const { number, content } of messageFields(bytes)) {
    if (number === TYPE.sequence) return { kind: 'sequence' };
    if (number === TYPE.map) return { kind: 'map' };
    if (number === TYPE.sparse) return { kind: 'sparse tensor' };
    if (number === TYPE.optional) return { kind: 'optional' };
    if (number !== TYPE.tensor) continue;
    const fields = messageFields(content);
    const shape = fields.findLast((field) => field.number === TENSOR_TYPE.shape);
    return {
      kind: 'tensor',
      elementType: value(fields, TENSOR_TYPE.elementType),
      shape: shape && contents(messageFields(shape.content), SHAPE.dim).map(readDim),
    };
  }
  return { kind: 'unknown' };
}

function readDim(bytes: Uint8Array): { readonly size: number | undefined; readonly name: string } {
  const fields = messageFields(bytes);
  const size = fields.findLast(({ number }) => number === DIM.size)?.value;
  return { size: size !== undefined && size >= 0 ? size : undefined, name: text(fields, DIM.name) };
}
