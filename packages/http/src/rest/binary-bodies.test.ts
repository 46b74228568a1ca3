import { gzipSync } from 'node:zlib';
import { ServingError } from '@serving/core';
import {
  type Clock,
  type InferenceServable,
  type PredictBodyFormat,
  type RunOptions,
  systemClock,
  type TensorSpec,
} from '@serving/core/extend';
import { decodeNpy, encodeNpy } from '@serving/core/npy';
import { createTensor, type DataType, type NamedTensors, StringArray, type Tensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { type FakeModelServerOptions, fakeModelServer } from './fake-model-server.test-support.js';
import type { HttpRestApiOptions } from './http-rest-api-options.js';
import { restHandler } from './rest-handler.test-support.js';

const PREDICT = '/v1/models/half:predict';
const NPY = 'application/x-npy';
const RAW = 'application/octet-stream';
const floats = (...values: number[]): Tensor => createTensor('float', [values.length], Float32Array.from(values));
const bytesOf = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);

const specs = (named: Record<string, readonly [DataType, readonly number[] | undefined]>) =>
  new Map<string, TensorSpec>(Object.entries(named).map(([name, [dtype, shape]]) => [name, { name, dtype, shape }]));

/** Signatures of every kind, each answering what its outputs are called for. */
const various: InferenceServable = {
  signatures: new Map(
    [
      { name: 'serving_default', inputs: specs({ x: ['float', [-1, 2]] }), outputs: specs({ y: ['float', [-1, 2]] }) },
      { name: 'any', inputs: specs({ x: ['float', undefined] }), outputs: specs({ x: ['float', undefined] }) },
      { name: 'brain', inputs: specs({ x: ['bfloat16', [-1]] }), outputs: specs({ x: ['bfloat16', [-1]] }) },
      { name: 'flags', inputs: specs({ x: ['bool', [-1]] }), outputs: specs({ x: ['bool', [-1]] }) },
      { name: 'text', inputs: specs({ x: ['string', [-1]] }), outputs: specs({ x: ['string', [-1]] }) },
      { name: 'opaque', inputs: specs({ x: ['variant', [-1]] }), outputs: specs({ x: ['float', [-1]] }) },
      {
        name: 'many',
        inputs: specs({ x: ['float', [-1]] }),
        outputs: specs({ x: ['float', [-1]], twice: ['float', [-1]] }),
      },
      {
        name: 'two',
        inputs: specs({ a: ['float', [-1]], b: ['float', [-1]] }),
        outputs: specs({ a: ['float', [-1]] }),
      },
      {
        name: 'defaulted',
        inputs: specs({ a: ['float', [-1]], b: ['float', [-1]] }),
        outputs: specs({ b: ['float', [-1]] }),
        defaults: new Map([['b', floats(7)]]),
      },
      { name: 'none', inputs: specs({}), outputs: specs({ x: ['float', []] }) },
    ].map((signature) => [signature.name, { methodName: '', defaults: new Map(), ...signature }] as const),
  ),
  async run(signature, inputs, options) {
    const outputs: NamedTensors = Object.create(null);
    for (const name of options?.outputs ?? signature.outputs.keys()) {
      const tensor = inputs[name] ?? inputs.x!;
      const { dtype, shape, data } = tensor;
      outputs[name] =
        name === 'twice'
          ? createTensor(
              'float',
              shape,
              (data as Float32Array).map((x) => 2 * x),
            )
          : ({ dtype, shape, data } as Tensor);
    }
    return outputs;
  },
};

interface Question {
  readonly body?: Uint8Array;
  readonly parsedBody?: unknown;
  readonly target?: string;
  readonly headers: Record<string, string>;
}

async function ask(
  { body, parsedBody, target = PREDICT, headers }: Question,
  fake: FakeModelServerOptions = { servable: various },
  options: HttpRestApiOptions = {},
) {
  const server = fakeModelServer(fake);
  const handler = restHandler(server, options);
  const lowerCase = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const response = await handler.handle({
    method: 'POST',
    target,
    body,
    ...(parsedBody !== undefined && { parsedBody }),
    header: (name) => lowerCase.get(name),
  });
  expect(server.held()).toBe(0);
  expect(response.headers['Content-Length']).toBe(String(response.body.length));
  return { ...response, text: Buffer.from(response.body).toString() };
}

const npy = (tensor: Tensor, headers: Record<string, string> = {}): Question => ({
  body: encodeNpy(tensor),
  headers: { 'Content-Type': NPY, ...headers },
});
const raw = (body: Uint8Array, shape: string, headers: Record<string, string> = {}): Question => ({
  body,
  headers: { 'Content-Type': RAW, 'Serving-Shape': shape, ...headers },
});

