/** Writes SavedModels that are made by hand, for tests: the same folder goes to the compiler and to TensorFlow. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DataType,
  dataTypeInfo,
  type PartialShape,
  StringArray,
  type Tensor,
  tensorBytes,
} from '@serving/core/tensor';
import { field, writeCheckpoint } from '../../onnx-compiler/src/bundle/checkpoint-writer.test-support.js';
import type { AttributeValue } from '../../onnx-compiler/src/graph/attributes.js';

/** Attributes of nodes, shorter to write. */
export const attribute = {
  type: (value: DataType): AttributeValue => ({ kind: 'type', value }),
  int: (value: number): AttributeValue => ({ kind: 'int', value: BigInt(value) }),
  float: (value: number): AttributeValue => ({ kind: 'float', value }),
  bool: (value: boolean): AttributeValue => ({ kind: 'bool', value }),
  text: (value: string): AttributeValue => ({ kind: 'bytes', value: Buffer.from(value) }),
  shape: (value: PartialShape): AttributeValue => ({ kind: 'shape', value }),
  tensor: (value: Tensor): AttributeValue => ({ kind: 'tensor', value }),
  function: (name: string, bindings: Readonly<Record<string, AttributeValue>> = {}): AttributeValue => ({
    kind: 'function',
    value: { name, attributes: new Map(Object.entries(bindings)) },
  }),
  placeholder: (value: string): AttributeValue => ({ kind: 'placeholder', value }),
  list: (...value: readonly AttributeValue[]): AttributeValue => ({ kind: 'list', value }),
  types: (...values: readonly DataType[]): AttributeValue => ({
    kind: 'list',
    value: values.map((value) => ({ kind: 'type', value })),
  }),
  ints: (...values: readonly number[]): AttributeValue => ({
    kind: 'list',
    value: values.map((value) => ({ kind: 'int', value: BigInt(value) })),
  }),
};

type GivenAttributes = Readonly<Record<string, AttributeValue>>;

/** The nodes of a graph or function. */
export class NodeList {
  readonly serialized: Buffer[] = [];
  #count = 0;

  /** Adds a node and returns its name, which is also that of its first output. @param inputs tensors, then `^node`s. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: GivenAttributes = {},
    name: string = this.#nextName(op),
  ): string {
    const attributeFields = Object.entries(attributes).map(([key, value]) =>
      field(5, mapEntry(key, encodeAttribute(value))),
    );
    const inputFields = inputs.map((input) => field(3, Buffer.from(input)));
    this.serialized.push(
      Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(op)), ...inputFields, ...attributeFields]),
    );
    return name;
  }

  constant(value: Tensor, name?: string): string {
    return this.node('Const', [], { dtype: attribute.type(value.dtype), value: attribute.tensor(value) }, name);
  }

  #nextName(op: string): string {
    return `${op}_${this.#count++}`;
  }
}

/** An argument or result of a function. */
export interface FunctionTensor {
  readonly name: string;
  /** Instead of a data type: the attribute of the call that gives it. */
  readonly dtype: DataType | { readonly attribute: string };
  /** Of a result: the tensor that it is, `node:output:0` or an argument. */
  readonly source?: string;
}

/** A tensor of a signature. */
export interface SignatureTensor {
  readonly tensor: string;
  readonly dtype: DataType;
  readonly shape: PartialShape;
}

export class SavedModelBuilder extends NodeList {
  readonly #functions: Buffer[] = [];
  readonly #variables: Record<string, Tensor> = {};
  readonly #assigned: { readonly handle: string; readonly key: string; readonly dtype: DataType }[] = [];
  readonly #signatures: Buffer[] = [];
  readonly #assets: { readonly tensor: string; readonly filename: string; readonly content: string }[] = [];

  placeholder(name: string, dtype: DataType, shape: PartialShape): SignatureTensor {
    this.node('Placeholder', [], { dtype: attribute.type(dtype), shape: attribute.shape(shape) }, name);
    return { tensor: `${name}:0`, dtype, shape };
  }

  /** A variable that the checkpoint restores. Returns its handle's name. */
  variable(name: string, value: Tensor): string {
    const { dtype, shape } = value;
    const attributes = {
      dtype: attribute.type(dtype),
      shape: attribute.shape(shape),
      shared_name: attribute.text(name),
    };
    this.node('VarHandleOp', [], attributes, name);
    this.#variables[name] = value;
    this.#assigned.push({ handle: name, key: name, dtype });
    return name;
  }

