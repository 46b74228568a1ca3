/** `--input_examples`: lists of features to serialized tf.Examples. */
import type { Feature } from '@serving/core/extend';
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import { encodeExample } from '@serving/protos/messages';
import { isList, type PythonObject } from './python/python-object.js';
import { classOf, strOf } from './python/python-str.js';
import { SavedModelCliError } from './saved-model-cli-error.js';

/** A string tensor with one example per dictionary. @throws SavedModelCliError for anything else. */
export function inputExamples(value: PythonObject): Tensor {
  if (!isList(value)) throw notDictionaries(value);
  const examples = value.map((item) => {
    if (!(item instanceof Map)) throw notDictionaries(item);
    const features = Array.from(item as ReadonlyMap<PythonObject, PythonObject>);
    return encodeExample(new Map(features.map(([name, list]) => toFeature(name, list))));
  });
  return createTensor('string', [examples.length], StringArray.from(examples));
}

/** The first value decides the kind of all. */
function toFeature(name: PythonObject, list: PythonObject): [name: string, feature: Feature] {
  if (!isList(list)) {
    throw new SavedModelCliError(
      'ValueError',
      `feature value must be a list, but ${strOf(name)}: "${strOf(list)}" is ${classOf(list)}`,
    );
  }
  const [first] = list;
  if (first === undefined) throw new SavedModelCliError('IndexError', 'list index out of range');
  if (typeof name !== 'string') throw new SavedModelCliError('TypeError', 'bad argument type for built-in operation');
  return [name, valuesOf(first, list, name)];
}

function valuesOf(first: PythonObject, list: readonly PythonObject[], name: string): Feature {
  if (typeof first === 'number' && list.every(isNumber)) {
    return { kind: 'float', values: Float32Array.from(list, Number) };
  }
  if (typeof first === 'string' && list.every((item) => typeof item === 'string')) {
    return { kind: 'bytes', values: list.map((item) => new Uint8Array(Buffer.from(item))) };
  }
  if (first instanceof Uint8Array && list.every((item) => item instanceof Uint8Array)) {
    return { kind: 'bytes', values: list };
  }
  if (typeof first === 'bigint' || typeof first === 'boolean') {
    if (list.some((item) => typeof item === 'boolean')) {
      throw new SavedModelCliError('TypeError', 'Field tensorflow.Int64List.value: Expected an int, got a boolean.');
    }
    if (list.every((item) => typeof item === 'bigint')) return { kind: 'int64', values: BigInt64Array.from(list) };
  }
  if (typeof first === 'object' && !(first instanceof Uint8Array)) {
    throw new SavedModelCliError(
      'ValueError',
      `Type ${classOf(first)} for value ${strOf(first)} is not supported for tf.train.Feature.`,
    );
  }
  throw new SavedModelCliError(
    'ValueError',
    `Values of feature ${name} must be all floats, all integers, or all text or bytes; the first is ${classOf(first)}`,
  );
}

function notDictionaries(value: PythonObject): SavedModelCliError {
  return new SavedModelCliError(
    'ValueError',
    `tf.Example input must be a list of dictionaries, but "${strOf(value)}" is ${classOf(value)}`,
  );
}

function isNumber(value: PythonObject): value is number | bigint | boolean {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}
