/** Attributes of a node, as in the file. */
import type { DataType, PartialShape, Tensor } from '@serving/core/tensor';

/** A function of the library that an attribute names, with the attributes that it binds. */
export interface FunctionReference {
  readonly name: string;
  readonly attributes: Attributes;
}

/** One attribute's value; the kind is that of `tensorflow.AttrValue`. */
export type AttributeValue =
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'type'; readonly value: DataType }
  | { readonly kind: 'shape'; readonly value: PartialShape }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'function'; readonly value: FunctionReference }
  | { readonly kind: 'placeholder'; readonly value: string }
  | { readonly kind: 'list'; readonly value: readonly AttributeValue[] };

/** A node's attributes by name, with the defaults of the operation's definition filled in. */
export type Attributes = ReadonlyMap<string, AttributeValue>;