  /** Returns the name of a constant that becomes the file's path. */
  asset(filename: string, content: string): string {
    const empty: Tensor = { dtype: 'string', shape: [], data: StringArray.from(['']) };
    const name = this.constant(empty, `asset_${filename.replaceAll(/\W/g, '_')}`);
    this.#assets.push({ tensor: `${name}:0`, filename, content });
    return name;
  }

  function(
    name: string,
    inputs: readonly FunctionTensor[],
    write: (nodes: NodeList) => readonly FunctionTensor[],
    controlResults: readonly string[] = [],
  ): void {
    const nodes = new NodeList();
    const outputs = write(nodes);
    const typeAttributes = new Set(
      [...inputs, ...outputs].flatMap(({ dtype }) => (typeof dtype === 'object' ? [dtype.attribute] : [])),
    );
    const signature = Buffer.concat([
      field(1, Buffer.from(name)),
      ...inputs.map((input) => field(2, encodeArgument(input))),
      ...outputs.map((output) => field(3, encodeArgument(output))),
      ...Array.from(typeAttributes, (type) =>
        field(4, Buffer.concat([field(1, Buffer.from(type)), field(2, Buffer.from('type'))])),
      ),
      ...controlResults.map((result) => field(20, Buffer.from(result))),
      ...(controlResults.length > 0 ? [field(17, 1)] : []),
    ]);
    this.#functions.push(
      Buffer.concat([
        field(1, signature),
        ...nodes.serialized.map((node) => field(3, node)),
        ...outputs.map(({ name: result, source = '' }) => field(4, mapEntry(result, Buffer.from(source)))),
        ...controlResults.map((result) => field(6, mapEntry(result, Buffer.from(result)))),
      ]),
    );
  }

  signature(
    inputs: Readonly<Record<string, SignatureTensor>>,
    outputs: Readonly<Record<string, SignatureTensor>>,
    name = 'serving_default',
  ): void {
    const definition = Buffer.concat([
      ...Object.entries(inputs).map(([alias, tensor]) => field(1, mapEntry(alias, encodeTensorInfo(tensor)))),
      ...Object.entries(outputs).map(([alias, tensor]) => field(2, mapEntry(alias, encodeTensorInfo(tensor)))),
      field(3, Buffer.from('tensorflow/serving/predict')),
    ]);
    this.#signatures.push(field(5, mapEntry(name, definition)));
  }

  /** The operation that runs after variables are restored. */
  initOp(node: string): void {
    const output = encodeTensorInfo({ tensor: node, dtype: 'invalid', shape: undefined });
    const definition = field(2, mapEntry('__saved_model_init_op', output));
    this.#signatures.push(field(5, mapEntry('__saved_model_init_op', definition)));
  }

  /** Writes `saved_model.pb`, variables and assets into `directory`. */
  async write(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true });
    if (this.#assigned.length > 0) {
      this.#addRestore();
      await writeCheckpoint(directory, this.#variables);
    }
    for (const { filename, content } of this.#assets) {
      await mkdir(join(directory, 'assets'), { recursive: true });
      await writeFile(join(directory, 'assets', filename), content);
    }
    await writeFile(join(directory, 'saved_model.pb'), this.#serialize());
  }

  #addRestore(): void {
    const file: Tensor = { dtype: 'string', shape: [], data: StringArray.from(['model']) };
    const names = this.#assigned.map(({ key }) => key);
    const texts = (values: readonly string[]): Tensor => ({
      dtype: 'string',
      shape: [values.length],
      data: StringArray.from(values),
    });
    this.constant(file, 'save/Const');
    this.constant(texts(names), 'save/names');
    this.constant(texts(names.map(() => '')), 'save/slices');
    const dtypes = attribute.types(...this.#assigned.map(({ dtype }) => dtype));
    this.node('RestoreV2', ['save/Const', 'save/names', 'save/slices'], { dtypes }, 'save/RestoreV2');
    const assigns = this.#assigned.map(({ handle, dtype }, i) =>
      this.node(
        'AssignVariableOp',
        [handle, `save/RestoreV2:${i}`],
        { dtype: attribute.type(dtype) },
        `save/Assign_${i}`,
      ),
    );
    this.node(
      'NoOp',
      assigns.map((assign) => `^${assign}`),
      {},
      'save/restore_all',
    );
  }

  #serialize(): Buffer {
    const library = Buffer.concat(this.#functions.map((definition) => field(1, definition)));
    const versions = Buffer.concat([field(1, 1882), field(2, 12)]);
    const graph = Buffer.concat([
      ...this.serialized.map((node) => field(1, node)),
      ...(library.length > 0 ? [field(2, library)] : []),
      field(4, versions),
    ]);
    const saver = Buffer.concat([
      field(1, Buffer.from('save/Const:0')),
      field(2, Buffer.from('save/Identity:0')),
      field(3, Buffer.from('save/restore_all')),
    ]);
    const assets = this.#assets.map(({ tensor, filename }) =>
      field(6, Buffer.concat([field(1, field(1, Buffer.from(tensor))), field(2, Buffer.from(filename))])),
    );
    const metaGraph = Buffer.concat([
      field(1, field(4, Buffer.from('serve'))),
      field(2, graph),
      ...(this.#assigned.length > 0 ? [field(3, saver)] : []),
      ...this.#signatures,
      ...assets,
    ]);
    return Buffer.concat([field(1, 1), field(2, metaGraph)]);
  }
}

