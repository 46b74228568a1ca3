/** Names of a written model's inputs and outputs. */
import type { PlacedEndpoint } from '../emit/model-part.js';
import type { Endpoint, SignatureGraph } from '../graph/graph.js';

/** Gives names that no other has; a taken one gets a suffix. */
export class ExportNames {
  readonly #taken = new Set<string>();

  /** `name` itself where it is free. */
  unique(name: string, suffix: string): string {
    let candidate = name === '' ? suffix : name;
    for (let i = 1; this.#taken.has(candidate); i++) candidate = `${name}_${suffix}${i === 1 ? '' : i}`;
    this.#taken.add(candidate);
    return candidate;
  }
}

const isSame = (a: Endpoint, b: Endpoint): boolean => a.node === b.node && a.index === b.index;
const tensorName = ({ node, index }: Endpoint): string => `${node.name}:${index}`;

/** Names an input by its alias in the signature, or what a stage computes by TensorFlow's name. */
export function namedInput(input: PlacedEndpoint, { inputs }: SignatureGraph, names: ExportNames): PlacedEndpoint {
  const alias = inputs.find(({ node }) => node === input.source.node)?.alias;
  return { ...input, name: names.unique(alias ?? tensorName(input.source), 'input') };
}

/** An output for each alias in the signature, or one with TensorFlow's name for what a stage takes. */
export function namedOutputs(
  output: PlacedEndpoint,
  { outputs }: SignatureGraph,
  names: ExportNames,
): PlacedEndpoint[] {
  const aliases = outputs.filter(({ source }) => isSame(source, output.source)).map(({ alias }) => alias);
  const found = aliases.length > 0 ? aliases : [tensorName(output.source)];
  return found.map((name) => ({ ...output, name: names.unique(name, 'output') }));
}
