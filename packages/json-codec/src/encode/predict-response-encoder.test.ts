import { ServingError } from '@serving/core';
import { createTensor, type NamedTensors, StringArray, type Tensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonPredictRequestFormat } from '../decode/decoded-predict-request.js';
import { decodePredictRequest } from '../decode/predict-request-decoder.js';
import { signatureOf } from '../signature.test-support.js';
import { expectSame, tensorsOf } from '../tensors.test-support.js';
import { encodeError, encodePredictResponse } from './predict-response-encoder.js';

const floats = (shape: number[], ...values: number[]): Tensor =>
  createTensor('float', shape, Float32Array.from(values));
const strings = (shape: number[], ...values: (string | Uint8Array)[]): Tensor =>
  createTensor('string', shape, StringArray.from(values));

function encoded(format: JsonPredictRequestFormat, outputs: NamedTensors, compact = false): string {
  return Buffer.from(encodePredictResponse(format, outputs, { compact })).toString();
}

describe('encodePredictResponse', () => {
  const sum = floats([2, 2], 1, 2.5, -3, 4);
  const twice = createTensor('int64', [2], BigInt64Array.of(2n, -(2n ** 63n)));
  const bytes = strings([2], Uint8Array.of(0xff, 0, 1), 'hi');

  it.each<[string, JsonPredictRequestFormat, NamedTensors, string, string]>([
    [
      'a row each',
      'row',
      { y: floats([2], 2.5, 3) },
      '{\n    "predictions": [2.5, 3.0\n    ]\n}',
      '{"predictions":[2.5,3.0]}',
    ],
    [
      'rows of lists',
      'row',
      { y: sum },
      '{\n    "predictions": [[1.0, 2.5], [-3.0, 4.0]\n    ]\n}',
      '{"predictions":[[1.0,2.5],[-3.0,4.0]]}',
    ],
    ['no rows', 'row', { y: floats([0, 3]) }, '{\n    "predictions": []\n}', '{"predictions":[]}'],
    [
      'no rows of several outputs',
      'row',
      { y: floats([0, 3]), z: floats([0]) },
      '{\n    "predictions": []\n}',
      '{"predictions":[]}',
    ],
    [
      'empty rows',
      'row',
      { y: floats([2, 0, 3]) },
      '{\n    "predictions": [[], []\n    ]\n}',
      '{"predictions":[[],[]]}',
    ],
    [
      'several outputs by row',
      'row',
      { sum, twice },
      '{\n    "predictions": [\n        {\n            "sum": [1.0, 2.5],\n            "twice": 2\n        },\n        {\n            "sum": [-3.0, 4.0],\n            "twice": -9223372036854775808\n        }\n    ]\n}',
      '{"predictions":[{"sum":[1.0,2.5],"twice":2},{"sum":[-3.0,4.0],"twice":-9223372036854775808}]}',
    ],
    [
      'bytes',
      'row',
      { y_bytes: bytes },
      '{\n    "predictions": [{\n            "b64": "/wAB"\n        }, {\n            "b64": "aGk="\n        }\n    ]\n}',
      '{"predictions":[{"b64":"/wAB"},{"b64":"aGk="}]}',
    ],
    [
      'bytes a level deeper',
      'row',
      { y_bytes: strings([1, 1], 'hi') },
      '{\n    "predictions": [[{\n                "b64": "aGk="\n            }]\n    ]\n}',
      '{"predictions":[[{"b64":"aGk="}]]}',
    ],
    [
      'bytes among several outputs',
      'row',
      { len: floats([1], 2), out_bytes: strings([1], 'hi') },
      '{\n    "predictions": [\n        {\n            "len": 2.0,\n            "out_bytes": {\n                "b64": "aGk="\n            }\n        }\n    ]\n}',
      '{"predictions":[{"len":2.0,"out_bytes":{"b64":"aGk="}}]}',
    ],
    ['a scalar', 'columnar', { y: floats([], 2.5) }, '{\n    "outputs": 2.5\n}', '{"outputs":2.5}'],
    [
      'a matrix',
      'columnar',
      { y: sum },
      '{\n    "outputs": [\n        [\n            1.0,\n            2.5\n        ],\n        [\n            -3.0,\n            4.0\n        ]\n    ]\n}',
      '{"outputs":[[1.0,2.5],[-3.0,4.0]]}',
    ],
    [
      'empty lists',
      'columnar',
      { y: floats([2, 0]) },
      '{\n    "outputs": [\n        [],\n        []\n    ]\n}',
      '{"outputs":[[],[]]}',
    ],
    ['an empty list', 'columnar', { y: floats([0, 2]) }, '{\n    "outputs": []\n}', '{"outputs":[]}'],
    [
      'several outputs by column',
      'columnar',
      { len: createTensor('int32', [2], Int32Array.of(3, -4)), out_bytes: strings([1], 'hi') },
      '{\n    "outputs": {\n        "len": [\n            3,\n            -4\n        ],\n        "out_bytes": [\n            {\n                "b64": "aGk="\n            }\n        ]\n    }\n}',
      '{"outputs":{"len":[3,-4],"out_bytes":[{"b64":"aGk="}]}}',
    ],
    [
      'strings and names with escapes',
      'columnar',
      {
        'a"b': strings([], '"\\\b\f\n\r\t\u0001\u001f/\u2028\x7fé'),
        __proto__x: createTensor('bool', [], Uint8Array.of(1)),
      },
      '{\n    "outputs": {\n        "a\\"b": "\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001F/\u2028\x7fé",\n        "__proto__x": true\n    }\n}',
      '{"outputs":{"a\\"b":"\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001F/\u2028\x7fé","__proto__x":true}}',
    ],
  ])('lays out %s', (_, format, outputs, text, compactText) => {
    expect(encoded(format, outputs)).toBe(text);
    expect(encoded(format, outputs, true)).toBe(compactText);
  });

  it('writes raw bytes of strings that are no UTF-8', () => {
    const body = encodePredictResponse('columnar', { y: strings([], Uint8Array.of(0xff, 0xc3)) }, { compact: true });
    expect([...body.subarray(11, 15)]).toEqual([0x22, 0xff, 0xc3, 0x22]);
  });

  it.each<[JsonPredictRequestFormat, NamedTensors, string]>([
    ['row', {}, 'Cannot convert empty tensor map to JSON'],
    ['columnar', {}, 'Cannot convert empty tensor map to JSON'],
    ['row', { y: floats([], 1) }, 'Tensor name: y has no shape information '],
    ['row', { y: floats([2], 1, 2), z: floats([1], 1) }, 'Tensor name: z has inconsistent batch size: 1 expecting: 2'],
    [
      'row',
      { y: createTensor('complex64', [1], Float32Array.of(1, 2)) },
      'Failed to write JSON value for tensor type: complex64',
    ],
    [
      'columnar',
      { y: createTensor('half', [1], Uint16Array.of(1)) },
      'Failed to write JSON value for tensor type: half',
    ],
  ])('refuses for %s %j: %s', (format, outputs, message) => {
    expect(() => encodePredictResponse(format, outputs)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
    );
  });

  it('writes a tensor without values whatever its data type', () => {
    expect(encoded('columnar', { y: createTensor('half', [0], new Uint16Array(0)) }, true)).toBe('{"outputs":[]}');
  });
});

