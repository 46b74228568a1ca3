/** Operations in TypeScript, for constants at load and for stages at run time. */
import type { Tensor } from '@serving/core/tensor';
import type { Attributes } from '../graph/attributes.js';
import type { TableContents } from '../graph/graph.js';

/** What a kernel gets of its node. */
export interface KernelContext {
  readonly attributes: Attributes;
  /** TensorFlow's name of the node, for messages. */
  readonly node?: string;
  readonly table?: TableContents | undefined;
  /** The inputs that are constant, by position. They are among the inputs of each run too. */
  readonly constants?: readonly (Tensor | undefined)[];
}

/**
 * Computes an operation as TensorFlow does, dtype and shape included. Inputs may be scalars, empty and of any rank that the operation
 * takes; they are not changed, and results may share memory with them.
 *
 * @throws ServingError `INVALID_ARGUMENT` with TensorFlow's text for values that TensorFlow refuses.
 */
export type Kernel = (inputs: readonly Tensor[], context: KernelContext) => Tensor[];

/**
 * Does once, at load, what depends on attributes and constants only (regular expressions, table indices, schemas of
 * `tf.Example`), and returns the kernel for the node's runs.
 *
 * @throws ServingError `UNIMPLEMENTED` with the reason for attributes that it doesn't support.
 */
export type KernelFactory = (context: KernelContext) => Kernel;