describe('a .npy body', () => {
  it.each([true, false])('is answered with one, cheap model or not', async (cheap) => {
    const answer = await ask(npy(floats(1, 2)), { cheap });
    expect([answer.status, answer.headers['Content-Type']]).toEqual([200, NPY]);
    expect(decodeNpy(answer.body, 'y')).toEqual(floats(2.5, 3));
  });

  it('may come with parameters behind its type, and deflated', async () => {
    const { body } = npy(floats(1, 2));
    const headers = { 'Content-Type': 'Application/X-NPY; v=1', 'Content-Encoding': 'gzip' };
    const answer = await ask({ body: gzipSync(body!), headers }, {});
    expect(decodeNpy(answer.body, 'y')).toEqual(floats(2.5, 3));
  });

  it.each<[string, Tensor]>([
    ['brain', createTensor('bfloat16', [2], Uint16Array.of(0x3f80, 0x4000))],
    ['flags', createTensor('bool', [2], Uint8Array.of(0, 1))],
    ['text', createTensor('string', [2], StringArray.from(['a', 'ä']))],
    ['any', createTensor('float', [], Float32Array.of(3))],
    ['any', createTensor('float', [2, 0, 3], new Float32Array(0))],
  ])('is for the signature %s that a header names', async (signature, tensor) => {
    const answer = await ask(npy(tensor, { 'Serving-Signature': signature }));
    expect([answer.status, answer.headers['Content-Type']]).toEqual([200, NPY]);
    const read = decodeNpy(answer.body, 'y', { bfloat16: true });
    expect([read.dtype, read.shape]).toEqual([tensor.dtype, tensor.shape]);
    expect(Buffer.compare(answer.body, encodeNpy(tensor))).toBe(0);
  });

  it('is for the input that has no default', async () => {
    const answer = await ask(npy(floats(1), { 'Serving-Signature': 'defaulted' }));
    expect(decodeNpy(answer.body, 'b')).toEqual(floats(7));
  });
});

describe('a raw body', () => {
  it.each(['2,2', ' 2, 2 ', '[2,2]', '(2, 2)', '(2,2,)'])('has the shape %s', async (shape) => {
    const answer = await ask(raw(bytesOf(1, 2, 3, 4), shape));
    expect(answer.text && [...new Float32Array(Uint8Array.from(answer.body).buffer)]).toEqual([1, 2, 3, 4]);
    expect(answer.headers).toMatchObject({ 'Content-Type': RAW, 'Serving-Shape': '2,2', 'Serving-Dtype': 'float' });
  });

  it.each(['', '[]', '()', ' '])('is a scalar of shape "%s"', async (shape) => {
    const answer = await ask(raw(bytesOf(5), shape, { 'Serving-Signature': 'any' }));
    expect([answer.status, answer.headers['Serving-Shape']]).toEqual([200, '']);
  });

  it('may hold nothing', async () => {
    const answer = await ask({ headers: { 'Content-Type': RAW, 'Serving-Shape': '0,2' } });
    expect([answer.status, answer.headers['Serving-Shape'], answer.body.length]).toEqual([200, '0,2', 0]);
  });

  it('may say of which data type it is', async () => {
    expect((await ask(raw(bytesOf(1, 2), '1,2', { 'Serving-Dtype': 'float' }))).status).toBe(200);
  });

  it('without a shape is JSON, as clients of TensorFlow Serving send it', async () => {
    const answer = await ask({ body: Buffer.from('{"inputs": [1]}'), headers: { 'Content-Type': RAW } }, {});
    expect(answer.text).toBe('{\n    "outputs": [\n        2.5\n    ]\n}');
  });
});

describe('a run for such a body', () => {
  it('has the time limit, the signal and the outputs of its request', async () => {
    const options: (RunOptions | undefined)[] = [];
    const servable: InferenceServable = {
      signatures: various.signatures,
      run: (signature, inputs, given) => {
        options.push(given);
        return various.run(signature, inputs, given);
      },
    };
    const clock: Clock = { ...systemClock, now: () => 1000 };
    const handler = restHandler(fakeModelServer({ servable }), { timeoutMs: 50, clock });
    const { signal } = new AbortController();
    const { body, headers } = npy(floats(1), { 'serving-signature': 'many', 'serving-output': 'twice' });
    const header = (name: string): string | undefined => (name === 'content-type' ? NPY : headers[name]);
    await handler.handle({ method: 'POST', target: PREDICT, body, header, signal });
    expect(options).toHaveLength(1);
    const { deadline, signal: given, outputs } = options[0]!;
    expect({ deadline, signal: given, outputs }).toEqual({ deadline: 1050, signal, outputs: ['twice'] });
  });

  it.each([
    ['DEADLINE_EXCEEDED', 504],
    ['CANCELLED', 499],
  ] as const)('that ends with %s is answered with %i', async (code, status) => {
    const duringRun = () => {
      throw new ServingError(code, 'over');
    };
    expect((await ask(npy(floats(1)), { duringRun })).status).toBe(status);
  });
});

