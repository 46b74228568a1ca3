/** Examples as JavaScript callers write them → examples; {@link FeatureLike} has the rules. */

import type { Example, ExampleInput, Feature } from '../messages/example.js';
import type { ExampleRequest } from '../messages/example-request.js';
import { ServingError } from '../serving-error.js';
import { describeValue } from '../tensor/nested-array.js';

type Kind = Exclude<Feature['kind'], 'unset'>;

/**
 * Converts and checks the examples and the context of a request. Typed arrays of a feature's own type are used without a copy.
 *
 * @throws ServingError `INVALID_ARGUMENT` with the place of the wrong value (`examples[0].x[2]`), what was expected and what it was.
 */
export function toExampleInput({ examples, context }: Pick<ExampleRequest, 'examples' | 'context'>): ExampleInput {
  if (!Array.isArray(examples)) throw mismatch('examples', 'a list of examples', examples);
  const converted = examples.map((example, i) => toExample(example, `examples[${i}]`));
  return { examples: converted, ...(context !== undefined && { context: toExample(context, 'context') }) };
}

function toExample(value: unknown, path: string): Example {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw mismatch(path, 'an object or a Map of features by name', value);
  }
  const entries: Iterable<[unknown, unknown]> = isMap(value) ? value : Object.entries(value);
  const example = new Map<string, Feature>();
  for (const [name, feature] of entries) {
    if (typeof name !== 'string') throw mismatch(path, 'features by name', name);
    example.set(name, toFeature(feature, `${path}.${name}`));
  }
  return example;
}

/** By name too: a Map of another realm has no properties of its own, and would pass for an example without features. */
function isMap(value: object): value is ReadonlyMap<unknown, unknown> {
  return Object.prototype.toString.call(value) === '[object Map]';
}

function toFeature(value: unknown, path: string): Feature {
  if (Array.isArray(value)) return listToFeature(value, path);
  const typedArray = typedArrayToFeature(value);
  if (typedArray) return typedArray;
  const kind = kindOf(value);
  if (kind) return toList(kind, [value], () => path);
  if (typeof value === 'object' && value !== null && 'kind' in value) return checkedFeature(value, path);
  throw mismatch(path, 'the values of a feature', value);
}

function listToFeature(values: readonly unknown[], path: string): Feature {
  if (values.length === 0) return { kind: 'unset', values: [] };
  const kind = kindOf(values[0]);
  if (!kind) throw mismatch(`${path}[0]`, 'a string, bytes, a number, a bigint or a boolean', values[0]);
  return toList(kind, values, (i) => `${path}[${i}]`);
}

/** By name, since a typed array may come from another realm. */
function typedArrayToFeature(value: unknown): Feature | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  switch ((value as unknown as { readonly [Symbol.toStringTag]: string })[Symbol.toStringTag]) {
    case 'Float32Array':
      return { kind: 'float', values: value as Float32Array };
    case 'Float64Array':
      return { kind: 'float', values: Float32Array.from(value as Float64Array) };
    case 'BigInt64Array':
      return { kind: 'int64', values: value as BigInt64Array };
    case 'Int8Array':
    case 'Int16Array':
    case 'Int32Array':
    case 'Uint16Array':
    case 'Uint32Array':
      return { kind: 'int64', values: BigInt64Array.from(value as Int32Array, BigInt) };
    default:
      return undefined;
  }
}

function checkedFeature({ kind, values }: { kind: unknown; values?: unknown }, path: string): Feature {
  if (kind === 'unset') return { kind, values: [] };
  if (kind !== 'bytes' && kind !== 'float' && kind !== 'int64') {
    throw mismatch(`${path}.kind`, 'bytes, float, int64 or unset', kind);
  }
  const typedArray = typedArrayToFeature(values);
  if (typedArray?.kind === kind) return typedArray;
  if (!Array.isArray(values)) throw mismatch(`${path}.values`, `a list, each element ${names[kind]}`, values);
  return toList(kind, values, (i) => `${path}.values[${i}]`);
}

function toList(kind: Kind, values: readonly unknown[], path: (index: number) => string): Feature {
  const wrong = values.findIndex((value) => kindOf(value) !== kind);
  if (wrong >= 0) throw mismatch(path(wrong), names[kind], values[wrong]);
  if (kind === 'bytes') return { kind, values: values.map((value) => toBytes(value as string | Uint8Array)) };
  if (kind === 'float') return { kind, values: Float32Array.from(values as readonly number[]) };
  const integers = (values as readonly (bigint | boolean)[]).map(BigInt);
  const tooLarge = integers.findIndex((value) => BigInt.asIntN(64, value) !== value);
  if (tooLarge >= 0) throw mismatch(path(tooLarge), 'an integer of 64 bits', integers[tooLarge]);
  return { kind, values: BigInt64Array.from(integers) };
}

const names: Readonly<Record<Kind, string>> = {
  bytes: 'a string or bytes',
  float: 'a number',
  int64: 'a bigint or a boolean',
};

function kindOf(value: unknown): Kind | undefined {
  switch (typeof value) {
    case 'string':
      return 'bytes';
    case 'number':
      return 'float';
    case 'bigint':
    case 'boolean':
      return 'int64';
    default:
      return isBytes(value) ? 'bytes' : undefined;
  }
}

function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === 'Uint8Array';
}

const encoder = new TextEncoder();

function toBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? encoder.encode(value) : value;
}

function mismatch(path: string, expected: string, got: unknown): ServingError {
  return new ServingError('INVALID_ARGUMENT', `${path}: expected ${expected}, got ${describeValue(got)}`);
}
