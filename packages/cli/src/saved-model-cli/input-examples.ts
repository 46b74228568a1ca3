/** `--input_examples`: lists of features to serialized tf.Examples. */
import type { Feature } from '@serving/core';
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import { encodeExample } from '@serving/protos';
import { isList, isTensor, type PythonObject } from '../python/python-object.js';
import { SavedModelCliError } from './saved-model-cli-error.js';

/** A string tensor with one example per dictionary. @throws SavedModelCliError `ValueError` for anything else. */
export function inputExamples(value: PythonObject): Tensor {
  if (!isList(value)) throw invalid('tf.Example input must be a list of dictionaries');
  const examples = value.map((item) => {
    if (!(item instanceof Map)) throw invalid('tf.Example input must be a list of dictionaries');
    const features = Array.from(item as ReadonlyMap<PythonObject, PythonObject>);
    return encodeExample(new Map(features.map(([name, list]) => [String(name), toFeature(String(name), list)])));
  });
  return createTensor('string', [examples.length], StringArray.from(examples));
}

/** The first value tells the kind of all. */
function toFeature(name: string, list: PythonObject): Feature {
  if (!isList(list)) throw invalid(`feature value must be a list, but ${name} isn't one`);
  const [first] = list;
  if (typeof first === 'number' && list.every(isNumber))
    return { kind: 'float', values: Float32Array.from(list, Number) };
  if (typeof first === 'string' && list.every((item) => typeof item === 'string')) {
    return { kind: 'bytes', values: list.map((item) => new Uint8Array(Buffer.from(item))) };
  }
  if (first instanceof Uint8Array && list.every((item) => item instanceof Uint8Array)) {
    return { kind: 'bytes', values: list };
  }
  if ((typeof first === 'bigint' || typeof first === 'boolean') && list.every(isInteger)) {
    return { kind: 'int64', values: BigInt64Array.from(list, BigInt) };
  }
  const what = first === undefined ? 'no value' : isTensor(first) ? 'an array' : typeof first;
  throw invalid(
    `Values of feature ${name} must be all floats, all integers, or all text or bytes; the first is ${what}`,
  );
}

function isNumber(value: PythonObject): value is number | bigint | boolean {
  return typeof value === 'number' || isInteger(value);
}

function isInteger(value: PythonObject): value is bigint | boolean {
  return typeof value === 'bigint' || typeof value === 'boolean';
}

function invalid(message: string): SavedModelCliError {
  return new SavedModelCliError('ValueError', message);
}
