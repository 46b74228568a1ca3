/** Which operations a graph uses, read from its bytes without decoding the graph. */
import { lengthDelimited, readFields } from '../wire/wire-fields.js';

const NODE = lengthDelimited(1);
const LIBRARY = lengthDelimited(2);
const FUNCTION = lengthDelimited(1);
const FUNCTION_SIGNATURE = lengthDelimited(1);
const FUNCTION_NODE = lengthDelimited(3);
const NODE_OP = lengthDelimited(2);
const NODE_ATTR = lengthDelimited(5);
const ENTRY_KEY = lengthDelimited(1);
const ENTRY_VALUE = lengthDelimited(2);
const ATTR_FUNC = lengthDelimited(10);
const NAME = lengthDelimited(1);

/** Operations that call the function in their attribute `f`. */
const callOps: ReadonlySet<string> = new Set(['PartitionedCall', 'StatefulPartitionedCall']);

/**
 * The operations of a serialized GraphDef, those of functions that it calls (directly, by `PartitionedCall` or
 * `StatefulPartitionedCall`) included, functions themselves not. This is TensorFlow's `ops_used_by_graph_def`: functions
 * that are only named elsewhere, such as the branches of an `If`, don't count.
 *
 * @throws Error, with protobufjs's reason, for bytes that are not a GraphDef.
 */
export function opsUsedByGraphDef(graphDef: Uint8Array): ReadonlySet<string> {
  const used = new Set<string>();
  const library = new Map<string, ReadonlySet<string>>();
  readFields(graphDef, (tag, reader) => {
    if (tag === NODE) addNode(reader.bytes(), used);
    else if (tag === LIBRARY) readLibrary(reader.bytes(), library);
    else return false;
    return true;
  });
  // A set's iteration goes on to what is added meanwhile.
  for (const name of used) for (const op of library.get(name) ?? []) used.add(op);
  for (const name of library.keys()) used.delete(name);
  return used;
}

function readLibrary(bytes: Uint8Array, library: Map<string, ReadonlySet<string>>): void {
  readFields(bytes, (tag, reader) => {
    if (tag !== FUNCTION) return false;
    const ops = new Set<string>();
    let name = '';
    readFields(reader.bytes(), (functionTag, functionReader) => {
      if (functionTag === FUNCTION_SIGNATURE) name = stringField(functionReader.bytes(), NAME);
      else if (functionTag === FUNCTION_NODE) addNode(functionReader.bytes(), ops);
      else return false;
      return true;
    });
    library.set(name, ops);
    return true;
  });
}

/** Adds the node's operation, and the function that it calls. */
function addNode(node: Uint8Array, ops: Set<string>): void {
  const op = stringField(node, NODE_OP);
  ops.add(op);
  if (!callOps.has(op)) return;
  readFields(node, (tag, reader) => {
    if (tag !== NODE_ATTR) return false;
    const entry = reader.bytes();
    if (stringField(entry, ENTRY_KEY) === 'f') ops.add(functionName(entry));
    return true;
  });
}

function functionName(attrEntry: Uint8Array): string {
  return stringField(lastField(lastField(attrEntry, ENTRY_VALUE), ATTR_FUNC), NAME);
}

function stringField(bytes: Uint8Array, wanted: number): string {
  let text = '';
  readFields(bytes, (tag, reader) => {
    if (tag !== wanted) return false;
    text = reader.string();
    return true;
  });
  return text;
}

/** The bytes of a message field; empty when it isn't there. */
function lastField(bytes: Uint8Array, wanted: number): Uint8Array {
  let found: Uint8Array = new Uint8Array(0);
  readFields(bytes, (tag, reader) => {
    if (tag !== wanted) return false;
    found = reader.bytes();
    return true;
  });
  return found;
}
