/** How a client fixes an input of another shape than its signature declares. */
import { formatPartialShape, isCompatibleShape, type PartialShape } from '../tensor/tensor-shape.js';

/** Longer examples are left out. */
const MOST_NUMBERS = 16;

/**
 * Names the list that is missing or too much, where that is all; else a value that has the declared shape, where that is small.
 *
 * @param name of the input
 */
export function shapeHint(
  name: string,
  shape: readonly number[],
  declared: NonNullable<PartialShape>,
): string | undefined {
  const expected = formatPartialShape(declared);
  const rank = declared.length;
  if (isCompatibleShape([1, ...shape], declared)) {
    const batch = `the batch dimension is missing: [1,${shape}] fits ${expected}`.replace(',]', ']');
    return `Wrap "${name}" in one more list; ${batch}. One example alone is [EXAMPLE], or {"instances": [EXAMPLE]} over REST`;
  }
  if (shape.length > rank && shape[0] === 1 && isCompatibleShape(shape.slice(shape.length - rank), declared)) {
    const lists = shape.length - rank === 1 ? 'one list' : `${shape.length - rank} lists`;
    return `"${name}" is nested too deep by ${lists}: [${shape.slice(shape.length - rank)}] fits ${expected}. Over REST "instances" is one list around the examples already`;
  }
  if (shape.length === rank + 1 && shape[rank] === 1 && isCompatibleShape(shape.slice(0, rank), declared)) {
    return `Each value of "${name}" is in a list of its own: take it out; [${shape.slice(0, rank)}] fits ${expected}`;
  }
  const example = exampleOf(declared);
  return example && `A value of that shape: ${example}`;
}

/** Zeros in nested lists, with 1 for free dimensions. `undefined` for many. */
function exampleOf(declared: NonNullable<PartialShape>): string | undefined {
  const sizes = declared.map((size) => (size < 0 ? 1 : size));
  if (sizes.reduce((product, size) => product * size, 1) > MOST_NUMBERS) return undefined;
  return sizes.reduceRight((inner, size) => `[${Array(size).fill(inner).join(', ')}]`, '0');
}
