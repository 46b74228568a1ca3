/** `ParseExample`, `ParseExampleV2` and `ParseSingleExample`. */
import { ServingError } from '@serving/core';
import type { Example } from '@serving/core/extend';
import type { Tensor } from '@serving/core/tensor';
import { decodeExample } from '@serving/protos/messages';
import { intAttribute, shapesAttribute, textsAttribute, typesAttribute } from '../../graph/attribute-readers.js';
import { stringsOf } from '../elements/string-builder.js';
import { countOf } from '../elements/take.js';
import type { KernelContext, KernelFactory } from '../kernel.js';
import { DenseColumn, ListColumn } from './example-columns.js';
import { denseFeatures, type ExampleSchema, featureType } from './example-schema.js';

/** The outputs of a parser, by kind. */
interface ParsedFeatures {
  readonly sparse: readonly { indices: Tensor; values: Tensor; shape: Tensor }[];
  readonly dense: readonly Tensor[];
  readonly ragged: readonly { values: Tensor; splits: Tensor }[];
}

const decoder = new TextDecoder();

function decode(bytes: Uint8Array): Example {
  try {
    return decodeExample(bytes);
  } catch (cause) {
    const error = ServingError.from(cause);
    if (error.code !== 'INVALID_ARGUMENT') throw error;
    throw new ServingError('INVALID_ARGUMENT', `Could not parse example input, value: '${decoder.decode(bytes)}'`, {
      cause,
    });
  }
}

function parse(serialized: Tensor, names: Tensor | undefined, schema: ExampleSchema): ParsedFeatures {
  const alone = serialized.shape.length === 0;
  const strings = stringsOf(serialized);
  const nameOf = (i: number) =>
    names === undefined || countOf(names) === 0 ? '<unknown>' : decoder.decode(stringsOf(names).at(i));
  const dense = schema.dense.map((feature) => new DenseColumn(feature));
  const sparse = schema.sparse.map((feature) => new ListColumn(feature));
  const ragged = schema.ragged.map((feature) => new ListColumn(feature));
  for (let index = 0; index < strings.length; index++) {
    const example = decode(strings.at(index));
    const place = { name: nameOf(index), index, alone };
    for (const column of [...dense, ...sparse, ...ragged]) column.add(example, place);
  }
  return {
    sparse: sparse.map((column) => column.sparse(alone)),
    dense: dense.map((column) => (alone ? column.single() : column.batch())),
    ragged: ragged.map((column, i) => column.ragged(schema.ragged[i]!, alone)),
  };
}

function outputsOf({ sparse, dense, ragged }: ParsedFeatures): Tensor[] {
  return [
    ...sparse.map(({ indices }) => indices),
    ...sparse.map(({ values }) => values),
    ...sparse.map(({ shape }) => shape),
    ...dense,
    ...ragged.map(({ values }) => values),
    ...ragged.map(({ splits }) => splits),
  ];
}

const keysOf = (tensor: Tensor): string[] => stringsOf(tensor).toStrings();

/** The schema of `ParseExampleV2`: at load where keys and defaults are constant, else of each run. */
const parseExampleV2: KernelFactory = ({ attributes, constants }) => {
  const sparseTypes = typesAttribute(attributes, 'sparse_types').map(featureType);
  const valueTypes = typesAttribute(attributes, 'ragged_value_types').map(featureType);
  const splitTypes = typesAttribute(attributes, 'ragged_split_types');
  const schemaOf = (inputs: readonly Tensor[]): ExampleSchema => {
    const [sparseKeys, denseKeys, raggedKeys] = inputs.slice(2, 5).map(keysOf) as [string[], string[], string[]];
    const [types, shapes] = [typesAttribute(attributes, 'Tdense'), shapesAttribute(attributes, 'dense_shapes')];
    return {
      sparse: sparseKeys.map((key, i) => ({ key, dtype: sparseTypes[i]! })),
      dense: denseFeatures(denseKeys, types, shapes, inputs.slice(5)),
      ragged: raggedKeys.map((key, i) => ({ key, dtype: valueTypes[i]!, splitsType: splitTypes[i]! })),
    };
  };
  const known = constants?.slice(2);
  const schema = known?.every((tensor) => tensor !== undefined)
    ? schemaOf([known[0]!, known[0]!, ...known])
    : undefined;
  return (inputs) => outputsOf(parse(inputs[0]!, inputs[1], schema ?? schemaOf(inputs)));
};

const parseExample: KernelFactory = ({ attributes }) => {
  const [sparseCount, denseCount] = [intAttribute(attributes, 'Nsparse'), intAttribute(attributes, 'Ndense')];
  const sparseTypes = typesAttribute(attributes, 'sparse_types').map(featureType);
  const [types, shapes] = [typesAttribute(attributes, 'Tdense'), shapesAttribute(attributes, 'dense_shapes')];
  return (inputs) => {
    const keys = inputs.slice(2, 2 + sparseCount + denseCount).map((tensor) => keysOf(tensor)[0]!);
    const schema: ExampleSchema = {
      sparse: keys.slice(0, sparseCount).map((key, i) => ({ key, dtype: sparseTypes[i]! })),
      dense: denseFeatures(keys.slice(sparseCount), types, shapes, inputs.slice(2 + sparseCount + denseCount)),
      ragged: [],
    };
    return outputsOf(parse(inputs[0]!, inputs[1], schema));
  };
};

const parseSingleExample: KernelFactory = ({ attributes }: KernelContext) => {
  const sparseTypes = typesAttribute(attributes, 'sparse_types').map(featureType);
  const sparse = textsAttribute(attributes, 'sparse_keys').map((key, i) => ({ key, dtype: sparseTypes[i]! }));
  const denseKeys = textsAttribute(attributes, 'dense_keys');
  const [types, shapes] = [typesAttribute(attributes, 'Tdense'), shapesAttribute(attributes, 'dense_shapes')];
  return ([serialized, ...fallbacks]) => {
    const schema = { sparse, dense: denseFeatures(denseKeys, types, shapes, fallbacks), ragged: [] };
    return outputsOf(parse(serialized!, undefined, schema));
  };
};

/** Kernels that parse examples, by operation. */
export const exampleKernels: Readonly<Record<string, KernelFactory>> = {
  ParseExample: parseExample,
  ParseExampleV2: parseExampleV2,
  ParseSingleExample: parseSingleExample,
};
