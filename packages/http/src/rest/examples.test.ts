import { gzipSync } from 'node:zlib';
import { ServingError } from '@serving/core';
import {
  type InferenceServable,
  PREDICT_METHOD_NAME,
  type Signature,
  systemClock,
  type TensorSpec,
} from '@serving/core/extend';
import { createTensor, type NamedTensors, StringArray } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../http-message.js';
import { fakeModelServer, halfPlusTwo } from './fake-model-server.test-support.js';
import { restHandler } from './rest-handler.test-support.js';

function signature(name: string, outputs: Readonly<Record<string, TensorSpec['dtype']>>): Signature {
  const specs = Object.entries(outputs).map(([alias, dtype]): [string, TensorSpec] => [
    alias,
    { name: alias, dtype, shape: undefined },
  ]);
  return {
    name,
    methodName: PREDICT_METHOD_NAME,
    inputs: new Map([['inputs', { name: 'inputs', dtype: 'float', shape: [-1] }]]),
    outputs: new Map(specs),
    defaults: new Map(),
  };
}

/** Takes the float feature `x` of each example; `serving_default` says how sure it is that x is large, `double` doubles it. */
const servable: InferenceServable = {
  signatures: new Map([
    ['serving_default', signature('serving_default', { classes: 'string', scores: 'float' })],
    ['double', signature('double', { outputs: 'float' })],
  ]),
  examples: {
    encode({ examples, context }) {
      const x = examples.map((example) => Number((example.get('x') ?? context?.get('x'))?.values[0]));
      return createTensor('float', [x.length], Float32Array.from(x));
    },
  },
  async run({ name }, { inputs }) {
    const x = Array.from(inputs!.data as Float32Array);
    const outputs: NamedTensors = Object.create(null);
    if (name === 'double') {
      outputs.outputs = createTensor(
        'float',
        [x.length, 1],
        Float32Array.from(x, (value) => 2 * value),
      );
    } else {
      const labels = StringArray.from(x.flatMap(() => ['large', 'small']));
      outputs.classes = createTensor('string', [x.length, 2], labels);
      const scores = x.flatMap((value) => [value, 1 - value]);
      outputs.scores = createTensor('float', [x.length, 2], Float32Array.from(scores));
    }
    return outputs;
  },
};

const request = (verb: string, body: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  target: `/v1/models/half:${verb}`,
  header: () => undefined,
  body: Buffer.from(body),
  ...more,
});

async function ask(asked: HttpRequest, server = fakeModelServer({ servable })) {
  const { status, body } = await restHandler(server).handle(asked);
  expect(server.held()).toBe(0);
  return { status, answer: JSON.parse(Buffer.from(body).toString()) as { results?: unknown; error?: string } };
}

const classes = {
  results: [
    [
      ['large', 0.25],
      ['small', 0.75],
    ],
    [
      ['large', 0.5],
      ['small', 0.5],
    ],
  ],
};

describe('HttpRestApiHandler with examples', () => {
  it('classifies each example, with the context for what it lacks', async () => {
    const body = '{"context": {"x": 0.25}, "examples": [{}, {"x": 0.5}]}';
    expect(await ask(request('classify', body))).toEqual({ status: 200, answer: classes });
    expect(await ask(request('classify', '', { parsedBody: JSON.parse(body) }))).toEqual({
      status: 200,
      answer: classes,
    });
  });

  it('regresses by the signature that is named, from a compressed body too', async () => {
    const body = '{"signature_name": "double", "examples": [{"x": 0.5}, {"x": 2.0}]}';
    const answer = { results: [1, 4] };
    expect(await ask(request('regress', body))).toEqual({ status: 200, answer });
    const compressed = request('regress', '', { body: gzipSync(body), header: () => 'gzip' });
    expect(await ask(compressed)).toEqual({ status: 200, answer });
    expect(await ask(request('regress', '', { parsedBody: JSON.parse(body) }))).toEqual({ status: 200, answer });
  });

  it.each([
    ['classify', '{"signature_name": "nope", "examples": []}', 400, /examples/],
    ['regress', '{', 400, /^JSON Parse error/],
    ['classify', '{"signature_name": "nope", "examples": [{}]}', 400, /^No signature was found with the name: nope$/],
    ['regress', '{"examples": [{}]}', 400, /./],
  ])('refuses %s %s', async (verb, body, status, text) => {
    const answered = await ask(request(verb, body));
    expect(answered).toMatchObject({ status, answer: { error: expect.stringMatching(text) } });
  });

  it('looks the model up when the body is right', async () => {
    const target = '/v1/models/nope:classify';
    expect((await ask(request('classify', '{"examples": 1}', { target }))).status).toBe(400);
    expect((await ask(request('classify', '{"examples": [{}]}', { target }))).status).toBe(404);
  });

  it('answers 504 when the run takes too long', async () => {
    let now = 0;
    const slow: InferenceServable = {
      ...servable,
      async run() {
        await Promise.resolve();
        now = 31_000;
        throw new ServingError('DEADLINE_EXCEEDED', 'late');
      },
    };
    const clock = { ...systemClock, now: () => now };
    const { status, body } = await restHandler(fakeModelServer({ servable: slow }), { clock }).handle(
      request('classify', '{"examples": [{"x": 1.0}]}'),
    );
    expect([status, JSON.parse(Buffer.from(body).toString())]).toEqual([
      504,
      { error: 'Timed out waiting for notification' },
    ]);
  });

  it('answers 501 for a servable that takes tensors only', async () => {
    const tensorsOnly: InferenceServable = { ...halfPlusTwo(), signatures: servable.signatures };
    const { status } = await ask(request('classify', '{"examples": [{}]}'), fakeModelServer({ servable: tensorsOnly }));
    expect(status).toBe(501);
  });
});
