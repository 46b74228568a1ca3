/** One instance of a function's body, or the graph itself. */
import type { Attributes, AttributeValue } from '../graph/attributes.js';
import type { Endpoint, GraphNode, Guard } from '../graph/graph.js';
import type { FunctionDef } from '../saved-model/function-library.js';
import type { NodeDef } from '../saved-model/node-def.js';

/** The graph or subgraph that nodes belong to: bodies of control flow have one of their own, those of calls don't. */
export interface Region {
  readonly guards: Guard[];
}

/** Where the value of an argument is found. */
export type ArgumentSource = { readonly scope: Scope; readonly tensor: string } | Endpoint;

export interface ScopeOptions {
  readonly nodes: ReadonlyMap<string, NodeDef>;
  readonly region: Region;
  /** Put in front of its nodes' names. */
  readonly prefix?: string;
  readonly call?: {
    readonly parent: Scope;
    readonly definition: FunctionDef;
    /** Attributes that the call binds. */
    readonly bindings: Attributes;
    readonly sources: readonly ArgumentSource[];
  };
}

/** Nodes by name, and what was made of them. */
export class Scope {
  readonly nodes: ReadonlyMap<string, NodeDef>;
  readonly region: Region;
  readonly prefix: string;
  readonly parent: Scope | undefined;
  readonly definition: FunctionDef | undefined;
  /** Names of the nodes that run. */
  readonly visited: Set<string> = new Set();
  readonly instances: Map<string, GraphNode> = new Map();
  /** Bodies of the functions that its nodes call. */
  readonly calls: Map<string, Scope> = new Map();
  readonly #bindings: Attributes;
  readonly #sources: ReadonlyMap<string, ArgumentSource>;

  constructor({ nodes, region, prefix = '', call }: ScopeOptions) {
    this.nodes = nodes;
    this.region = region;
    this.prefix = prefix;
    this.parent = call?.parent;
    this.definition = call?.definition;
    this.#bindings = call?.bindings ?? new Map();
    const names = call?.definition.arguments ?? [];
    this.#sources = new Map(names.flatMap(({ name }, i) => (call?.sources[i] ? [[name, call.sources[i]]] : [])));
  }

  /** The source of an argument; `undefined` for another name. */
  argument(name: string): ArgumentSource | undefined {
    return this.#sources.get(name);
  }

  /** Attributes with what the call binds in place of placeholders. */
  bound(attributes: Attributes): Attributes {
    if (this.#bindings.size === 0) return attributes;
    return new Map(Array.from(attributes, ([name, value]) => [name, this.#boundValue(value)]));
  }

  #boundValue(value: AttributeValue): AttributeValue {
    if (value.kind === 'placeholder') return this.#bindings.get(value.value) ?? value;
    if (value.kind === 'function') {
      return { kind: 'function', value: { name: value.value.name, attributes: this.bound(value.value.attributes) } };
    }
    return value;
  }

  /** Functions from the outermost call to this one. */
  get callPath(): string[] {
    const path: string[] = [];
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      if (scope.definition) path.unshift(scope.definition.name);
    }
    return path;
  }
}
