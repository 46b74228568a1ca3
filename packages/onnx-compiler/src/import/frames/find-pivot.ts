/** Finds the side of a branch by control edges: constants in a branch depend on its pivot. */
import type { GraphNode } from '../../graph/graph.js';
import type { ImportSession, Place } from '../import-session.js';
import { controlInput, dataInputs, parseTensorName } from '../tensor-name.js';
import type { BranchSide } from './branches-of-merges.js';

/** A branch without a switch is a few constants. */
const MAX_STEPS = 10_000;

/** Searches from a merge's input backwards. */
export function findPivot(
  importer: ImportSession,
  places: ReadonlyMap<GraphNode, Place>,
  merge: GraphNode,
  input: number,
): BranchSide | undefined {
  const place = places.get(merge);
  const first = place && dataInputs(place.definition.inputs)[input];
  if (!place || first === undefined) return undefined;
  const { scope } = place;
  const seen = new Set<string>();
  const work = [parseTensorName(first).node];
  for (let name = work.pop(); name !== undefined && seen.size < MAX_STEPS; name = work.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const tensor of scope.nodes.get(name)?.inputs ?? []) {
      const control = controlInput(tensor);
      if (control === undefined) work.push(parseTensorName(tensor).node);
      else {
        const side = sideOfPivot(importer, place, control);
        if (side) return side;
      }
    }
  }
  return undefined;
}

/** A pivot is an `Identity` of an output of the switch of a predicate by itself. */
function sideOfPivot(importer: ImportSession, { scope }: Place, pivot: string): BranchSide | undefined {
  let tensor = { node: pivot, index: 0 };
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const definition = scope.nodes.get(tensor.node);
    const [source, predicate] = dataInputs(definition?.inputs ?? []);
    if (definition?.op === 'Switch' && predicate !== undefined) {
      return { predicate: importer.resolve(scope, predicate), side: tensor.index };
    }
    if (definition?.op !== 'Identity' || source === undefined) return undefined;
    tensor = parseTensorName(source);
  }
  return undefined;
}
