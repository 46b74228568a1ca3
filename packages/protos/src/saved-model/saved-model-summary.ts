/** What a SavedModel's graphs are made of, for tools that show it: operations and the functions of its objects. */

import type { StructuredValue } from '@serving/core/extend';
import { ServingError } from '@serving/core/portable';
import type { Messages } from '../gen/messages.js';
import { decodeMessage, encodeMessage, parseMessageText } from '../messages/message.js';
import { withoutBlocks } from '../text/strip-text-fields.js';
import { lengthDelimited, readFields } from '../wire/wire-fields.js';
import { opsUsedByGraphDef } from './graph-ops.js';
import { type GraphOutline, readGraphOutline } from './graph-outline.js';
import { restoredFunctionNames } from './python-function-names.js';
import { toStructuredValue } from './signature-def.js';
import { UNREADABLE_HINT } from './unreadable-hint.js';

/** One meta graph; they are in the order of `SavedModel.metaGraphs`. */
export interface MetaGraphOutline {
  /** Operations of the graph and of the functions that it calls, in no order. */
  readonly ops: ReadonlySet<string>;
  /**
   * The functions that are members of the root object, by name, the traces of each in TensorFlow's order. Absent for a graph without objects, as TensorFlow 1 writes.
   */
  readonly functions?: ReadonlyMap<string, readonly ConcreteFunctionOutline[]>;
}

/** One trace of a function. */
export interface ConcreteFunctionOutline {
  /** In the graph's library. */
  readonly name: string;
  /** A tuple of positional arguments (a tuple) and keyword arguments (a dictionary). Absent when the file has none. */
  readonly inputSignature?: StructuredValue;
  /** Names of the arguments of a function that is not a member of a polymorphic one. */
  readonly argumentKeywords: readonly string[];
}

const META_GRAPH = lengthDelimited(2);
const META_INFO = lengthDelimited(1);
const STRIPPED_OP_LIST = lengthDelimited(2);
const GRAPH_DEF = lengthDelimited(2);
const OBJECT_GRAPH_DEF = lengthDelimited(7);

/** Blocks of a text file that are large and that nothing here reads. */
const unreadBlocks: ReadonlySet<string> = new Set(['collection_def', 'signature_def', 'tensor', 'debug_info']);

/**
 * Reads a binary SavedModel. Nodes are read one by one and not kept.
 *
 * @param path named in the error.
 * @throws ServingError `DATA_LOSS` for bytes that are not a SavedModel.
 */
export function decodeSavedModelOutline(bytes: Uint8Array, path: string): MetaGraphOutline[] {
  return decodeMetaGraphs(bytes, path, readMetaGraph);
}

/**
 * The nodes of each meta graph of a binary SavedModel, in the order of `SavedModel.metaGraphs`.
 *
 * @param path named in the error.
 * @throws ServingError `DATA_LOSS` for bytes that are not a SavedModel.
 */
export function decodeSavedModelGraphs(bytes: Uint8Array, path: string): GraphOutline[] {
  return decodeMetaGraphs(bytes, path, readGraph);
}

/**
 * Reads a SavedModel in protobuf text format.
 *
 * @param path named in the error.
 * @throws ServingError `DATA_LOSS` for a text that is not a SavedModel.
 */
export function parseSavedModelOutlineText(text: string, path: string): MetaGraphOutline[] {
  return decodeSavedModelOutline(toBinary(text, path), path);
}

/**
 * {@link decodeSavedModelGraphs} of a SavedModel in protobuf text format; values of constants are not read.
 *
 * @param path named in the error.
 * @throws ServingError `DATA_LOSS` for a text that is not a SavedModel.
 */
export function parseSavedModelGraphsText(text: string, path: string): GraphOutline[] {
  return decodeSavedModelGraphs(toBinary(text, path), path);
}