function mapEntry(key: string, value: Uint8Array): Buffer {
  return Buffer.concat([field(1, Buffer.from(key)), field(2, value)]);
}

function encodeArgument({ name, dtype }: FunctionTensor): Buffer {
  const type =
    typeof dtype === 'string' ? field(3, dataTypeInfo(dtype).number) : field(4, Buffer.from(dtype.attribute));
  return Buffer.concat([field(1, Buffer.from(name)), type]);
}

function encodeTensorInfo({ tensor, dtype, shape }: SignatureTensor): Buffer {
  return Buffer.concat([
    field(1, Buffer.from(tensor)),
    field(2, dataTypeInfo(dtype).number),
    field(3, encodeShape(shape)),
  ]);
}

function encodeShape(shape: PartialShape): Buffer {
  if (!shape) return field(3, 1);
  return Buffer.concat(shape.map((size) => field(2, size === 0 ? Buffer.alloc(0) : signed(1, BigInt(size)))));
}

/** A field of a 64-bit integer, in two's complement. */
function signed(number: number, value: bigint): Buffer {
  const bytes = [number << 3];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

function float(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(5, (number << 3) | 5);
  bytes.writeFloatLE(value, 1);
  return bytes;
}

function encodeTensor({ dtype, shape, data }: Tensor): Buffer {
  const header = [field(1, dataTypeInfo(dtype).number), field(2, encodeShape(shape))];
  if (data instanceof StringArray) {
    return Buffer.concat([...header, ...Array.from({ length: data.length }, (_, i) => field(8, data.at(i)))]);
  }
  return Buffer.concat([...header, field(4, tensorBytes({ dtype, shape, data } as Tensor))]);
}

function encodeAttribute(value: AttributeValue): Buffer {
  switch (value.kind) {
    case 'list':
      return field(1, Buffer.concat(value.value.map((item) => encodeListItem(item, 9))));
    case 'placeholder':
      return field(9, Buffer.from(value.value));
    default:
      return encodeListItem(value, 10);
  }
}

/** Items of lists have the fields of single values, except for functions. */
function encodeListItem(value: AttributeValue, functionField: number): Buffer {
  switch (value.kind) {
    case 'bytes':
      return field(2, value.value);
    case 'int':
      return signed(3, value.value);
    case 'float':
      return float(4, value.value);
    case 'bool':
      return field(5, value.value ? 1 : 0);
    case 'type':
      return field(6, dataTypeInfo(value.value).number);
    case 'shape':
      return field(7, encodeShape(value.value));
    case 'tensor':
      return field(8, encodeTensor(value.value));
    case 'function': {
      const { name, attributes } = value.value;
      const bindings = Array.from(attributes, ([key, item]) => field(2, mapEntry(key, encodeAttribute(item))));
      return field(functionField, Buffer.concat([field(1, Buffer.from(name)), ...bindings]));
    }
    default:
      throw new Error(`attributes of kind ${value.kind} can't be in a list`);
  }
}
