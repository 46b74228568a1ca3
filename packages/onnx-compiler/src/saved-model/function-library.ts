/** The functions of a graph's library, decoded when they are asked for. */
import { ServingError } from '@serving/core';
import { type DataType, dataTypeFromNumber } from '@serving/core/tensor';
import { lengthDelimited, readFields } from '@serving/protos/tensor';
import type { Attributes, AttributeValue } from '../graph/attributes.js';
import { readAttributeEntry, readMapEntry } from './attribute-decoder.js';
import { decodeNodeDef, type NodeDef } from './node-def.js';

/** An argument of a function. */
interface FunctionArgument {
  readonly name: string;
  /** Absent where an attribute of the call gives it. */
  readonly dtype?: DataType;
  readonly typeAttribute?: string;
  /** Such as `_output_shapes`. */
  readonly attributes: Attributes;
}

/** A function of the library. */
export interface FunctionDef {
  readonly name: string;
  readonly arguments: readonly FunctionArgument[];
  /** The tensors that it returns, in order: `node:output:0`, or an argument's name. */
  readonly results: readonly string[];
  /** Nodes that run although no result needs them. */
  readonly controlResults: readonly string[];
  readonly nodes: ReadonlyMap<string, NodeDef>;
}

const FUNCTION = lengthDelimited(1);
const SIGNATURE = lengthDelimited(1);
const NODE = lengthDelimited(3);
const RESULT = lengthDelimited(4);
const CONTROL_RESULT = lengthDelimited(6);
const ARGUMENT_ATTRIBUTES = lengthDelimited(7);
const NAME = lengthDelimited(1);
const INPUT = lengthDelimited(2);
const OUTPUT = lengthDelimited(3);
const ARGUMENT_TYPE = 3 << 3;
const ARGUMENT_TYPE_ATTRIBUTE = lengthDelimited(4);
const ARGUMENT_NUMBER_ATTRIBUTE = lengthDelimited(5);
const ARGUMENT_TYPE_LIST_ATTRIBUTE = lengthDelimited(6);
const INDEX = 1 << 3;
const VALUE = lengthDelimited(2);
const ATTRIBUTE = lengthDelimited(1);

/** Functions by name. */
export class FunctionLibrary {
  readonly #serialized = new Map<string, Uint8Array>();
  readonly #decoded = new Map<string, FunctionDef>();

  /** @param bytes a serialized `FunctionDefLibrary`; fields of one message may come in several pieces. */
  add(bytes: Uint8Array): void {
    readFields(bytes, (tag, reader) => {
      if (tag !== FUNCTION) return false;
      const definition = reader.bytes();
      return this.#serialized.set(functionName(definition), definition);
    });
  }

  has(name: string): boolean {
    return this.#serialized.has(name);
  }

  /** @throws ServingError `DATA_LOSS` for an unknown name or a damaged function. */
  get(name: string): FunctionDef {
    const known = this.#decoded.get(name);
    if (known) return known;
    const bytes = this.#serialized.get(name);
    if (!bytes) throw new ServingError('DATA_LOSS', `The graph calls function "${name}", which its library lacks`);
    try {
      const decoded = decodeFunction(bytes);
      this.#decoded.set(name, decoded);
      return decoded;
    } catch (cause) {
      const { code, message } = ServingError.from(cause, 'DATA_LOSS');
      throw new ServingError(code, `Can't read function "${name}" (${message})`, { cause });
    }
  }
}

function functionName(bytes: Uint8Array): string {
  let name = '';
  readFields(bytes, (tag, reader) => {
    if (tag !== SIGNATURE) return false;
    readFields(reader.bytes(), (inner, signature) => {
      if (inner !== NAME) return false;
      name = signature.string();
      return true;
    });
    return true;
  });
  return name;
}

function decodeFunction(bytes: Uint8Array): FunctionDef {
  const nodes = new Map<string, NodeDef>();
  const sources = new Map<string, string>();
  const controlResults: string[] = [];
  const argumentAttributes = new Map<number, Attributes>();
  let signature = new Uint8Array(0) as Uint8Array;
  readFields(bytes, (tag, reader) => {
    if (tag === SIGNATURE) signature = reader.bytes();
    else if (tag === NODE) {
      const node = decodeNodeDef(reader.bytes());
      nodes.set(node.name, node);
    } else if (tag === RESULT) {
      const { key, value } = readMapEntry(reader.bytes());
      sources.set(key, Buffer.from(value).toString());
    } else if (tag === CONTROL_RESULT) controlResults.push(Buffer.from(readMapEntry(reader.bytes()).value).toString());
    else if (tag === ARGUMENT_ATTRIBUTES) readArgumentAttributes(reader.bytes(), argumentAttributes);
    else return false;
    return true;
  });
  const { name, inputs, outputs } = decodeSignature(signature);
  return {
    name,
    arguments: inputs.map((argument, i) => ({ ...argument, attributes: argumentAttributes.get(i) ?? new Map() })),
    results: outputs.map((output) => {
      const source = sources.get(output);
      if (source === undefined) throw new ServingError('DATA_LOSS', `Function "${name}" has no result "${output}"`);
      return source;
    }),
    controlResults,
    nodes,
  };
}

function decodeSignature(bytes: Uint8Array): {
  readonly name: string;
  readonly inputs: readonly Omit<FunctionArgument, 'attributes'>[];
  readonly outputs: readonly string[];
} {
  const inputs: Omit<FunctionArgument, 'attributes'>[] = [];
  const outputs: string[] = [];
  let name = '';
  readFields(bytes, (tag, reader) => {
    if (tag === NAME) name = reader.string();
    else if (tag === INPUT) inputs.push(decodeArgument(reader.bytes()));
    else if (tag === OUTPUT) outputs.push(decodeArgument(reader.bytes()).name);
    else return false;
    return true;
  });
  return { name, inputs, outputs };
}

function decodeArgument(bytes: Uint8Array): Omit<FunctionArgument, 'attributes'> {
  let name = '';
  let dtype: DataType | undefined;
  let typeAttribute: string | undefined;
  let list = '';
  readFields(bytes, (tag, reader) => {
    if (tag === NAME) name = reader.string();
    else if (tag === ARGUMENT_TYPE) dtype = dataTypeFromNumber(reader.int32());
    else if (tag === ARGUMENT_TYPE_ATTRIBUTE) typeAttribute = reader.string();
    else if (tag === ARGUMENT_NUMBER_ATTRIBUTE || tag === ARGUMENT_TYPE_LIST_ATTRIBUTE) list = reader.string();
    else return false;
    return true;
  });
  if (list !== '') {
    throw new ServingError(
      'UNIMPLEMENTED',
      `Argument "${name}" of a function is a list (${list}), which is not supported`,
    );
  }
  return { name, ...(dtype && { dtype }), ...(typeAttribute !== undefined && { typeAttribute }) };
}

function readArgumentAttributes(entry: Uint8Array, into: Map<number, Attributes>): void {
  const attributes = new Map<string, AttributeValue>();
  let index = 0;
  readFields(entry, (tag, reader) => {
    if (tag === INDEX) index = reader.uint32();
    else if (tag === VALUE) {
      readFields(reader.bytes(), (inner, value) => {
        if (inner !== ATTRIBUTE) return false;
        readAttributeEntry(value.bytes(), attributes);
        return true;
      });
    } else return false;
    return true;
  });
  into.set(index, attributes);
}
