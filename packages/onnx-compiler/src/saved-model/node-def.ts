/** Nodes of a graph or function as the file has them. */
import { lengthDelimited, readFields } from '@serving/protos/tensor';
import type { Attributes, AttributeValue } from '../graph/attributes.js';
import { readAttributeEntry } from './attribute-decoder.js';

/** A node before functions are inlined. */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:1`, `node:output:1` (within functions), then `^node`. */
  readonly inputs: readonly string[];
  /** Only those that the file has: exporters leave out those at their default. */
  readonly attributes: Attributes;
}

const NAME = lengthDelimited(1);
const OP = lengthDelimited(2);
const INPUT = lengthDelimited(3);
const ATTRIBUTE = lengthDelimited(5);

/** Decodes a serialized `NodeDef`. */
export function decodeNodeDef(bytes: Uint8Array): NodeDef {
  const inputs: string[] = [];
  const attributes = new Map<string, AttributeValue>();
  let name = '';
  let op = '';
  readFields(bytes, (tag, reader) => {
    if (tag === NAME) name = reader.string();
    else if (tag === OP) op = reader.string();
    else if (tag === INPUT) inputs.push(reader.string());
    else if (tag === ATTRIBUTE) readAttributeEntry(reader.bytes(), attributes);
    else return false;
    return true;
  });
  return { name, op, inputs, attributes };
}
