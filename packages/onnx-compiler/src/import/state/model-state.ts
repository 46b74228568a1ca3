/** Variables and tables as they are after a model's load: restored from the checkpoint, then initialised. */
import { ServingError } from '@serving/core';
import { createTensor, StringArray } from '@serving/core/tensor';
import type { Checkpoint } from '../../bundle/checkpoint.js';
import { intAttribute, textAttribute, typeAttribute } from '../../graph/attribute-readers.js';
import type { ConstantValue, Endpoint, GraphNode, TableContents } from '../../graph/graph.js';
import { constantNode } from '../../graph/new-node.js';
import type { MetaGraphDef } from '../../saved-model/meta-graph-def.js';
import { SourceTrace } from '../control/source-trace.js';
import type { Place } from '../import-session.js';
import { Importer } from '../importer.js';
import { dataInputs } from '../tensor-name.js';
import { type EvaluationSources, evaluate } from './evaluation.js';
import { resourceIdentity, resourceKind, resourceName } from './resource-identity.js';
import { tableContents } from './table-contents.js';
import { readVocabulary } from './vocabulary-file.js';

/** A node that fills a table, with its inputs. */
interface TableInitialiser {
  readonly node: GraphNode;
}

const INIT_SIGNATURE = '__saved_model_init_op';
const INIT_COLLECTIONS = ['saved_model_main_op', 'legacy_init_op'];

/** Resources by the identity of their handles. Values are evaluated when they are asked for. */
export class ModelState implements EvaluationSources {
  readonly checkpoint: Checkpoint | undefined;
  readonly #metaGraph: MetaGraphDef;
  readonly #assignments = new Map<string, Endpoint>();
  readonly #initialisers = new Map<string, TableInitialiser>();
  readonly #variables = new Map<string, ConstantValue | 'evaluating'>();
  readonly #tables = new Map<string, TableContents>();
  readonly #handles = new Map<GraphNode, string>();

  /** @throws ServingError `UNIMPLEMENTED` for a restore or initialisation that can't be followed. */
  constructor(metaGraph: MetaGraphDef, checkpoint: Checkpoint | undefined) {
    this.#metaGraph = metaGraph;
    this.checkpoint = checkpoint;
    if (checkpoint && metaGraph.restoreOpName !== '') this.#follow(metaGraph.restoreOpName, 'restore');
    const initOp = initOpName(metaGraph);
    if (initOp !== undefined) this.#follow(initOp, 'initialisation');
  }

  /** The identity of a resource's handle; `undefined` where data chooses between resources. */
  identityOf(handle: Endpoint, trace: SourceTrace, importer: Importer): string | undefined {
    const { node } = trace.sourceOf(handle);
    const known = this.#handles.get(node);
    if (known !== undefined) return known;
    const kind = resourceKind(node.op);
    if (!kind) return undefined;
    const identity = resourceIdentity(node, importer.places.get(node)?.definition.name ?? node.name);
    this.#handles.set(node, identity);
    return identity;
  }

  /** The value of a variable; its handle has been seen by {@link identityOf}. */
  variable({ node }: Endpoint): ConstantValue {
    const identity = this.#handles.get(node) ?? resourceIdentity(node, node.name);
    return this.variableOf(identity);
  }

  /** @throws ServingError `FAILED_PRECONDITION` for a variable that nothing sets. */
  variableOf(identity: string): ConstantValue {
    const known = this.#variables.get(identity);
    if (known === 'evaluating') {
      throw new ServingError('UNIMPLEMENTED', `variable ${resourceName(identity)} is initialised from itself`);
    }
    if (known) return known;
    const assigned = this.#assignments.get(identity);
    if (!assigned) {
      throw new ServingError('FAILED_PRECONDITION', `variable ${resourceName(identity)} is never initialised`);
    }
    this.#variables.set(identity, 'evaluating');
    try {
      const value = evaluate(assigned, this);
      this.#variables.set(identity, value);
      return value;
    } catch (error) {
      this.#variables.delete(identity);
      throw error;
    }
  }

  /** @throws ServingError `FAILED_PRECONDITION` for a table that nothing fills. */
  tableOf(identity: string): TableContents {
    const known = this.#tables.get(identity);
    if (known) return known;
    const initialiser = this.#initialisers.get(identity);
    const name = resourceName(identity);
    if (!initialiser) throw new ServingError('FAILED_PRECONDITION', `table ${name} is never initialised`);
    const contents = this.#contents(initialiser.node, name);
    this.#tables.set(identity, contents);
    return contents;
  }

