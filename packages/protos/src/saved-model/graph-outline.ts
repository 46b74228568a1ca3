/** A graph's nodes and functions, with the attributes that say which shapes they take and give; values of constants stay behind. */
import type { PartialShape } from '@serving/core/tensor';
import { decodeTensorProto } from '../tensor/tensor-proto-decoder.js';
import { lengthDelimited, NAME, nameIn, readFields } from '../wire/wire-fields.js';

/** One operation. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:1`, `node:output:1` (within functions) and `^node`, as in the file. */
  readonly inputs: readonly string[];
  /** Lists of integers, such as `strides`. */
  readonly integers: ReadonlyMap<string, readonly number[]>;
  /** Such as `padding`. */
  readonly strings: ReadonlyMap<string, string>;
  /** The functions that it calls, by attribute. */
  readonly functions: ReadonlyMap<string, readonly string[]>;
  /** The shapes of its outputs as the exporter inferred them; empty when the file has none. */
  readonly outputShapes: readonly PartialShape[];
  /** What a small constant of integers holds. */
  readonly value?: readonly number[];
}

/** One function of the library. */
export interface GraphFunction {
  readonly name: string;
  /** Names of its arguments, which its nodes name as tensors. */
  readonly inputs: readonly string[];
  /** The tensors that it returns, in order. */
  readonly results: readonly string[];
  readonly nodes: readonly GraphNode[];
}

/** What the exporter wrote of an operation's definition. */
export interface OpOutline {
  readonly isStateful: boolean;
  /** Names of its outputs. */
  readonly outputs: readonly string[];
}

/** A graph. It shares no memory with the file's bytes. */
export interface GraphOutline {
  readonly nodes: readonly GraphNode[];
  /** Those that the graph calls, directly or through others. */
  readonly functions: ReadonlyMap<string, GraphFunction>;
  /** Definitions of the operations that are used. */
  readonly ops: ReadonlyMap<string, OpOutline>;
}

const NODE = lengthDelimited(1);
const LIBRARY = lengthDelimited(2);
const FUNCTION = lengthDelimited(1);
const FUNCTION_SIGNATURE = lengthDelimited(1);
const FUNCTION_NODE = lengthDelimited(3);
const FUNCTION_RESULT = lengthDelimited(4);
const OP_INPUT = lengthDelimited(2);
const OP_OUTPUT = lengthDelimited(3);
const OP_STATEFUL = 17 << 3;
const NODE_OP = lengthDelimited(2);
const NODE_INPUT = lengthDelimited(3);
const NODE_ATTR = lengthDelimited(5);
const ENTRY_KEY = lengthDelimited(1);
const ENTRY_VALUE = lengthDelimited(2);
const ATTR_LIST = lengthDelimited(1);
const ATTR_STRING = lengthDelimited(2);
const ATTR_SHAPE = lengthDelimited(7);
const ATTR_TENSOR = lengthDelimited(8);
const ATTR_FUNC = lengthDelimited(10);
const LIST_INTEGER = 3 << 3;
const LIST_INTEGERS = lengthDelimited(3);
const LIST_SHAPE = lengthDelimited(7);
const LIST_FUNC = lengthDelimited(9);
const SHAPE_DIM = lengthDelimited(2);
const SHAPE_UNKNOWN = 3 << 3;
const DIM_SIZE = 1 << 3;

/** The largest constant whose value is kept: paddings and the like are far smaller. */
const MAX_VALUE_BYTES = 256;

/**
 * @param graphDef a serialized GraphDef.
 * @param opList a serialized OpList; empty where the file has none.
 * @throws Error, with protobufjs's reason, for bytes that are not such messages.
 */
export function readGraphOutline(graphDef: Uint8Array, opList: Uint8Array): GraphOutline {
  const nodes: GraphNode[] = [];
  const library = new Map<string, Uint8Array>();
  const ops = new Map<string, OpOutline>();
  readFields(graphDef, (tag, reader) => {
    if (tag === NODE) return nodes.push(readNode(reader.bytes()));
    if (tag !== LIBRARY) return false;
    readFields(reader.bytes(), (libraryTag, libraryReader) => {
      if (libraryTag !== FUNCTION) return false;
      const bytes = libraryReader.bytes();
      return library.set(functionName(bytes), bytes);
    });
    return true;
  });
  readFields(opList, (tag, reader) => {
    if (tag !== NAME) return false;
    const { name, isStateful, outputs } = readOpDef(reader.bytes());
    return ops.set(name, { isStateful, outputs });
  });
  return { nodes, functions: readCalled(nodes, library), ops };
}

/** Functions that are called; a file has those too that its author's training code calls. */
function readCalled(
  nodes: readonly GraphNode[],
  library: ReadonlyMap<string, Uint8Array>,
): ReadonlyMap<string, GraphFunction> {
  const functions = new Map<string, GraphFunction>();
  const waiting: (readonly GraphNode[])[] = [nodes];
  for (let callers = waiting.pop(); callers; callers = waiting.pop()) {
    for (const { op, functions: called } of callers) {
      for (const name of [op, ...[...called.values()].flat()]) {
        const bytes = library.get(name);
        if (bytes === undefined || functions.has(name)) continue;
        const read = readFunction(bytes);
        functions.set(name, read);
        waiting.push(read.nodes);
      }
    }
  }
  return functions;
}

function functionName(bytes: Uint8Array): string {
  let name = '';
  readFields(bytes, (tag, reader) => {
    if (tag !== FUNCTION_SIGNATURE) return false;
    name = nameIn(reader.bytes());
    return true;
  });
  return name;
}

