/** `instances` of a predict request: one element per example. */
import { ServingError } from '@serving/core';
import type { Signature } from '@serving/core/extend';
import { nameHint } from '@serving/core/portable';
import type { NamedTensors } from '@serving/core/tensor';
import { cutAtNul } from '../json/json-string.js';
import { ARRAY, type JsonTape, OBJECT } from '../json/json-tape.js';
import type { SliceBudget } from '../slicing/slice-budget.js';
import { shownValue } from './error-excerpt.js';
import { isBase64Object } from './exact/scalar-converter.js';
import { NestedListReader } from './nested-list.js';
import { isSameShape, TensorBuilder } from './tensor-builder.js';

/**
 * The tensors of the list at node `instances` of the body at node `body`; a first dimension is put before each
 * element's shape. A name that stands twice in an element counts once, its first value; the others are only checked.
 * Yields where the budget is used up.
 *
 * @throws ServingError `INVALID_ARGUMENT` for anything that doesn't fit, naming the element.
 */
export function* decodeRows(
  tape: JsonTape,
  instances: number,
  body: number,
  signature: Signature,
  budget: SliceBudget,
): Generator<void, NamedTensors> {
  if (tape.kind(instances) !== ARRAY) {
    throw ServingError.invalidArgument(
      `JSON Value: ${shownValue(tape, body)} Expecting 'instances' to be an list/array`,
    );
  }
  if (tape.count(instances) === 0) {
    throw ServingError.invalidArgument(`JSON Value: ${shownValue(tape, body)} No values in 'instances' array`);
  }
  const first = instances + 1;
  // TensorFlow Serving accepts bytes here and assigns them all to one input or another.
  if (signature.inputs.size > 1 && !isPlainObject(tape, first)) {
    throw ServingError.invalidArgument(
      'instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map',
    );
  }
  return isPlainObject(tape, first)
    ? yield* decodeObjects(tape, instances, signature, budget)
    : yield* decodeValues(tape, instances, signature, budget);
}

function* decodeObjects(
  tape: JsonTape,
  instances: number,
  signature: Signature,
  budget: SliceBudget,
): Generator<void, NamedTensors> {
  const builders = new Map<string, TensorBuilder>();
  for (const { name, dtype } of signature.inputs.values()) {
    builders.set(name, new TensorBuilder(dtype, 16, 0, tape.text.length));
  }
  const object = new RowObject(tape, builders);
  const end = tape.next(instances);
  let index = 0;
  for (let element = instances + 1; element < end; element = tape.next(element), index++) {
    if (!isPlainObject(tape, element)) {
      throw ServingError.invalidArgument(`Expecting object but got list at item ${index} of input list`);
    }
    object.begin(element, index);
    while (!object.step(budget)) yield;
  }
  const tensors: NamedTensors = Object.create(null);
  for (const [name, builder] of builders) tensors[name] = builder.finish([index, ...builder.elementShape!]);
  return tensors;
}

/** The members of one element after the other. */
class RowObject {
  readonly #tape: JsonTape;
  readonly #builders: ReadonlyMap<string, TensorBuilder>;
  readonly #value: ElementReader;
  readonly #seen = new Set<string>();
  #element = 0;
  #index = 0;
  #key = 0;
  /** Of the value that is being read; `undefined` between two. */
  #name: string | undefined;
  #before = 0;

  constructor(tape: JsonTape, builders: ReadonlyMap<string, TensorBuilder>) {
    this.#tape = tape;
    this.#builders = builders;
    this.#value = new ElementReader(tape);
  }

  begin(element: number, index: number): void {
    this.#element = element;
    this.#index = index;
    this.#key = element + 1;
    this.#seen.clear();
  }

  /** Continues until the budget is used up. Returns whether the element is complete. */
  step(budget: SliceBudget): boolean {
    const tape = this.#tape;
    const end = tape.next(this.#element);
    while (this.#key < end) {
      const name = this.#name ?? cutAtNul(tape.nameValue(this.#key));
      try {
        if (!this.#append(name, budget)) return false;
      } catch (error) {
        throw elementError(error, `${this.#index} key: ${name}`);
      }
      this.#seen.add(name);
      this.#key = tape.next(this.#key + 1);
    }
    if (this.#seen.size === this.#builders.size) return true;
    const names = [...this.#builders.keys()].sort().join(',');
    throw ServingError.invalidArgument(
      `Failed to process element: ${this.#index} of 'instances' list. JSON object: ${shownValue(tape, this.#element)} keys must be equal to: ${names}`,
    );
  }

  #append(name: string, budget: SliceBudget): boolean {
    const builder = this.#builders.get(name);
    if (builder === undefined) {
      throw ServingError.invalidArgument(`JSON object: does not have named input: ${name}`, {
        clientHint: nameHint(name, [...this.#builders.keys()], 'Inputs'),
      });
    }
    if (this.#name === undefined) {
      this.#before = builder.length;
      this.#value.begin(this.#key + 1, builder);
    }
    this.#name = name;
    if (!this.#value.step(budget)) return false;
    this.#name = undefined;
    if (this.#seen.has(name)) builder.truncate(this.#before);
    return true;
  }
}

function* decodeValues(
  tape: JsonTape,
  instances: number,
  signature: Signature,
  budget: SliceBudget,
): Generator<void, NamedTensors> {
  const [input] = signature.inputs.values();
  const builder = new TensorBuilder(input!.dtype, 16, 0, tape.text.length);
  const value = new ElementReader(tape);
  const end = tape.next(instances);
  let index = 0;
  for (let element = instances + 1; element < end; element = tape.next(element), index++) {
    if (isPlainObject(tape, element)) {
      throw ServingError.invalidArgument(`Expecting value/list but got object at item ${index} of input list`);
    }
    try {
      value.begin(element, builder);
      while (!value.step(budget)) yield;
    } catch (error) {
      throw elementError(error, String(index));
    }
  }
  const tensors: NamedTensors = Object.create(null);
  tensors[input!.name] = builder.finish([index, ...builder.elementShape!]);
  return tensors;
}

/** Appends one element after the other, and holds each against the first of its builder. */
class ElementReader {
  readonly #list: NestedListReader;
  #builder: TensorBuilder | undefined;
  #before = 0;

  constructor(tape: JsonTape) {
    this.#list = new NestedListReader(tape);
  }

  begin(node: number, builder: TensorBuilder): void {
    this.#builder = builder;
    this.#before = builder.length;
    this.#list.begin(node, builder);
  }

  /** Continues until the budget is used up. Returns whether the element is appended. */
  step(budget: SliceBudget): boolean {
    if (!this.#list.step(budget)) return false;
    const builder = this.#builder!;
    const { shape } = this.#list;
    const size = builder.length - this.#before;
    const expected = builder.elementShape;
    if (expected === undefined) {
      builder.elementShape = shape;
      builder.elementSize = size;
      return true;
    }
    if (size !== builder.elementSize) {
      throw ServingError.invalidArgument(`Expecting tensor size: ${builder.elementSize} but got: ${size}`);
    }
    if (!isSameShape(expected, shape))
      throw ServingError.invalidArgument(`Expecting shape [${expected}] but got: [${shape}]`);
    return true;
  }
}

function isPlainObject(tape: JsonTape, node: number): boolean {
  return tape.kind(node) === OBJECT && !isBase64Object(tape, node);
}

function elementError(error: unknown, place: string): ServingError {
  const { code, message, clientHint } = ServingError.from(error, 'INTERNAL');
  return ServingError.invalidArgument(
    `Failed to process element: ${place} of 'instances' list. Error: ${code}: ${message}`,
    { clientHint },
  );
}