  #contents(node: GraphNode, name: string): TableContents {
    const [, first, second] = node.inputs;
    const input = (endpoint: Endpoint | undefined): ConstantValue => {
      if (!endpoint) throw new ServingError('DATA_LOSS', `${node.op} (node ${node.name}) lacks an input`);
      return evaluate(endpoint, this);
    };
    if (!node.op.includes('TextFile')) {
      const repeats = node.op.startsWith('LookupTableImport');
      return tableContents(name, input(first).tensor(), input(second).tensor(), repeats);
    }
    const { data } = input(first).tensor();
    const path = data instanceof StringArray ? Buffer.from(data.at(0)).toString() : '';
    const { attributes } = node;
    const table = node.inputs[0] && this.#tableNode(node.inputs[0]);
    const { keys, values } = readVocabulary(
      path,
      {
        keyIndex: intAttribute(attributes, 'key_index'),
        valueIndex: intAttribute(attributes, 'value_index'),
        vocabularySize: intAttribute(attributes, 'vocab_size'),
        delimiter: textAttribute(attributes, 'delimiter'),
        offset: intAttribute(attributes, 'offset'),
      },
      table ? typeAttribute(table.attributes, 'key_dtype') : 'string',
      table ? typeAttribute(table.attributes, 'value_dtype') : 'int64',
    );
    return tableContents(name, keys, values, false);
  }

  #tableNode({ node }: Endpoint): GraphNode | undefined {
    return resourceKind(node.op) === 'table' ? node : undefined;
  }

  /** Goes through what an operation runs, and notes what it assigns. */
  #follow(operation: string, phase: 'restore' | 'initialisation'): void {
    const changes: Place[] = [];
    const importer = new Importer(this.#metaGraph, {
      feeds: assetFeeds(this.#metaGraph),
      onStateChange: (place) => changes.push(place),
    });
    importer.run(operation);
    importer.finish();
    const found = changes.map((place) => ({
      place,
      inputs: dataInputs(place.definition.inputs).map((input) => importer.resolve(place.scope, input)),
    }));
    importer.finish();
    const trace = new SourceTrace(importer.controlNodes);
    for (const node of importer.places.keys()) this.identityOf({ node, index: 0 }, trace, importer);
    for (const { place, inputs } of found) this.#note(place, inputs, importer, trace, phase);
  }

  #note(
    { scope, definition }: Place,
    inputs: readonly Endpoint[],
    importer: Importer,
    trace: SourceTrace,
    phase: string,
  ): void {
    const { op } = definition;
    const [handle, value] = inputs;
    const identity = handle && this.identityOf(handle, trace, importer);
    if (op === 'Assign' || op === 'AssignVariableOp') {
      if (identity !== undefined && value) this.#assignments.set(identity, trace.sourceOf(value));
      return;
    }
    if (/^(InitializeTable|LookupTableImport)/.test(op)) {
      // A table that is filled already stays as it is, but for imports.
      if (identity === undefined || (this.#initialisers.has(identity) && op.startsWith('Initialize'))) return;
      const attributes = importer.attributesOf(scope, definition);
      const sources = inputs.map((input) => trace.sourceOf(input));
      this.#initialisers.set(identity, {
        node: { op, name: scope.prefix + definition.name, attributes, inputs: sources, outputs: [] },
      });
      return;
    }
    if (phase === 'restore') return;
    throw new ServingError(
      'UNIMPLEMENTED',
      `${op} (node ${scope.prefix}${definition.name}): the initialisation of the model can't be followed`,
    );
  }
}

/** Asset tensors as constants, by full name. */
export function assetFeeds({ assets }: MetaGraphDef): Map<string, Endpoint> {
  return new Map(
    Array.from(assets, ([tensor, path]) => {
      const value = createTensor('string', [], StringArray.from([path]));
      return [tensor, { node: constantNode(`asset ${tensor}`, value), index: 0 }];
    }),
  );
}

function initOpName({ signatures, collections, directory }: MetaGraphDef): string | undefined {
  const named = signatures.get(INIT_SIGNATURE)?.outputs.get(INIT_SIGNATURE)?.name;
  if (named !== undefined && named !== '') return named;
  for (const collection of INIT_COLLECTIONS) {
    const nodes = collections.get(collection);
    if (!nodes) continue;
    if (nodes.length !== 1) {
      throw new ServingError('FAILED_PRECONDITION', `Expected exactly one main op in : ${directory}`);
    }
    return nodes[0];
  }
  return undefined;
}