describe('the form of the answer', () => {
  it.each([
    [npy(floats(1)), 'application/json', 'application/json'],
    [npy(floats(1)), RAW, RAW],
    [raw(bytesOf(1), '1'), NPY, NPY],
    [raw(bytesOf(1), '1'), '*/*', RAW],
    [npy(floats(1)), 'application/json;q=0.1, application/octet-stream', RAW],
    [npy(floats(1)), 'text/html', NPY],
  ])('is what the client accepts', async (question, accept, expected) => {
    const answer = await ask({ ...question, headers: { ...question.headers, Accept: accept } }, {});
    expect([answer.status, answer.headers['Content-Type']]).toEqual([200, expected]);
    if (expected === 'application/json') expect(JSON.parse(answer.text)).toEqual({ outputs: [2.5] });
    if (expected === NPY) expect(decodeNpy(answer.body, 'y')).toEqual(floats(2.5));
    if (expected === RAW) expect(answer.body).toEqual(new Uint8Array(bytesOf(2.5)));
  });

  it('is JSON for JSON, whatever the client accepts', async () => {
    const body = Buffer.from('{"inputs": [1]}');
    const answer = await ask({ body, headers: { 'Content-Type': 'application/json', Accept: NPY } }, {});
    expect(answer.headers['Content-Type']).toBe('application/json');
  });

  it('holds the output that a header names', async () => {
    const headers = { 'Serving-Signature': 'many', 'Serving-Output': 'twice' };
    expect(decodeNpy((await ask(npy(floats(3), headers))).body, 'twice')).toEqual(floats(6));
    const json = await ask(npy(floats(3), { ...headers, Accept: 'application/json' }));
    expect(JSON.parse(json.text)).toEqual({ outputs: [6] });
  });

  it('holds all outputs as JSON', async () => {
    const answer = await ask(npy(floats(3), { 'Serving-Signature': 'many', Accept: 'application/json' }));
    expect(JSON.parse(answer.text)).toEqual({ outputs: { x: [3], twice: [6] } });
  });

  it('tells pages of other origins which headers they may read', async () => {
    const answer = await ask(raw(bytesOf(1), '1'), {}, { enableCorsSupport: true });
    expect(answer.headers['Access-Control-Expose-Headers']).toBe('Serving-Shape, Serving-Dtype');
  });

  it.each<[HttpRestApiOptions, string, string | undefined]>([
    [
      { enableCorsSupport: true },
      'content-type,Serving-Shape',
      'Content-Type, Serving-Shape, Serving-Dtype, Serving-Signature, Serving-Output',
    ],
    [{ enableCorsSupport: true }, 'content-type', 'Content-Type'],
    [{ enableCorsSupport: true, binaryFormats: false }, 'serving-shape', 'Content-Type'],
    [{}, 'serving-shape', undefined],
  ])('lets them send what they ask for, with %o and %s', async (options, asked, expected) => {
    const headers: Record<string, string> = { origin: 'http://page', 'access-control-request-headers': asked };
    const preflight = { method: 'OPTIONS', target: PREDICT, body: undefined, header: (name: string) => headers[name] };
    const answer = await restHandler(fakeModelServer(), options).handle(preflight);
    expect([answer.status, answer.headers['Access-Control-Allow-Headers']]).toEqual([200, expected]);
  });
});

const named = (signature: string): string => `Model half version 4, signature "${signature}": `;
const signed = (signature: string) => ({ 'Serving-Signature': signature });

