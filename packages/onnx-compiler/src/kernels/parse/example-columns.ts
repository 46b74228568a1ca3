/** Outputs of a parser of examples, filled example by example. */
import { ServingError } from '@serving/core';
import type { Example, Feature } from '@serving/core/extend';
import type { Tensor } from '@serving/core/tensor';
import { integerTensor } from '../elements/numbers.js';
import { productOf } from '../elements/strides.js';
import { concatElements, countOf, takeElements } from '../elements/take.js';
import { type DenseFeature, isRequired, isVariable, type ListFeature, type RaggedFeature } from './example-schema.js';
import { isOfType, kindName, ValueCollector, valuesOf } from './feature-values.js';

/** How messages name the example that is read, and whether it is alone. */
export interface ExamplePlace {
  /** `Name: <unknown>, ` with the place in the batch, or nothing for an example that is parsed alone. */
  readonly name: string;
  readonly index: number;
  readonly alone: boolean;
}

function fail(place: ExamplePlace, key: string, problem: string): never {
  const at = place.alone ? `Key: ${key}.  ` : `Name: ${place.name}, Key: ${key}, Index: ${place.index}.  `;
  throw new ServingError('INVALID_ARGUMENT', at + problem);
}

/** The feature of a column, when the example has it; of another type it is an error with `problem`. */
function featureIn(
  example: Example,
  { key, dtype }: ListFeature,
  place: ExamplePlace,
  problem: (found: string) => string,
): Feature | undefined {
  const feature = example.get(key);
  if (feature === undefined || feature.kind === 'unset') return undefined;
  if (!isOfType(feature, dtype)) fail(place, key, `Data types don't match. ${problem(kindName(feature))}`);
  return feature;
}

/** A column of a parser. */
interface ExampleColumn {
  add(example: Example, place: ExamplePlace): void;
}

/** Values of every example in one shape. */
export class DenseColumn implements ExampleColumn {
  readonly #feature: DenseFeature;
  readonly #rows: Tensor[] = [];

  constructor(feature: DenseFeature) {
    this.#feature = feature;
  }

  add(example: Example, place: ExamplePlace): void {
    const { key, dtype, shape, fallback } = this.#feature;
    const found = featureIn(example, this.#feature, place, (type) => `Data type: ${type} but expected type: ${dtype}`);
    if (found !== undefined) {
      this.#rows.push(this.#checked(valuesOf(found), place));
    } else if (isRequired(this.#feature)) {
      const start = place.alone ? '' : `Name: ${place.name}, `;
      throw new ServingError(
        'INVALID_ARGUMENT',
        `${start}Feature: ${key} (data type: ${dtype}) is required but could not be found.`,
      );
    } else if (isVariable(this.#feature)) {
      this.#rows.push(takeElements(fallback, [0], new Int32Array(0)));
    } else {
      this.#rows.push({ ...fallback, shape: [productOf(shape)] });
    }
  }

  #checked(values: Tensor, place: ExamplePlace): Tensor {
    const { key, dtype, shape } = this.#feature;
    const count = countOf(values);
    const stride = productOf(shape, isVariable(this.#feature) ? 1 : 0);
    if (isVariable(this.#feature)) {
      if (count % Math.max(stride, 1) === 0) return values;
      const output = `[${shape.map((size) => (size < 0 ? '?' : size))}]`;
      return fail(
        place,
        key,
        `Number of ${dtype} values is not a multiple of stride length. Saw ${count} values but output shape is: ${output}`,
      );
    }
    if (count === stride) return values;
    if (place.alone) {
      const list = { float: 'float_list', int64: 'int64_list', string: 'bytes_list' }[dtype];
      return fail(place, key, `Can't parse serialized Example: Some ${list} slice was not parsed.`);
    }
    return fail(
      place,
      key,
      `Number of ${dtype} values != expected.  Values size: ${count} but output shape: [${shape}]`,
    );
  }

  /** The tensor of a batch, rows padded with the default to the longest. */
  batch(): Tensor {
    const { shape, fallback, dtype } = this.#feature;
    if (this.#rows.length === 0)
      return new ValueCollector(dtype).tensor([0, ...shape.map((size) => Math.max(size, 0))]);
    if (!isVariable(this.#feature)) return { ...concatElements(this.#rows), shape: [this.#rows.length, ...shape] };
    const inner = shape.slice(1);
    const widest = Math.max(...this.#rows.map(countOf));
    const stride = Math.max(productOf(inner), 1);
    const all = concatElements([...this.#rows, fallback]);
    const positions = new Int32Array(this.#rows.length * widest).fill(countOf(all) - 1);
    let next = 0;
    for (const [row, values] of this.#rows.entries()) {
      for (let i = 0; i < countOf(values); i++) positions[row * widest + i] = next++;
    }
    return takeElements(all, [this.#rows.length, widest / stride, ...inner], positions);
  }

  /** The tensor of the only example. */
  single(): Tensor {
    const [values] = this.#rows as [Tensor];
    const { shape } = this.#feature;
    if (!isVariable(this.#feature)) return { ...values, shape };
    return { ...values, shape: [countOf(values) / Math.max(productOf(shape, 1), 1), ...shape.slice(1)] };
  }
}

/** Values of every example, any number of each, with the counts. */
export class ListColumn implements ExampleColumn {
  readonly #feature: ListFeature;
  readonly #values: ValueCollector;
  readonly #counts: number[] = [];

  constructor(feature: ListFeature) {
    this.#feature = feature;
    this.#values = new ValueCollector(feature.dtype);
  }

  add(example: Example, place: ExamplePlace): void {
    const found = featureIn(
      example,
      this.#feature,
      place,
      (type) => `Expected type: ${this.#feature.dtype}, Actual type: ${type}`,
    );
    this.#counts.push(found?.values.length ?? 0);
    if (found !== undefined) this.#values.add(valuesOf(found));
  }

  /** Indices, values and shape of a sparse tensor. `alone`: of one example, without the batch dimension. */
  sparse(alone: boolean): { indices: Tensor; values: Tensor; shape: Tensor } {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    const indices = this.#counts.flatMap((count, row) =>
      Array.from({ length: count }, (_, i) => (alone ? [i] : [row, i])).flat(),
    );
    const widest = this.#counts.reduce((most, count) => Math.max(most, count), 0);
    const shape = alone ? [widest] : [this.#counts.length, widest];
    return {
      indices: integerTensor('int64', [total, shape.length], indices),
      values: this.#values.tensor([total]),
      shape: integerTensor('int64', [shape.length], shape),
    };
  }

  /** Values and row splits of a ragged tensor. */
  ragged({ splitsType }: RaggedFeature, alone: boolean): { values: Tensor; splits: Tensor } {
    const splits = [0];
    for (const count of this.#counts) splits.push(splits.at(-1)! + count);
    return {
      values: this.#values.tensor([splits.at(-1)!]),
      splits: alone ? integerTensor(splitsType, [0], []) : integerTensor(splitsType, [splits.length], splits),
    };
  }
}
