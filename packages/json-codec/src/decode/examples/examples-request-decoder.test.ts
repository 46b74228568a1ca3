import { ServingError } from '@serving/core';
import type { Example, Feature } from '@serving/core/extend';
import { describe, expect, it } from 'vitest';
import {
  type DecodedExamplesRequest,
  decodeClassificationRequest,
  decodeParsedClassificationRequest,
  decodeParsedRegressionRequest,
  decodeRegressionRequest,
} from './examples-request-decoder.js';

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

/** `float 1,2`; byte strings as hex, a kind that is not set as `unset`. */
function shown(feature: Feature): string {
  switch (feature.kind) {
    case 'bytes':
      return `bytes ${feature.values.map((value) => Buffer.from(value).toString('hex')).join(',')}`;
    case 'unset':
      return 'unset';
    case 'float':
    case 'int64':
      return `${feature.kind} ${Array.from<unknown, string>(feature.values, (value) => (Object.is(value, -0) ? '-0' : String(value))).join(',')}`;
  }
}

const features = (example: Example): [string, string][] =>
  [...example].map(([name, feature]) => [name, shown(feature)]);

const decoders = { decodeClassificationRequest, decodeRegressionRequest };

function failure(decode: () => DecodedExamplesRequest): string {
  try {
    decode();
    return 'decoded';
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    expect(error.code).toBe('INVALID_ARGUMENT');
    return error.message;
  }
}