describe('encodeError', () => {
  it('writes the message alone, escaped', () => {
    expect(Buffer.from(encodeError('a "b"\n\té')).toString()).toBe('{\n    "error": "a \\"b\\"\\n\\té"\n}');
  });

  it('writes a hint behind it', () => {
    expect(Buffer.from(encodeError('no x', 'send "x"')).toString()).toBe(
      '{\n    "error": "no x",\n    "hint": "send \\"x\\""\n}',
    );
  });

  it.each([
    ['an escaped low surrogate', Buffer.from('{"inputs":"\\udc00"}'), 'edb080'],
    ['bytes that are no UTF-8', Buffer.from('{"inputs":"\xff\xe9"}', 'latin1'), 'ffe9'],
    ['text that is', Buffer.from('{"inputs":"é😀"}'), 'c3a9f09f9880'],
  ])('gives back %s of the request that an error shows', (_, body, hex) => {
    let message = '';
    try {
      decodePredictRequest(body, () => signatureOf({ x: 'float' }));
    } catch (error) {
      message = ServingError.from(error).message;
    }
    const text = Buffer.from(encodeError(message)).toString('latin1');
    const shown = Buffer.from(hex, 'hex').toString('latin1');
    const error = `JSON Value: \\"${shown}\\" Type: String is not of expected type: float`;
    expect(text).toBe(`{\n    "error": "${error}"\n}`);
  });
});

/** A response as the request that asks for the same tensors. */
function asRequest(response: Uint8Array): Uint8Array {
  const text = Buffer.from(response).toString('latin1');
  return Buffer.from(text.replace('"predictions"', '"instances"').replace('"outputs"', '"inputs"'), 'latin1');
}

describe('encode and decode', () => {
  it.each<JsonPredictRequestFormat>(['row', 'columnar'])('gives the same tensors back in %s format', (format) => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 3 })
          .chain((batch) => fc.array(tensorsOf(format === 'row' ? batch : undefined), { minLength: 1, maxLength: 3 })),
        fc.boolean(),
        fc.boolean(),
        (list, compact, asBytes) => {
          const outputs: NamedTensors = Object.create(null);
          for (const [i, tensor] of list.entries()) outputs[`${'ab"'[i]}${asBytes ? '_bytes' : ''}`] = tensor;
          const signature = signatureOf(
            Object.fromEntries(Object.entries(outputs).map(([name, { dtype }]) => [name, dtype])),
          );
          const body = asRequest(encodePredictResponse(format, outputs, { compact }));
          const decoded = decodePredictRequest(body, () => signature);
          expect(decoded.format).toBe(format);
          for (const [name, tensor] of Object.entries(outputs)) expectSame(tensor, decoded.inputs[name]!);
        },
      ),
      { numRuns: 500 },
    );
  });
});
