/** Small ONNX models written by hand, for what no library writes. */
import { lengthDelimitedField, varintField } from './message-fields.js';

const concat = (...fields: readonly Uint8Array[]): Uint8Array => Buffer.concat(fields);

/** A `ValueInfoProto` of a tensor, or of another type that is given serialized. */
export function valueBytes(name: string, elementType: number, dims: readonly (number | string)[] = []): Uint8Array {
  const shape = dims.map((dim) =>
    lengthDelimitedField(1, typeof dim === 'number' ? varintField(1, dim) : lengthDelimitedField(2, dim)),
  );
  const tensor = concat(varintField(1, elementType), lengthDelimitedField(2, concat(...shape)));
  return concat(lengthDelimitedField(1, name), lengthDelimitedField(2, lengthDelimitedField(1, tensor)));
}

/** A `ValueInfoProto` of a sequence of float tensors. */
export function sequenceBytes(name: string): Uint8Array {
  const element = lengthDelimitedField(1, varintField(1, 1));
  return concat(
    lengthDelimitedField(1, name),
    lengthDelimitedField(2, lengthDelimitedField(4, lengthDelimitedField(1, element))),
  );
}

/** A `TensorProto`: with raw data, or with entries of external data. */
export function tensorBytes(
  name: string,
  elementType: number,
  dims: readonly number[],
  values: Uint8Array | Readonly<Record<string, string>>,
): Uint8Array {
  const data =
    values instanceof Uint8Array
      ? [lengthDelimitedField(9, values)]
      : [
          ...Object.entries(values).map(([key, value]) =>
            lengthDelimitedField(13, concat(lengthDelimitedField(1, key), lengthDelimitedField(2, value))),
          ),
          varintField(14, 1),
        ];
  return concat(
    ...dims.map((dim) => varintField(1, dim)),
    varintField(2, elementType),
    lengthDelimitedField(8, name),
    ...data,
  );
}

/** A `NodeProto`, with graphs and integers in its attributes. */
export function nodeBytes(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  { domain = '', subgraphs = [] as readonly Uint8Array[], ints = {} as Readonly<Record<string, number>> } = {},
): Uint8Array {
  return concat(
    ...inputs.map((input) => lengthDelimitedField(1, input)),
    ...outputs.map((output) => lengthDelimitedField(2, output)),
    lengthDelimitedField(4, operator),
    ...subgraphs.map((graph) =>
      lengthDelimitedField(5, concat(lengthDelimitedField(1, 'body'), lengthDelimitedField(6, graph))),
    ),
    ...Object.entries(ints).map(([name, value]) =>
      lengthDelimitedField(5, concat(lengthDelimitedField(1, name), varintField(3, value))),
    ),
    lengthDelimitedField(7, domain),
  );
}

/** Parts of a graph, serialized. */
export interface GraphBytes {
  readonly nodes?: readonly Uint8Array[];
  readonly initializers?: readonly Uint8Array[];
  readonly inputs?: readonly Uint8Array[];
  readonly outputs?: readonly Uint8Array[];
}

/** A `GraphProto`. */
export function graphBytes({ nodes = [], initializers = [], inputs = [], outputs = [] }: GraphBytes): Uint8Array {
  return concat(
    ...nodes.map((node) => lengthDelimitedField(1, node)),
    lengthDelimitedField(2, 'g'),
    ...initializers.map((tensor) => lengthDelimitedField(5, tensor)),
    ...inputs.map((value) => lengthDelimitedField(11, value)),
    ...outputs.map((value) => lengthDelimitedField(12, value)),
  );
}

/** A `FunctionProto` that calls functions, without inputs and outputs. */
export function functionBytes(name: string, calls: readonly string[]): Uint8Array {
  const nodes = calls.map((operator) => lengthDelimitedField(7, nodeBytes(operator, [], [], { domain: 'own' })));
  return concat(lengthDelimitedField(1, name), ...nodes, lengthDelimitedField(10, 'own'));
}

/** A `ModelProto` of opset 17. */
export function modelBytes(graph: Uint8Array, functions: readonly Uint8Array[] = []): Uint8Array {
  return concat(
    varintField(1, 8),
    lengthDelimitedField(7, graph),
    lengthDelimitedField(8, concat(lengthDelimitedField(1, ''), varintField(2, 17))),
    ...functions.map((each) => lengthDelimitedField(25, each)),
  );
}

/** A model whose output is a sequence. */
export function sequenceModel(): Uint8Array {
  const nodes = [nodeBytes('SequenceConstruct', ['x'], ['y'])];
  return modelBytes(graphBytes({ nodes, inputs: [valueBytes('x', 1, ['batch'])], outputs: [sequenceBytes('y')] }));
}
