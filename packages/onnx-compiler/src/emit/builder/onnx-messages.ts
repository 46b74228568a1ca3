/** Messages of `onnx.proto`, written to bytes. */
import { ServingError } from '@serving/core';
import type { DataType, PartialShape, Tensor } from '@serving/core/tensor';
import { tensorBytes } from '@serving/core/tensor';
import { WireWriter } from '@serving/protos/tensor';
import type { OnnxAttribute, OnnxSubgraph, OnnxValue } from '../emitter.js';
import { onnxDataType } from './onnx-data-type.js';

/** An `onnx.TensorProto`'s bytes: in the message, or in a file. */
export interface Initializer {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly bytes?: Uint8Array;
  readonly external?: { readonly location: string; readonly offset: number; readonly length: number };
}

/** A value of a graph with its type; without a shape the rank is free. */
export interface TypedValue {
  readonly name: OnnxValue;
  readonly dtype: DataType;
  readonly shape?: PartialShape;
  /** Whether its first dimension is the batch, which has one name in the model. Default: false. */
  readonly hasRows?: boolean | undefined;
}

/** An `onnx.NodeProto`. */
export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** An `onnx.GraphProto`. */
export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly TypedValue[];
  readonly outputs: readonly TypedValue[];
  /** Serialized nodes, in order. */
  readonly nodes: readonly Uint8Array[];
  readonly initializers: readonly Initializer[];
}

const IR_VERSION = 10;
const EXTERNAL = 1;

/** Tag of a field with a length. */
const bytesTag = (field: number): number => (field << 3) | 2;
/** Tag of a field with a varint. */
const varintTag = (field: number): number => field << 3;

/** Writes content and then its head in front of it. */
function message(writer: WireWriter, field: number, write: () => void): void {
  const before = writer.length;
  write();
  writer.field(bytesTag(field), before);
}

const text = (writer: WireWriter, field: number, value: string): void =>
  message(writer, field, () => writer.text(value));

function integer(writer: WireWriter, field: number, value: number | bigint): void {
  writer.int64(BigInt(value));
  writer.varint(varintTag(field));
}

/** Calls `write` for the last entry first, as the writer wants it. */
function backwards<T>(values: readonly T[], write: (value: T, index: number) => void): void {
  for (let i = values.length - 1; i >= 0; i--) write(values[i]!, i);
}

export function encodeNode(node: OnnxNode): Uint8Array {
  const writer = new WireWriter();
  if (node.domain !== '') text(writer, 7, node.domain);
  backwards(Object.entries(node.attributes), ([name, value]) =>
    message(writer, 5, () => writeAttribute(writer, name, value)),
  );
  text(writer, 4, node.op);
  text(writer, 3, node.name);
  backwards(node.outputs, (output) => text(writer, 2, output));
  backwards(node.inputs, (input) => text(writer, 1, input));
  return writer.finish();
}

function writeAttribute(writer: WireWriter, name: string, attribute: OnnxAttribute): void {
  const [type, write] = attributeContent(writer, attribute);
  integer(writer, 20, type);
  write();
  text(writer, 1, name);
}

function attributeContent(writer: WireWriter, attribute: OnnxAttribute): [type: number, write: () => void] {
  if ('float' in attribute) {
    return [
      1,
      () => {
        writer.float(attribute.float);
        writer.varint((2 << 3) | 5);
      },
    ];
  }
  if ('int' in attribute) return [2, () => integer(writer, 3, attribute.int)];
  if ('string' in attribute) return [3, () => text(writer, 4, attribute.string)];
  if ('tensor' in attribute)
    return [4, () => message(writer, 5, () => writeTensor(writer, inline('', attribute.tensor)))];
  if ('graph' in attribute) return [5, () => message(writer, 6, () => writeGraph(writer, subgraph(attribute.graph)))];
  if ('floats' in attribute) {
    return [6, () => message(writer, 7, () => backwards(attribute.floats, (value) => writer.float(value)))];
  }
  if ('ints' in attribute) {
    return [7, () => message(writer, 8, () => backwards(attribute.ints, (value) => writer.int64(BigInt(value))))];
  }
  return [8, () => backwards(attribute.strings, (value) => text(writer, 9, value))];
}

const subgraph = ({ inputs, outputs, nodes }: OnnxSubgraph): OnnxGraph => ({
  name: 'subgraph',
  inputs,
  outputs: outputs.map(({ name, dtype }) => ({ name, dtype })),
  nodes,
  initializers: [],
});

/** An initializer with the tensor's bytes in the message. */
export function inline(name: string, tensor: Tensor): Initializer {
  return { name, dtype: tensor.dtype, shape: tensor.shape, bytes: tensorBytes(tensor) };
}

function typeNumber(dtype: DataType): number {
  const number = onnxDataType(dtype);
  if (number !== undefined) return number;
  throw new ServingError('UNIMPLEMENTED', `Tensors of dtype ${dtype} can't be part of an ONNX model`);
}

function writeTensor(writer: WireWriter, { name, dtype, shape, bytes, external }: Initializer): void {
  if (external) {
    integer(writer, 14, EXTERNAL);
    const entries: [string, string][] = [
      ['location', external.location],
      ['offset', String(external.offset)],
      ['length', String(external.length)],
    ];
    backwards(entries, ([key, value]) =>
      message(writer, 13, () => {
        text(writer, 2, value);
        text(writer, 1, key);
      }),
    );
  } else {
    message(writer, 9, () => writer.raw(bytes!));
  }
  text(writer, 8, name);
  integer(writer, 2, typeNumber(dtype));
  if (shape.length > 0) message(writer, 1, () => backwards(shape, (size) => writer.int64(BigInt(size))));
}

const dimensionName = ({ name, hasRows }: TypedValue, axis: number): string =>
  hasRows && axis === 0 ? 'batch' : `${name}_${axis}`;

function writeValue(writer: WireWriter, value: TypedValue): void {
  const { name, dtype, shape } = value;
  message(writer, 2, () =>
    message(writer, 1, () => {
      if (shape !== undefined) {
        message(writer, 2, () =>
          backwards(shape, (size, axis) =>
            message(writer, 1, () => {
              if (size < 0) text(writer, 2, dimensionName(value, axis));
              else integer(writer, 1, size);
            }),
          ),
        );
      }
      integer(writer, 1, typeNumber(dtype));
    }),
  );
  text(writer, 1, name);
}

function writeGraph(writer: WireWriter, graph: OnnxGraph): void {
  backwards(graph.outputs, (output) => message(writer, 12, () => writeValue(writer, output)));
  backwards(graph.inputs, (input) => message(writer, 11, () => writeValue(writer, input)));
  backwards(graph.initializers, (initializer) => message(writer, 5, () => writeTensor(writer, initializer)));
  text(writer, 2, graph.name);
  backwards(graph.nodes, (node) => message(writer, 1, () => writer.raw(node)));
}

/** An `onnx.ModelProto`. */
export function encodeModel(graph: OnnxGraph, opsets: ReadonlyMap<string, number>): Uint8Array {
  const inside = graph.initializers.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
  const nodes = graph.nodes.reduce((sum, node) => sum + node.length + 8, 0);
  const writer = new WireWriter(inside + nodes + 128 * graph.initializers.length + 4096);
  backwards([...opsets], ([domain, version]) =>
    message(writer, 8, () => {
      integer(writer, 2, version);
      if (domain !== '') text(writer, 1, domain);
    }),
  );
  message(writer, 7, () => writeGraph(writer, graph));
  text(writer, 2, 'serving');
  integer(writer, 1, IR_VERSION);
  return writer.finish();
}
