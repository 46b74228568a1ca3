/** Which variable or table a handle stands for. */
import { textAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';

/** What TensorFlow writes as the name of a resource that is shared by nothing. */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

const variables: ReadonlySet<string> = new Set(['VarHandleOp', 'VariableV2', 'Variable', 'TemporaryVariable']);
const tables = /^(Anonymous)?(Mutable)?(Dense)?HashTable(OfTensors)?(V2)?$/;

/** The kind of resource that a node creates. */
export function resourceKind(op: string): 'variable' | 'table' | undefined {
  if (variables.has(op)) return 'variable';
  return tables.test(op) ? 'table' : undefined;
}

/** Equal for nodes that stand for one resource. @param nodeName as the file has it, without its calls. */
export function resourceIdentity({ op, name, attributes }: GraphNode, nodeName: string): string {
  if (op.startsWith('Anonymous')) return `${op}:${name}`;
  const text = (attribute: string): string =>
    attributes.get(attribute)?.kind === 'bytes' ? textAttribute(attributes, attribute) : '';
  const shared = text(op === 'TemporaryVariable' ? 'var_name' : 'shared_name');
  if (shared === ANONYMOUS) return `anonymous:${name}`;
  return [resourceKind(op), text('container'), shared === '' ? nodeName : shared].join('\0');
}

/** The name for messages. */
export function resourceName(identity: string): string {
  return identity.slice(identity.lastIndexOf('\0') + 1);
}