/** The fields that are read here, in the binary form. */
function toBinary(text: string, path: string): Uint8Array {
  try {
    const message = parseMessageText('serving.SavedModelOutline', withoutBlocks(text, unreadBlocks));
    return encodeMessage('serving.SavedModelOutline', message);
  } catch (cause) {
    const { message } = ServingError.from(cause);
    throw new ServingError('DATA_LOSS', `Can't parse ${path} as text proto (${message})`, {
      cause,
      hint: UNREADABLE_HINT,
    });
  }
}

function decodeMetaGraphs<T>(bytes: Uint8Array, path: string, read: (metaGraph: Uint8Array) => T): T[] {
  try {
    const metaGraphs: T[] = [];
    readFields(bytes, (tag, reader) => tag === META_GRAPH && metaGraphs.push(read(reader.bytes())));
    return metaGraphs;
  } catch (cause) {
    const { message } = ServingError.from(cause);
    throw new ServingError('DATA_LOSS', `Can't parse ${path} as binary proto (${message})`, {
      cause,
      hint: UNREADABLE_HINT,
    });
  }
}

function readGraph(bytes: Uint8Array): GraphOutline {
  let graphDef: Uint8Array = new Uint8Array(0);
  let opList: Uint8Array = new Uint8Array(0);
  readFields(bytes, (tag, reader) => {
    if (tag === GRAPH_DEF) graphDef = reader.bytes();
    else if (tag === META_INFO) opList = readOpList(reader.bytes());
    else return false;
    return true;
  });
  return readGraphOutline(graphDef, opList);
}

function readOpList(metaInfo: Uint8Array): Uint8Array {
  let opList: Uint8Array = new Uint8Array(0);
  readFields(metaInfo, (tag, reader) => {
    if (tag !== STRIPPED_OP_LIST) return false;
    opList = reader.bytes();
    return true;
  });
  return opList;
}

function readMetaGraph(bytes: Uint8Array): MetaGraphOutline {
  let graphDef: Uint8Array = new Uint8Array(0);
  let objects: Messages['tensorflow.SavedObjectGraph'] | undefined;
  readFields(bytes, (tag, reader) => {
    if (tag === GRAPH_DEF) graphDef = reader.bytes();
    else if (tag === OBJECT_GRAPH_DEF) objects = decodeMessage('tensorflow.SavedObjectGraph', reader.bytes());
    else return false;
    return true;
  });
  return {
    ops: opsUsedByGraphDef(graphDef),
    ...(objects && { functions: functionsOfRoot(objects, restoredFunctionNames(graphDef)) }),
  };
}

function functionsOfRoot(
  objects: Messages['tensorflow.SavedObjectGraph'],
  restoredNames: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly ConcreteFunctionOutline[]> {
  const { nodes = [] } = objects;
  const signatures = new Map((objects.concreteFunctions ?? []).map(({ key = '', value }) => [key, value]));
  const outline = (name: string, argumentKeywords: readonly string[]): ConcreteFunctionOutline => {
    const inputSignature = signatures.get(name)?.canonicalizedInputSignature;
    return { name, argumentKeywords, ...(inputSignature && { inputSignature: toStructuredValue(inputSignature) }) };
  };
  const functions = new Map<string, readonly ConcreteFunctionOutline[]>();
  for (const { nodeId = 0, localName = '' } of nodes[0]?.children ?? []) {
    const child = nodes[nodeId];
    if (child?.function) {
      functions.set(
        localName,
        sortedBy(child.function.concreteFunctions ?? [], restoredNames).map((name) => outline(name, [])),
      );
    } else if (child?.bareConcreteFunction) {
      const { concreteFunctionName = '', argumentKeywords = [] } = child.bareConcreteFunction;
      functions.set(localName, [outline(concreteFunctionName, argumentKeywords)]);
    }
  }
  return functions;
}

/** Python's order, which is that of the bytes. */
function sortedBy(names: readonly string[], restoredNames: ReadonlyMap<string, string>): string[] {
  const key = (name: string): Buffer => Buffer.from(restoredNames.get(name) ?? name);
  return [...names].sort((a, b) => Buffer.compare(key(a), key(b)));
}
