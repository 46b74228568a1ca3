import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import { platformFromLoader, simpleLoader } from '@serving/core/extend';
import { createTensor, type NamedTensors, StringArray } from '@serving/core/tensor';
import { encodePredictionLog, encodePredictRequestMessage } from '@serving/protos/messages';
import { encodeTfRecords } from '@serving/protos/saved-model';
import { fakeServable } from '@serving/testing';
import { expect, it, onTestFinished } from 'vitest';
import { versionExamples } from './version-examples.js';

const record = (inputs: NamedTensors): Uint8Array =>
  encodePredictionLog({
    type: 'predict',
    request: encodePredictRequestMessage({ modelSpec: { name: 'm', signatureName: '' }, inputs }),
  });

/** A server of version 7 whose folder, named `007`, has these bytes as its warm-up file. */
async function serverWith(warmup: Uint8Array): Promise<ModelServer> {
  const basePath = await mkdtemp(join(tmpdir(), 'serving-examples-'));
  await mkdir(join(basePath, '007/assets.extra'), { recursive: true });
  await writeFile(join(basePath, '007/assets.extra/tf_serving_warmup_requests'), warmup);
  const servable = fakeServable({
    inputs: { x: 'float', s: 'string' },
    outputs: { y: 'float' },
    run: ({ x }) => ({ y: x }),
  });
  const server = await ModelServer.start({
    models: [{ name: 'm', basePath, platform: 'fake' }],
    platforms: { fake: platformFromLoader(() => simpleLoader({ load: () => servable })) },
  });
  onTestFinished(async () => {
    await server.close();
    await rm(basePath, { recursive: true });
  });
  return server;
}

const x = createTensor('float', [2], new Float32Array([1, 2.5]));
const s = createTensor('string', [1], StringArray.from(['é']));

it('are the predict requests of the warm-up file, as columns of JSON', async () => {
  const server = await serverWith(encodeTfRecords([record({ x, s }), record({ x, s })]));
  expect(await versionExamples(server, { model: 'm' })).toEqual({
    model: 'm',
    version: '7',
    examples: [1, 2].map((number) => ({
      title: `warm-up request ${number}`,
      signature: 'serving_default',
      inputs: { x: [1, 2.5], s: ['é'] },
    })),
  });
});

it('leaves out what JSON can not carry, requests that do not fit, and what follows damage', async () => {
  const nan = createTensor('float', [1], new Float32Array([Number.NaN]));
  const good = encodeTfRecords([record({ x: nan, s }), record({ x }), record({ x, s })]);
  const server = await serverWith(Buffer.concat([good, Buffer.from('damaged')]));
  const { examples } = await versionExamples(server, { model: 'm' });
  expect(examples.map(({ title }) => title)).toEqual(['warm-up request 3']);
});
