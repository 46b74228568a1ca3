import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ModelServer } from '@serving/core';
import { decodeNpy, encodeNpy } from '@serving/core/npy';
import { createTensor, type NamedTensors, type Tensor, tensorBytes, tensorFromBytes } from '@serving/core/tensor';
import {
  decodePredictResponseMessage,
  encodePredictRequestMessage,
  protobufPredictFormat,
} from '@serving/protos/messages';
import { savedModelPlatform } from '@serving/savedmodel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, fixturePath, referenceCases } from '../../../test-doubles/src/saved-model-fixtures.js';
import { createFetchHandler } from '../fetch/fetch-handler.js';
import { createNodeHandler } from '../node/node-handler.js';

const PROTOBUF = 'application/x-protobuf';
const cases = referenceCases().filter(({ model }) => model !== 'gpu_tag');
const models = [...new Set(cases.map(({ model }) => model))];
const isBatched = [false, true] as const;

interface Served {
  readonly server: ModelServer;
  readonly url: string;
  /** Over a socket. */
  readonly node: typeof fetch;
  /** The fetch handler. */
  readonly inProcess: (url: string, init: RequestInit) => Promise<Response>;
  readonly close: () => void;
}

const served = new Map<boolean, Served>();

async function serve(batched: boolean): Promise<Served> {
  const server = await ModelServer.start({
    models: models.map((name) => ({
      name,
      basePath: fixturePath(name),
      versionPolicy: { all: {} },
      ...(name === 'half_plus_two' && { versionLabels: { stable: 123 } }),
    })),
    platforms: { tensorflow: savedModelPlatform() },
    ...(batched && { batching: {} }),
  });
  const options = { formats: [protobufPredictFormat] };
  const listener = createServer(createNodeHandler(server, options)).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const handler = createFetchHandler(server, options);
  return {
    server,
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/v1/models`,
    node: fetch,
    inProcess: (url, init) => handler(new Request(url, init)),
    close: () => {
      listener.close();
      listener.closeAllConnections();
    },
  };
}

beforeAll(async () => {
  for (const batched of isBatched) served.set(batched, await serve(batched));
});

afterAll(async () => {
  for (const { server, close } of served.values()) {
    close();
    await server.close();
  }
});

type Body = Uint8Array<ArrayBuffer> | string;

async function post(path: string, body: Body, headers: Record<string, string>, batched = false) {
  const { url, node, inProcess } = served.get(batched)!;
  const init = { method: 'POST', body, headers };
  const response = await node(`${url}/${path}:predict`, init);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const again = await inProcess(`${url}/${path}:predict`, init);
  return { status: response.status, headers: response.headers, body: bytes, inProcess: again };
}

const named = (tensors: Record<string, Tensor>): NamedTensors => Object.assign(Object.create(null), tensors);
const floats = (...values: number[]): Tensor => createTensor('float', [values.length], Float32Array.from(values));
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);
const tensorsOf = (body: Uint8Array): NamedTensors =>
  named(
    Object.fromEntries(Object.entries(decodePredictResponseMessage(body).outputs).map(([k, v]) => [k, v.toTensor(k)])),
  );
const errorOf = (body: Uint8Array): unknown => (JSON.parse(Buffer.from(body).toString()) as { error: unknown }).error;

describe('application/x-protobuf', () => {
  const stateless = cases.filter(
    ({ stateful, usesDefaults, model }) => !stateful && !(usesDefaults && model === 'placeholder_default'),
  );

  it.each([...new Set(stateless.map(({ model }) => model))])("answers like TensorFlow's own %s", async (model) => {
    const wrong: string[] = [];
    for (const [i, { version, signature, inputs, outputs }] of stateless
      .filter((one) => one.model === model)
      .entries()) {
      for (const asTensorContent of [false, true]) {
        const modelSpec = { name: '', signatureName: signature };
        const body = own(encodePredictRequestMessage({ modelSpec, inputs }, { asTensorContent }));
        const answer = await post(`${model}/versions/${version}`, body, { 'content-type': PROTOBUF });
        const where = `case ${i}, ${signature}: `;
        if (answer.status !== 200) wrong.push(where + String(errorOf(answer.body)));
        else wrong.push(...differences(tensorsOf(answer.body), outputs).map((line) => where + line));
        if (!Buffer.from(await answer.inProcess.arrayBuffer()).equals(answer.body)) wrong.push(`${where}fetch handler`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('tells what answered', async () => {
    const body = own(
      encodePredictRequestMessage({ modelSpec: { name: '', signatureName: '' }, inputs: named({ x: floats(1) }) }),
    );
    const answer = await post('half_plus_two/labels/stable', body, { 'content-type': PROTOBUF });
    expect(answer.headers.get('content-type')).toBe(PROTOBUF);
    expect(decodePredictResponseMessage(answer.body).modelSpec).toEqual({
      name: 'half_plus_two',
      version: 123,
      signatureName: 'serving_default',
    });
  });

  it.each<[string, object]>([
    ['half_plus_two', { name: 'half_plus_two' }],
    ['half_plus_two', { version: 124n }],
    ['half_plus_two/versions/123', { version: 123n }],
    ['half_plus_two/labels/stable', { version: 123n }],
    ['half_plus_two/labels/stable', { versionLabel: 'stable' }],
  ])('takes for %s a model_spec that agrees: %o', async (path, spec) => {
    const modelSpec = { name: '', signatureName: '', ...spec };
    const body = own(encodePredictRequestMessage({ modelSpec, inputs: named({ x: floats(1) }) }));
    expect((await post(path, body, { 'content-type': PROTOBUF })).status).toBe(200);
  });

  it.each<[string, object, string]>([
    ['half_plus_two', { name: 'other' }, 'asks for model other, but the path means model half_plus_two'],
    ['half_plus_two', { version: 123n }, 'asks for version 123, but the path means version 124'],
    ['half_plus_two/versions/123', { version: 124n }, 'asks for version 124, but the path means version 123'],
    [
      'half_plus_two/labels/stable',
      { versionLabel: 'canary' },
      'asks for label canary, but the path means label stable',
    ],
    ['half_plus_two', { versionLabel: 'stable' }, 'asks for label stable, but the path means no label'],
  ])('refuses for %s a model_spec that does not: %o', async (path, spec, message) => {
    const modelSpec = { name: '', signatureName: '', ...spec };
    const body = own(encodePredictRequestMessage({ modelSpec, inputs: named({ x: floats(1) }) }));
    const answer = await post(path, body, { 'content-type': PROTOBUF });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/json']);
    expect(errorOf(answer.body)).toContain(`model_spec ${message}`);
  });

  it('gives the outputs of the filter only', async () => {
    const [request] = cases.filter(({ model }) => model === 'multi');
    const [alias] = Object.keys(request!.outputs);
    const modelSpec = { name: 'multi', signatureName: request!.signature };
    const body = own(encodePredictRequestMessage({ modelSpec, inputs: request!.inputs, outputFilter: [alias!] }));
    const answer = await post('multi', body, { 'content-type': PROTOBUF });
    expect(differences(tensorsOf(answer.body), named({ [alias!]: request!.outputs[alias!]! }))).toEqual([]);
    const npy = await post('multi', body, { 'content-type': PROTOBUF, accept: 'application/x-npy' });
    expect(decodeNpy(npy.body, 'y').shape).toEqual(request!.outputs[alias!]!.shape);
  });

  it.each<[string, Uint8Array, number, RegExp]>([
    ['no message', Uint8Array.of(10, 200), 400, /^The body is not a PredictRequest \(/],
    ['an empty message', new Uint8Array(0), 400, /input size does not match signature: 0!=1/],
    [
      'another data type',
      encodePredictRequestMessage({
        modelSpec: { name: '', signatureName: '' },
        inputs: named({ x: createTensor('int32', [1], Int32Array.of(1)) }),
      }),
      400,
      /^Model half_plus_two version 124, signature "serving_default": input x: expected float, got int32$/,
    ],
    [
      'another signature',
      encodePredictRequestMessage({ modelSpec: { name: '', signatureName: 'nope' }, inputs: named({ x: floats(1) }) }),
      400,
      /"nope" not found/,
    ],
    [
      'another output',
      encodePredictRequestMessage({
        modelSpec: { name: '', signatureName: '' },
        inputs: named({ x: floats(1) }),
        outputFilter: ['z'],
      }),
      400,
      /output tensor alias not found in signature: z/,
    ],
  ])('refuses %s in JSON', async (_, body, status, message) => {
    const answer = await post('half_plus_two', own(body), { 'content-type': PROTOBUF });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/json']);
    expect(errorOf(answer.body)).toMatch(message);
  });
});

describe.each(isBatched)('bodies of one tensor, batched: %s', (batched) => {
  const image = createTensor(
    'float',
    [1, 224, 224, 3],
    Float32Array.from({ length: 224 * 224 * 3 }, (_, i) => (i % 255) / 255),
  );

  it.each(['npy', 'raw'])('an image as %s gets what it gets in process', async (form) => {
    const { server } = served.get(batched)!;
    const [alias] = [...server.getModelMetadata({ model: 'image' }).signatureDef.get('serving_default')!.inputs.keys()];
    const { outputs } = await server.predict({ model: 'image', inputs: { [alias!]: image } });
    const expected = Object.values(outputs)[0]!;
    if (form === 'npy') {
      const answer = await post('image', own(encodeNpy(image)), { 'content-type': 'application/x-npy' }, batched);
      expect(decodeNpy(answer.body, 'y')).toEqual(expected);
    } else {
      const headers = { 'content-type': 'application/octet-stream', 'serving-shape': '1,224,224,3' };
      const answer = await post('image', own(tensorBytes(image)), headers, batched);
      expect(answer.headers.get('serving-dtype')).toBe('float');
      const shape = answer.headers.get('serving-shape')!.split(',').map(Number);
      expect(tensorFromBytes('float', shape, answer.body)).toEqual(expected);
    }
  });

  it('refuses an image of another size', async () => {
    const small = createTensor('float', [1, 2, 2, 3], new Float32Array(12));
    const answer = await post('image', own(encodeNpy(small)), { 'content-type': 'application/x-npy' }, batched);
    expect(answer.status).toBe(400);
    expect(errorOf(answer.body)).toBe(
      'Input "image" of model "image" has shape [1,2,2,3]; signature "serving_default" expects [?,224,224,3].',
    );
  });

  it('wants an output of several named', async () => {
    const images = own(encodeNpy(createTensor('float', [2, 8, 8, 1], new Float32Array(128))));
    const headers = { 'content-type': 'application/x-npy' };
    const refused = await post('digits', images, headers, batched);
    expect([refused.status, errorOf(refused.body)]).toEqual([
      400,
      'Model digits version 2, signature "serving_default": application/x-npy holds one tensor, but there are the outputs ' +
        'label, probabilities: name one in the header Serving-Output, or accept application/json',
    ]);
    const answer = await post('digits', images, { ...headers, 'serving-output': 'label' }, batched);
    expect(decodeNpy(answer.body, 'label')).toMatchObject({ dtype: 'int64', shape: [2] });
  });
});

describe.each(isBatched)('a request without rows, batched: %s', (batched) => {
  const json = { 'content-type': 'application/json' };

  it('in row format is the error of TensorFlow Serving', async () => {
    const answer = await post('half_plus_two', '{"instances": []}', json, batched);
    expect([answer.status, errorOf(answer.body)]).toEqual([
      400,
      'JSON Value: {\n    "instances": []\n} No values in \'instances\' array',
    ]);
  });

  it('in column format gets an empty answer', async () => {
    const answer = await post('half_plus_two', '{"inputs": []}', json, batched);
    expect([answer.status, JSON.parse(Buffer.from(answer.body).toString())]).toEqual([200, { outputs: [] }]);
  });

  it('gets no rows in every other form', async () => {
    const npy = await post('half_plus_two', own(encodeNpy(floats())), { 'content-type': 'application/x-npy' }, batched);
    expect(decodeNpy(npy.body, 'y')).toEqual(floats());
    const rawHeaders = { 'content-type': 'application/octet-stream', 'serving-shape': '0' };
    const raw = await post('half_plus_two', new Uint8Array(0), rawHeaders, batched);
    expect([raw.status, raw.headers.get('serving-shape'), raw.body.length]).toEqual([200, '0', 0]);
    const modelSpec = { name: '', signatureName: '' };
    const message = own(encodePredictRequestMessage({ modelSpec, inputs: named({ x: floats() }) }));
    const protobuf = await post('half_plus_two', message, { 'content-type': PROTOBUF }, batched);
    expect(tensorsOf(protobuf.body)).toEqual(named({ y: floats() }));
  });

  it('goes through beside requests with rows', async () => {
    const bodies = Array.from({ length: 20 }, (_, i) => (i % 2 ? '{"inputs": []}' : `{"inputs": [${i}]}`));
    const answers = await Promise.all(bodies.map((body) => post('half_plus_two', body, json, batched)));
    expect(
      answers.map(({ body }) => (JSON.parse(Buffer.from(body).toString()) as { outputs: unknown }).outputs),
    ).toEqual(bodies.map((_, i) => (i % 2 ? [] : [i / 2 + 3])));
  });
});

describe.each(isBatched)('bytes of booleans other than 0 and 1 (batched: %s)', (batched) => {
  // The largest that is a varint of one byte.
  const bytes = Uint8Array.of(0, 1, 2, 127);
  const booleans = createTensor('bool', [4], bytes);
  const asProtobuf = (asTensorContent: boolean): Body =>
    own(
      encodePredictRequestMessage(
        { modelSpec: { name: '', signatureName: 'bool' }, inputs: named({ x: booleans }) },
        { asTensorContent },
      ),
    );

  it.each<[string, Body, Record<string, string>]>([
    ['raw', own(bytes), { 'content-type': 'application/octet-stream', 'serving-shape': '4' }],
    ['.npy', own(encodeNpy(booleans)), { 'content-type': 'application/x-npy' }],
    ['protobuf with tensor_content', asProtobuf(true), { 'content-type': PROTOBUF }],
    ['protobuf with a list of values', asProtobuf(false), { 'content-type': PROTOBUF }],
  ])('are 1 to the model in %s', async (_, body, headers) => {
    const answer = await post(
      'dtypes',
      body,
      { ...headers, 'serving-signature': 'bool', accept: 'application/octet-stream' },
      batched,
    );
    expect([answer.status, [...answer.body]]).toEqual([200, [0, 1, 1, 1]]);
  });
});

describe.each(isBatched)('a shape that the signature does not declare (batched: %s)', (batched) => {
  const values = new Float32Array(3);
  const wrong = createTensor('float', [1, 3], values);
  const asProtobuf = encodePredictRequestMessage({
    modelSpec: { name: '', signatureName: '' },
    inputs: named({ image: wrong }),
  });

  it.each<[string, Body, Record<string, string>]>([
    ['JSON in rows', '{"instances": [[1, 2, 3]]}', {}],
    ['JSON in columns', '{"inputs": {"image": [[1, 2, 3]]}}', {}],
    ['protobuf', own(asProtobuf), { 'content-type': PROTOBUF }],
    ['.npy', own(encodeNpy(wrong)), { 'content-type': 'application/x-npy', 'serving-output': 'label' }],
    [
      'raw',
      own(tensorBytes(wrong)),
      { 'content-type': 'application/octet-stream', 'serving-shape': '1,3', 'serving-output': 'label' },
    ],
  ])('is refused in %s, in the same words', async (_, body, headers) => {
    const answer = await post('digits', body, headers, batched);
    expect(answer.status).toBe(400);
    expect(errorOf(answer.body)).toBe(
      'Input "image" of model "digits" has shape [1,3]; signature "serving_default" expects [?,8,8,1].',
    );
  });
});