function readFunction(bytes: Uint8Array): GraphFunction {
  const nodes: GraphNode[] = [];
  const results = new Map<string, string>();
  let definition = readOpDef(new Uint8Array(0));
  readFields(bytes, (tag, reader) => {
    if (tag === FUNCTION_SIGNATURE) definition = readOpDef(reader.bytes());
    else if (tag === FUNCTION_NODE) nodes.push(readNode(reader.bytes()));
    else if (tag === FUNCTION_RESULT) {
      const [key, value] = readEntry(reader.bytes());
      results.set(key, Buffer.from(value).toString());
    } else return false;
    return true;
  });
  const { name, inputs, outputs } = definition;
  return { name, inputs, results: outputs.map((output) => results.get(output) ?? ''), nodes };
}

function readOpDef(bytes: Uint8Array): OpOutline & { readonly name: string; readonly inputs: readonly string[] } {
  const inputs: string[] = [];
  const outputs: string[] = [];
  let name = '';
  let isStateful = false;
  readFields(bytes, (tag, reader) => {
    if (tag === NAME) name = reader.string();
    else if (tag === OP_INPUT) inputs.push(nameIn(reader.bytes()));
    else if (tag === OP_OUTPUT) outputs.push(nameIn(reader.bytes()));
    else if (tag === OP_STATEFUL) isStateful = reader.bool();
    else return false;
    return true;
  });
  return { name, inputs, outputs, isStateful };
}

function readNode(bytes: Uint8Array): GraphNode {
  const inputs: string[] = [];
  const attributes = new Attributes();
  let name = '';
  let op = '';
  readFields(bytes, (tag, reader) => {
    if (tag === NAME) name = reader.string();
    else if (tag === NODE_OP) op = reader.string();
    else if (tag === NODE_INPUT) inputs.push(reader.string());
    else if (tag === NODE_ATTR) attributes.read(reader.bytes());
    else return false;
    return true;
  });
  return { name, op, inputs, ...attributes.of(op) };
}

class Attributes {
  readonly #integers = new Map<string, readonly number[]>();
  readonly #strings = new Map<string, string>();
  readonly #functions = new Map<string, readonly string[]>();
  readonly #shapes = new Map<string, readonly PartialShape[]>();
  #tensor: Uint8Array | undefined;

  read(entry: Uint8Array): void {
    const [key, value] = readEntry(entry);
    readFields(value, (tag, reader) => {
      if (tag === ATTR_STRING) this.#strings.set(key, reader.string());
      else if (tag === ATTR_SHAPE) this.#shapes.set(key, [readShape(reader.bytes())]);
      else if (tag === ATTR_FUNC) this.#functions.set(key, [nameIn(reader.bytes())]);
      else if (tag === ATTR_TENSOR) this.#tensor = reader.bytes();
      else if (tag === ATTR_LIST) this.#readList(key, reader.bytes());
      else return false;
      return true;
    });
  }

  of(op: string): Omit<GraphNode, 'name' | 'op' | 'inputs'> {
    const value = op === 'Const' ? smallIntegers(this.#tensor) : undefined;
    // A placeholder of TensorFlow 1 has no inferred shape but its own.
    const declared = op.startsWith('Placeholder') ? this.#shapes.get('shape') : undefined;
    const outputShapes = this.#shapes.get('_output_shapes') ?? declared ?? [];
    return {
      integers: this.#integers,
      strings: this.#strings,
      functions: this.#functions,
      outputShapes,
      ...(value && { value }),
    };
  }

  #readList(key: string, list: Uint8Array): void {
    const integers: number[] = [];
    const shapes: PartialShape[] = [];
    const functions: string[] = [];
    readFields(list, (tag, reader) => {
      if (tag === LIST_INTEGER) integers.push(Number(reader.int64()));
      else if (tag === LIST_INTEGERS) {
        const end = reader.uint32() + reader.pos;
        while (reader.pos < end) integers.push(Number(reader.int64()));
      } else if (tag === LIST_SHAPE) shapes.push(readShape(reader.bytes()));
      else if (tag === LIST_FUNC) functions.push(nameIn(reader.bytes()));
      else return false;
      return true;
    });
    if (integers.length > 0) this.#integers.set(key, integers);
    if (shapes.length > 0) this.#shapes.set(key, shapes);
    if (functions.length > 0) this.#functions.set(key, functions);
  }
}

function readShape(bytes: Uint8Array): PartialShape {
  const shape: number[] = [];
  let isUnknown = false;
  readFields(bytes, (tag, reader) => {
    if (tag === SHAPE_DIM) shape.push(readSize(reader.bytes()));
    else if (tag === SHAPE_UNKNOWN) isUnknown = reader.bool();
    else return false;
    return true;
  });
  return isUnknown ? undefined : shape;
}

function readSize(dim: Uint8Array): number {
  let size = 0;
  readFields(dim, (tag, reader) => {
    if (tag !== DIM_SIZE) return false;
    size = Number(reader.int64());
    return true;
  });
  return size;
}

function smallIntegers(tensor: Uint8Array | undefined): readonly number[] | undefined {
  if (tensor === undefined || tensor.length > MAX_VALUE_BYTES) return undefined;
  try {
    const { dtype, data } = decodeTensorProto(tensor, '');
    if (dtype !== 'int32' && dtype !== 'int64') return undefined;
    return data.length <= MAX_VALUE_BYTES ? Array.from(data as Int32Array, Number) : undefined;
  } catch {
    // Types that we have no tensor for are of no use here.
    return undefined;
  }
}

function readEntry(bytes: Uint8Array): [key: string, value: Uint8Array] {
  let key = '';
  let value: Uint8Array = new Uint8Array(0);
  readFields(bytes, (tag, reader) => {
    if (tag === ENTRY_KEY) key = reader.string();
    else if (tag === ENTRY_VALUE) value = reader.bytes();
    else return false;
    return true;
  });
  return [key, value];
}
