/** `instances` of a predict request: one element per example. */
import { ServingError, type Signature } from '@serving/core';
import type { NamedTensors } from '@serving/core/tensor';
import { cutAtNul } from './json-string.js';
import { ARRAY, type JsonTape, OBJECT } from './json-tape.js';
import { isBase64Object } from './leaf-converter.js';
import { appendNestedList } from './nested-list.js';
import { shownValue } from './shown-value.js';
import { isSameShape, TensorBuilder } from './tensor-builder.js';

/**
 * The tensors of the list at node `instances` of the body at node `body`; a first dimension is put before each
 * element's shape. A name that stands twice in an element counts once, its first value; the others are only checked.
 *
 * @throws ServingError `INVALID_ARGUMENT` for anything that doesn't fit, naming the element.
 */
export function decodeRows(tape: JsonTape, instances: number, body: number, signature: Signature): NamedTensors {
  if (tape.kind(instances) !== ARRAY) {
    throw invalid(`JSON Value: ${shownValue(tape, body)} Expecting 'instances' to be an list/array`);
  }
  if (tape.count(instances) === 0) {
    throw invalid(`JSON Value: ${shownValue(tape, body)} No values in 'instances' array`);
  }
  const first = instances + 1;
  // The reference server lets bytes pass here and gives them all to one input or another.
  if (signature.inputs.size > 1 && !isPlainObject(tape, first)) {
    throw invalid(
      'instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map',
    );
  }
  return isPlainObject(tape, first)
    ? decodeObjects(tape, instances, signature)
    : decodeValues(tape, instances, signature);
}

function decodeObjects(tape: JsonTape, instances: number, signature: Signature): NamedTensors {
  const builders = new Map<string, TensorBuilder>();
  for (const { name, dtype } of signature.inputs.values()) builders.set(name, new TensorBuilder(dtype, 16));
  const end = tape.next(instances);
  let index = 0;
  for (let element = instances + 1; element < end; element = tape.next(element), index++) {
    if (!isPlainObject(tape, element)) {
      throw invalid(`Expecting object but got list at item ${index} of input list`);
    }
    decodeObject(tape, element, index, builders);
  }
  const tensors: NamedTensors = Object.create(null);
  for (const [name, builder] of builders) tensors[name] = builder.finish([index, ...builder.elementShape!]);
  return tensors;
}

function decodeObject(
  tape: JsonTape,
  element: number,
  index: number,
  builders: ReadonlyMap<string, TensorBuilder>,
): void {
  const end = tape.next(element);
  const seen = new Set<string>();
  for (let key = element + 1; key < end; key = tape.next(key + 1)) {
    const name = cutAtNul(tape.stringValue(key));
    const builder = builders.get(name);
    try {
      if (builder === undefined) throw invalid(`JSON object: does not have named input: ${name}`);
      const before = builder.length;
      appendElement(tape, key + 1, builder);
      if (seen.has(name)) builder.truncate(before);
    } catch (error) {
      throw elementError(error, `${index} key: ${name}`);
    }
    seen.add(name);
  }
  if (seen.size === builders.size) return;
  const names = [...builders.keys()].sort().join(',');
  throw invalid(
    `Failed to process element: ${index} of 'instances' list. JSON object: ${shownValue(tape, element)} keys must be equal to: ${names}`,
  );
}

function decodeValues(tape: JsonTape, instances: number, signature: Signature): NamedTensors {
  const [input] = signature.inputs.values();
  const builder = new TensorBuilder(input!.dtype, 16);
  const end = tape.next(instances);
  let index = 0;
  for (let element = instances + 1; element < end; element = tape.next(element), index++) {
    if (isPlainObject(tape, element)) {
      throw invalid(`Expecting value/list but got object at item ${index} of input list`);
    }
    try {
      appendElement(tape, element, builder);
    } catch (error) {
      throw elementError(error, String(index));
    }
  }
  const tensors: NamedTensors = Object.create(null);
  tensors[input!.name] = builder.finish([index, ...builder.elementShape!]);
  return tensors;
}

/** Appends one element and holds it against the first. */
function appendElement(tape: JsonTape, node: number, builder: TensorBuilder): void {
  const before = builder.length;
  const shape = appendNestedList(tape, node, builder);
  const size = builder.length - before;
  const expected = builder.elementShape;
  if (expected === undefined) {
    builder.elementShape = shape;
    builder.elementSize = size;
    return;
  }
  if (size !== builder.elementSize) {
    throw invalid(`Expecting tensor size: ${builder.elementSize} but got: ${size}`);
  }
  if (!isSameShape(expected, shape)) throw invalid(`Expecting shape [${expected}] but got: [${shape}]`);
}

function isPlainObject(tape: JsonTape, node: number): boolean {
  return tape.kind(node) === OBJECT && !isBase64Object(tape, node);
}

function elementError(error: unknown, place: string): ServingError {
  const { code, message } = ServingError.from(error, 'INTERNAL');
  return invalid(`Failed to process element: ${place} of 'instances' list. Error: ${code}: ${message}`);
}

function invalid(message: string): ServingError {
  return new ServingError('INVALID_ARGUMENT', message);
}
