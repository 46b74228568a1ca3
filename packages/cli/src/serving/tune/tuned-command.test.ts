import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFlags } from '@serving/engine/command';
import { afterAll, describe, expect, it } from 'vitest';
import { type ModelServerFlags, modelServerFlags } from '../../model-server/model-server-flags.js';
import { readModelServerSettings } from '../../model-server/model-server-settings.js';
import type { TuneSettings } from './tune-settings.js';
import { commandOf } from './tuned-command.js';
import { typeScriptOf } from './tuned-typescript.js';

const folder = mkdtempSync(join(tmpdir(), 'serving-tuned-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the server reads of the command line. */
async function read(settings: TuneSettings, isOnnxModel = false) {
  const { flags, files } = commandOf(settings, isOnnxModel);
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
  const own = [
    '--rest_api_port=1',
    '--model_name=m',
    '--model_base_path=/models/m',
    isOnnxModel && '--model_platform=onnx',
  ];
  const argv = [
    ...own.filter((flag) => flag !== false),
    ...flags.map((flag) => flag.replace(/=(\w+\.\w+)$/, `=${folder}/$1`)),
  ];
  const { values, unknown, invalid } = parseFlags<ModelServerFlags>(modelServerFlags, argv);
  expect([unknown, invalid]).toEqual([[], []]);
  return readModelServerSettings(values, () => undefined);
}

describe('commandOf', () => {
  it('is nothing for the defaults', () => {
    expect(commandOf({}, false)).toEqual({ flags: [], files: [] });
  });

  it.each<[settings: TuneSettings, isOnnxModel: boolean, expected: object]>([
    [{ engine: 'onnx' }, false, { engine: 'onnx' }],
    [{ intraOpThreads: 2 }, false, { platform: { intraOpThreads: 2 } }],
    [{ servingThreads: 3 }, false, { rest: { threads: 3 } }],
    [{ engine: 'tensorflow', runMode: 'inline' }, false, { engine: 'tensorflow', runMode: 'inline' }],
    [
      { maxBatchSize: 8, maxEnqueuedBatches: 64 },
      false,
      { server: { batching: { maxBatchSize: 8, maxEnqueuedBatches: 64 } } },
    ],
    [
      { engine: 'onnx', weights: 'mapped' },
      false,
      { server: { models: [{ options: { onnx: { weights: 'mapped' } } }] } },
    ],
    [
      { engine: 'onnx', runMode: 'thread', weights: 'mapped' },
      false,
      { server: { models: [{ options: { onnx: { weights: 'mapped', runMode: 'thread' } } }] } },
    ],
    [{ weights: 'mapped' }, true, { server: { models: [{ options: { weights: 'mapped' } }] } }],
  ])('is read by the server for %j', async (settings, isOnnxModel, expected) => {
    expect(await read(settings, isOnnxModel)).toMatchObject(expected);
  });
});

describe('typeScriptOf', () => {
  const model = { name: 'm', basePath: '/models/m', platform: 'tensorflow' };

  it('has the same options in an application', () => {
    const settings: TuneSettings = {
      engine: 'onnx',
      intraOpThreads: 2,
      maxBatchSize: 32,
      weights: 'mapped',
      servingThreads: 1,
    };
    expect(typeScriptOf(settings, model, false)).toBe(`import { ModelServer } from '@serving/core';
import { RestServer } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';

const server = await ModelServer.start({
  models: [{ name: 'm', basePath: '/models/m' }],
  platforms: { tensorflow: savedModelPlatform({ engine: 'onnx', intraOpThreads: 2, onnx: { weights: 'mapped' } }) },
  batching: { maxBatchSize: 32 },
});
const rest = await RestServer.listen(server, { port: 8501, threads: 1 });
`);
  });

  it('makes an engine for the run mode of TensorFlow', () => {
    const text = typeScriptOf({ engine: 'tensorflow', runMode: 'inline', intraOpThreads: 1 }, model, true);
    expect(text).toContain("import { tensorflowRuntime } from '@serving/runtime-tensorflow';");
    expect(text).toContain(
      "savedModelPlatform({ engine: tensorflowRuntime({ runMode: 'inline' }), intraOpThreads: 1 })",
    );
    expect(text).toContain("const grpc = await GrpcServer.listen(server, { port: 8500, threads: 'auto' });");
  });

  it('names the platform of an ONNX model, and quotes its name', () => {
    const onnx = { name: "it's", basePath: '/m', platform: 'onnx', unversionedBasePath: true };
    const text = typeScriptOf({ weights: 'mapped', runMode: 'inline' }, onnx, false);
    expect(text).toContain(`models: [{ name: "it's", basePath: '/m', platform: 'onnx', unversionedBasePath: true }]`);
    expect(text).toContain("platforms: { onnx: onnxPlatform({ weights: 'mapped', runMode: 'inline' }) }");
  });
});
