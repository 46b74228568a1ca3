import { describe, expect, it } from 'vitest';
import type { SignatureInfo } from '../../../src/api/console-api.js';
import { dataTypeOf } from '../tensors/data-type.js';
import { errorOf, outputsOf } from './answer.js';
import { valueOfText } from './field-value.js';
import { type CallForm, callOf, exampleInputs } from './predict-call.js';

const signature = (name: string, ...types: string[]): SignatureInfo => ({
  name,
  methodName: 'tensorflow/serving/predict',
  inputs: types.map((dtype, i) => ({ name: 'xyz'.charAt(i), dtype, shape: [{ size: -1 }] })),
  outputs: [{ name: 'y', dtype: 'DT_FLOAT', shape: [{ size: -1 }] }],
});
const apis = { v1: '../v1', v2: '../v2' };

function call(form: CallForm, name: string, inputs: Readonly<Record<string, [type: string, text: string]>>) {
  const types = Object.values(inputs).map(([type]) => `DT_${type.toUpperCase()}`);
  const target = { model: 'a b', version: '3', signature: signature(name, ...types) };
  const values = Object.entries(inputs).map(
    ([input, [type, text]]) => [input, valueOfText(text, dataTypeOf(type), [-1])] as const,
  );
  return callOf(form, target, new Map(values), apis);
}

describe('callOf', () => {
  it.each<[CallForm, string, Parameters<typeof call>[2], string]>([
    ['rows', 'serving_default', { x: ['float', '[1.0, 2]'] }, '{"instances": [1.0, 2]}'],
    [
      'rows',
      's',
      { x: ['float', '[1]'], y: ['string', '["a"]'] },
      '{"signature_name": "s", "instances": [{"x": 1, "y": "a"}]}',
    ],
    [
      'columns',
      'serving_default',
      { x: ['float', '1'], y: ['int64', '[9007199254740993]'] },
      '{"inputs": {"x": 1, "y": [9007199254740993]}}',
    ],
    [
      'v2',
      's',
      { x: ['float', '[[1], [2]]'] },
      '{"parameters": {"signature_name": "s"}, "inputs": [{"name": "x", "shape": [2, 1], "datatype": "FP32", "data": [1,2]}]}',
    ],
  ])('writes %s of signature %s', (form, name, inputs, body) => {
    expect(call(form, name, inputs).body).toBe(body);
  });

  it.each([
    ['[{"x": [1.0]}, {"x": 2}]', '{"signature_name": "s", "examples": [{"x": [1.0]}, {"x": 2}]}'],
    ['{"x": [1.0]}', '{"signature_name": "s", "examples": [{"x": [1.0]}]}'],
  ])('writes the examples %s of a classify', (text, body) => {
    const classify = { ...signature('s', 'DT_STRING'), methodName: 'tensorflow/serving/classify' };
    const [input] = exampleInputs(classify).inputs;
    const values = new Map([['examples', valueOfText(text, dataTypeOf(input!.dtype), undefined)]]);
    const sent = callOf('examples', { model: 'm', signature: classify }, values, apis);
    expect([sent.address, sent.body]).toEqual(['../v1/models/m:classify', body]);
  });

  it('leads to the version, below the addresses of the APIs', () => {
    expect(call('rows', 's', { x: ['float', '1'] }).address).toBe('../v1/models/a%20b/versions/3:predict');
    expect(call('v2', 's', { x: ['float', '1'] }).address).toBe('../v2/models/a%20b/versions/3/infer');
  });

  it('has bytes behind the JSON, or bytes alone', () => {
    const { headers, body } = call('v2binary', 'serving_default', { x: ['int8', '[1, 2]'] });
    const length = Number(headers['Inference-Header-Content-Length']);
    expect(JSON.parse(new TextDecoder().decode((body as Uint8Array).subarray(0, length))).inputs[0].parameters).toEqual(
      { binary_data_size: 2 },
    );
    expect(Array.from((body as Uint8Array).subarray(length))).toEqual([1, 2]);
    const raw = call('raw', 'serving_default', { x: ['int8', '[1, 2]'] });
    expect([raw.headers['Serving-Shape'], raw.headers['Serving-Dtype'], ...(raw.body as Uint8Array)]).toEqual([
      '2',
      'int8',
      1,
      2,
    ]);
  });

  it('refuses what a form can not carry', () => {
    expect(() => call('raw', 's', { x: ['float', '1'], y: ['float', '1'] })).toThrow(
      'A binary request holds one tensor; signature "s" gets 2 inputs.',
    );
    expect(() => call('v2', 's', { x: ['string', '[{"b64": "/w=="}]'] })).toThrow(
      'Input "x" has bytes that are not text',
    );
  });
});

describe('outputsOf', () => {
  const plain = new Headers({ 'content-type': 'application/json' });
  const answer = (text: string, headers: Headers = plain) =>
    outputsOf({ headers, body: new TextEncoder().encode(text) }, signature('s', 'DT_FLOAT'));

  it.each([
    ['{"predictions": [1.5, NaN]}', [['y', [2], [1.5, Number.NaN]]]],
    [
      '{"predictions": [{"y": [1], "z": "a"}]}',
      [
        ['y', [1, 1], [1]],
        ['z', [1], ['a']],
      ],
    ],
    [
      '{"outputs": {"y": 2, "z": [true]}}',
      [
        ['y', [], [2]],
        ['z', [1], [true]],
      ],
    ],
    ['{"results": [1.5, 2]}', [['value', [2], [1.5, 2]]]],
    [
      '{"results": [[["a", 0.25], ["b", 0.75]]]}',
      [
        ['classes', [1, 2], ['a', 'b']],
        ['scores', [1, 2], [0.25, 0.75]],
      ],
    ],
    ['{"outputs": [{"name": "y", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}]}', [['y', [1, 2], [1, 2]]]],
  ])('reads %s', (text, expected) => {
    const outputs = Array.from(answer(text), ([name, { shape, values }]) => [name, shape, Array.from(values)]);
    expect(outputs).toEqual(expected);
  });

  it('reads binary outputs behind the JSON', () => {
    const head =
      '{"outputs": [{"name": "y", "shape": [2], "datatype": "INT8", "parameters": {"binary_data_size": 2}}]}';
    const headers = new Headers({ 'inference-header-content-length': String(head.length) });
    expect(Array.from(answer(`${head}\u0003\u0004`, headers).get('y')?.values ?? [])).toEqual([3, 4]);
  });

  it('finds the message of an error in any body', () => {
    const message = (text: string): string => errorOf(new TextEncoder().encode(text));
    expect(message('{"error": "Servable not found"}')).toBe('Servable not found');
    expect(message('<html>Bad gateway</html>')).toBe('<html>Bad gateway</html>');
  });
});
