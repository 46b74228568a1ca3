/** What the parts of an import ask of it. */
import type { Attributes, FunctionReference } from '../graph/attributes.js';
import type { Endpoint } from '../graph/graph.js';
import type { NodeDef } from '../saved-model/node-def.js';
import type { ArgumentSource, Region, Scope } from './scope.js';

/** A node of the file in the instance of its function. */
export interface Place {
  readonly scope: Scope;
  readonly definition: NodeDef;
}

/** An import that has started. */
export interface ImportSession {
  /** The tensor that a node of `scope` names. */
  resolve(scope: Scope, tensor: string): Endpoint;
  /** Attributes with bindings of the call and defaults. */
  attributesOf(scope: Scope, definition: NodeDef): Attributes;
  /** A new instance of a function. */
  openFunction(
    parent: Scope,
    reference: FunctionReference,
    label: string,
    sources: readonly ArgumentSource[],
    region: Region,
  ): Scope;
}