describe('a refused body', () => {
  it.each<[string, Question, number, string]>([
    [
      'no .npy',
      { body: Buffer.from('{}'), headers: { 'Content-Type': NPY } },
      400,
      `${named('serving_default')}input x: not a .npy file`,
    ],
    ['nothing', { headers: { 'Content-Type': NPY } }, 400, `${named('serving_default')}input x: not a .npy file`],
    [
      'another data type',
      npy(createTensor('double', [1, 2], new Float64Array(2))),
      400,
      `${named('serving_default')}input x: expected float, got double`,
    ],
    [
      'too few bytes',
      raw(bytesOf(1, 2), '2,2'),
      400,
      `${named('serving_default')}input x: a float tensor of shape [2,2] has 16 bytes, got 8`,
    ],
    [
      'no shape',
      raw(bytesOf(1, 2), '1,x'),
      400,
      `${named('serving_default')}header Serving-Shape: expected sizes of dimensions such as 1,224,224,3, got 1,x`,
    ],
    [
      'a negative shape',
      raw(bytesOf(1, 2), '-1,2'),
      400,
      `${named('serving_default')}header Serving-Shape: expected sizes of dimensions such as 1,224,224,3, got -1,2`,
    ],
    [
      'a claim of another type',
      raw(bytesOf(1, 2), '1,2', { 'Serving-Dtype': 'int32' }),
      400,
      `${named('serving_default')}input x: expected float, got Serving-Dtype: int32`,
    ],
    [
      'raw strings',
      raw(bytesOf(1), '1', signed('text')),
      400,
      `${named('text')}input x: values of type string have no raw form; use JSON, protobuf or application/x-npy`,
    ],
    [
      'an opaque input',
      raw(bytesOf(1), '1', signed('opaque')),
      400,
      `${named('opaque')}input x: values of type variant have no raw form; use JSON, protobuf or application/x-npy`,
    ],
    [
      'two inputs',
      npy(floats(1), signed('two')),
      400,
      `${named('two')}application/x-npy holds one tensor, but the signature's inputs are a, b: send JSON or protobuf`,
    ],
    [
      'no inputs',
      npy(floats(1), signed('none')),
      400,
      `${named('none')}application/x-npy holds one tensor, but the signature's inputs are none: send JSON or protobuf`,
    ],
    ['no such signature', npy(floats(1), signed('s')), 400, 'Serving signature name: "s" not found in signature def'],
    [
      'several outputs',
      npy(floats(1), signed('many')),
      400,
      `${named('many')}application/x-npy holds one tensor, but there are the outputs x, twice: name one in the header Serving-Output, or accept application/json`,
    ],
    [
      'no such output',
      npy(floats(1), { ...signed('many'), 'Serving-Output': 'z' }),
      400,
      `${named('many')}output tensor alias not found in signature: z Outputs expected to be in the set {twice,x}.`,
    ],
    [
      'strings to be answered raw',
      npy(createTensor('string', [1], StringArray.from(['a'])), { ...signed('text'), Accept: RAW }),
      400,
      `${named('text')}output x: strings have no raw form; use JSON, protobuf or application/x-npy`,
    ],
    [
      'what a parser has parsed',
      { parsedBody: { inputs: 1 }, headers: { 'Content-Type': NPY } },
      400,
      'application/x-npy has to come as bytes; a parser in front has made something else of this body',
    ],
    [
      'broken gzip',
      npy(floats(1), { 'Content-Encoding': 'gzip' }),
      400,
      'The gzip body is broken, or too large when it is inflated',
    ],
    [
      'an unknown model',
      { ...npy(floats(1)), target: '/v1/models/nope:predict' },
      404,
      'Servable not found for request: Latest(nope)',
    ],
    [
      'an impossible version',
      { ...npy(floats(1)), target: '/v1/models/half/versions/9223372036854775807:predict' },
      404,
      'Servable not found for request: Specific(half, 9223372036854775807)',
    ],
  ])('of %s', async (_, question, status, message) => {
    const answer = await ask(question);
    expect([answer.status, answer.headers['Content-Type']]).toEqual([status, 'application/json']);
    expect(JSON.parse(answer.text)).toMatchObject({ error: message });
  });

  it('by the model itself', async () => {
    const duringRun = () => {
      throw new ServingError('RESOURCE_EXHAUSTED', 'full');
    };
    expect((await ask(npy(floats(1)), { duringRun })).status).toBe(429);
  });
});

describe('the formats option', () => {
  /** A format of an application's own. */
  const hex: PredictBodyFormat = {
    contentType: 'text/x-hex',
    decode(body, { resolve }) {
      const { signature } = resolve(undefined);
      return { signature, inputs: { x: floats(Number.parseInt(Buffer.from(body).toString(), 16)) } };
    },
    encode: ({ outputs }) => ({ body: Buffer.from(`0x${Number((outputs.y!.data as Float32Array)[0]).toString(16)}`) }),
  };

  it('adds forms', async () => {
    const answer = await ask(
      { body: Buffer.from('1e'), headers: { 'Content-Type': 'text/x-hex' } },
      {},
      { formats: [hex] },
    );
    expect([answer.text, answer.headers['Content-Type']]).toEqual(['0x11', 'text/x-hex']);
    const asked = { ...raw(bytesOf(0), '1'), headers: { ...raw(bytesOf(0), '1').headers, Accept: 'text/x-hex' } };
    expect((await ask(asked, {}, { formats: [hex] })).text).toBe('0x2');
  });

  it('replaces forms of the same content type', async () => {
    const formats = [{ ...hex, contentType: NPY }];
    expect((await ask({ body: Buffer.from('2'), headers: { 'Content-Type': NPY } }, {}, { formats })).text).toBe('0x3');
  });

  it('is of no effect without extensions', async () => {
    const json = { body: Buffer.from('{"inputs": 1}'), headers: { 'Content-Type': NPY } };
    expect((await ask(json, {}, { binaryFormats: false, formats: [hex] })).text).toBe('{\n    "outputs": 2.5\n}');
  });
});