describe.each(Object.entries(decoders))('%s', (_, decode) => {
  const decodeFeatureText = (value: string): string => {
    const { input } = decode(bytesOf(`{"examples":[{"f":${value}}]}`));
    return shown(input.examples[0]!.get('f')!);
  };

  it.each([
    ['1', 'int64 1'],
    ['-0', 'int64 0'],
    ['true', 'int64 1'],
    ['false', 'int64 0'],
    ['[1, true, -7]', 'int64 1,1,-7'],
    [
      '[9223372036854775807, -9223372036854775808, 9007199254740993]',
      'int64 9223372036854775807,-9223372036854775808,9007199254740993',
    ],
    ['1.0', 'float 1'],
    ['[1e0, -0.0, NaN, -Infinity, Inf]', 'float 1,-0,NaN,-Infinity,Infinity'],
    ['16777217.0', 'float 16777216'],
    ['1e300', 'float Infinity'],
    ['18446744073709551616', `float ${2 ** 64}`],
    ['-9223372036854775809', `float ${-(2 ** 63)}`],
    ['"tea"', 'bytes 746561'],
    ['""', 'bytes '],
    ['["\\u00e9", "\\udc00", "a\\u0000b"]', 'bytes c3a9,edb080,610062'],
    ['{"b64":"/wAB"}', 'bytes ff0001'],
    ['[{"b64":""}, "a", {"b64":"\\u002fw=="}]', 'bytes ,61,ff'],
    ['[]', 'unset'],
  ])('makes of the feature %s %s', (text, expected) => {
    expect(decodeFeatureText(text)).toBe(expected);
  });

  it.each([
    ['null', 'Feature: f has element with unexpected JSON type: Null'],
    ['[null]', 'Feature: f has element with unexpected JSON type: Null'],
    ['[[1.0]]', 'Feature: f has element with unexpected JSON type: Array'],
    ['[1, [2]]', 'Feature: f has element with unexpected JSON type: Array'],
    ['["a", null]', 'Feature: f has element with unexpected JSON type: Null'],
    ['{}', 'Feature: f has element with unexpected JSON type: Object'],
    ['{"b64":1}', 'Feature: f has element with unexpected JSON type: Object'],
    ['{"b64":"","b64":""}', 'Feature: f has element with unexpected JSON type: Object'],
    ['[1.5, {"a":1}]', 'Feature: f has element with unexpected JSON type: Object'],
    ['18446744073709551615', 'Feature: f has uint64_t element. Only int64_t is supported.'],
    ['[1, 9223372036854775808]', 'Feature: f has uint64_t element. Only int64_t is supported.'],
    ['[1.0, 9223372036854775808]', 'Unexpected element type in feature: f expecting type: float'],
    ['[1, 2.0]', 'Unexpected element type in feature: f expecting type: int64'],
    ['[1, 18446744073709551616]', 'Unexpected element type in feature: f expecting type: int64'],
    ['[1.0, 2]', 'Unexpected element type in feature: f expecting type: float'],
    ['[1.0, true]', 'Unexpected element type in feature: f expecting type: float'],
    ['[1.0, "a"]', 'Unexpected element type in feature: f expecting type: float'],
    ['["a", 1]', 'Unexpected element type in feature: f expecting type: bytes'],
    ['[1, {"b64":"%"}]', 'Unexpected element type in feature: f expecting type: int64'],
    ['{"b64":"%%%"}', 'Unable to base64 decode'],
    ['["a", {"b64":"A"}]', 'Unable to base64 decode'],
  ])('refuses the feature %s', (text, expected) => {
    expect(failure(() => decode(bytesOf(`{"examples":[{"f":${text}}]}`)))).toBe(expected);
  });

  it.each([
    ['', 'JSON Parse error: The document is empty'],
    ['{"examples":', 'JSON Parse error: Invalid value. at offset: 12'],
    ['[1]', 'JSON Value: [1] Is not object'],
    [
      '{"signature_name":1}',
      `JSON Value: {\n    "signature_name": 1\n} not formatted correctly. 'signature_name' key must be a string value.`,
    ],
    [
      '{"signature_name":"regress_x_to_y"}',
      `JSON Value: {\n    "signature_name": "regress_x_to_y"\n} When method is classify, key 'examples' is expected and was not found`,
    ],
    [
      '{"instances":[1.0]}',
      `JSON Value: {\n    "instances": [1.0]\n} When method is classify, key 'examples' is expected and was not found`,
    ],
    [
      '{"examples":{"x":1.0}}',
      `JSON Value: {\n    "examples": {\n        "x": 1.0\n    }\n} Expecting 'examples' value to be an list/array`,
    ],
    ['{"examples":[]}', `JSON Value: {\n    "examples": []\n} 'examples' value is an empty array`],
    ['{"examples":[1.0]}', 'Example must be JSON object but got JSON Number'],
    ['{"examples":[{},null]}', 'Example must be JSON object but got JSON Null'],
    ['{"examples":[[]]}', 'Example must be JSON object but got JSON Array'],
    ['{"context":true,"examples":[]}', 'Example must be JSON object but got JSON True'],
    ['{"context":null}', 'Example must be JSON object but got JSON Null'],
    [
      '{"context":"a","signature_name":1}',
      `JSON Value: {\n    "context": "a",\n    "signature_name": 1\n} not formatted correctly. 'signature_name' key must be a string value.`,
    ],
    ['{"context":{"a":null}}', 'Feature: a has element with unexpected JSON type: Null'],
    ['{"examples":[{"a":null,"a":1}]}', 'Feature: a has element with unexpected JSON type: Null'],
    ['{"examples":[{"a\\u0000b":null}]}', 'Feature: a has element with unexpected JSON type: Null'],
  ])('refuses the body %s', (body, expected) => {
    expect(failure(() => decode(bytesOf(body)))).toBe(expected);
  });

  it('takes the examples with their own features, the context and the signature name', () => {
    const { signatureName, input } = decode(
      bytesOf('{"examples":[{"r":1},{},{"r":2,"q":"milk"}],"zzz":null,"context":{"q":"tea"},"signature_name":"s"}'),
    );
    expect(signatureName).toBe('s');
    expect(features(input.context!)).toEqual([['q', 'bytes 746561']]);
    expect(input.examples.map(features)).toEqual([
      [['r', 'int64 1']],
      [],
      [
        ['r', 'int64 2'],
        ['q', 'bytes 6d696c6b'],
      ],
    ]);
  });

  it.each(['{"examples":[{}]}', '{"signature_name":"","examples":[{}]}'])('has no signature name in %s', (body) => {
    const decoded = decode(bytesOf(body));
    expect(decoded.signatureName).toBeUndefined();
    expect(decoded.input).not.toHaveProperty('context');
  });

  it('takes of a feature that stands twice the last, and cuts names at a NUL', () => {
    const { input } = decode(bytesOf('{"examples":[{"a":1,"b":2.5,"a":"x","b\\u0000c":[]}],"examples":3}'));
    expect(features(input.examples[0]!)).toEqual([
      ['a', 'bytes 78'],
      ['b', 'unset'],
    ]);
  });

  it('takes any name for a feature', () => {
    const names = ['__proto__', 'constructor', 'toString', '', 'b64', 'examples'];
    const members = names.map((name, i) => `${JSON.stringify(name)}:${i}`).join();
    const { input } = decode(bytesOf(`{"context":{"b64":"AA=="},"examples":[{${members}}]}`));
    expect(features(input.examples[0]!)).toEqual(names.map((name, i) => [name, `int64 ${i}`]));
    expect(features(input.context!)).toEqual([['b64', `bytes ${Buffer.from('AA==').toString('hex')}`]]);
  });

  it('answers a body nested a million deep', () => {
    const depth = 1_000_000;
    const lists = '['.repeat(depth) + ']'.repeat(depth);
    const objects = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    expect(decode(bytesOf(`{"other":${objects},"examples":[{"a":1}]}`)).input.examples).toHaveLength(1);
    expect(failure(() => decode(bytesOf(`{"examples":[{"f":${lists}}]}`)))).toBe(
      'Feature: f has element with unexpected JSON type: Array',
    );
    expect(failure(() => decode(bytesOf(`{"examples":[${objects}]}`)))).toBe(
      'Feature: a has element with unexpected JSON type: Object',
    );
    expect(failure(() => decode(bytesOf(`{"examples":${objects}}`)))).toContain(
      "Expecting 'examples' value to be an list/array",
    );
  });
});

describe.each([
  ['decodeParsedClassificationRequest', decodeParsedClassificationRequest],
  ['decodeParsedRegressionRequest', decodeParsedRegressionRequest],
])('%s', (_, decode) => {
  it('decodes what JSON.parse made, whole floats as int64', () => {
    const { signatureName, input } = decode(
      JSON.parse('{"signature_name":"s","examples":[{"x":1.5,"y":1.0,"__proto__":"a"}]}'),
    );
    expect(signatureName).toBe('s');
    expect(features(input.examples[0]!)).toEqual([
      ['x', 'float 1.5'],
      ['y', 'int64 1'],
      ['__proto__', 'bytes 61'],
    ]);
  });

  it('refuses a value that is not JSON', () => {
    expect(failure(() => decode(undefined))).toBe('JSON Parse error: The document is empty');
    expect(failure(() => decode({ examples: [{ x: 1n }] }))).toBe('The parsed body is not a JSON value');
  });
});
