/** Requests to a real model, logged by whatever way they come, and run again from the file that they were logged to. */

import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ModelServer, type ModelServerOptions } from '@serving/core';
import { observeServing, type WarmupEvent } from '@serving/core/diagnostics';
import { CLASSIFY_METHOD_NAME, LogCollectorRegistry, REGRESS_METHOD_NAME } from '@serving/core/extend';
import { encodeNpy } from '@serving/core/npy';
import { createTensor } from '@serving/core/tensor';
import { GrpcServer } from '@serving/grpc';
import { RestServer } from '@serving/http';
import {
  decodeMessage,
  encodeExample,
  encodePredictRequestMessage,
  type Messages,
  protobufPredictFormat,
} from '@serving/protos/messages';
import { readTfRecords } from '@serving/protos/saved-model';
import { savedModelPlatform, tfRecordLogCollector } from '@serving/savedmodel';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { recordingOutput } from '../../../test-doubles/src/recording-output.js';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { startTensorFlowModelServer } from './tensorflow-model-server.js';

const LONG = 60_000;
const MODEL = 'classify_regress';
const folder = mkdtempSync(join(tmpdir(), 'request-logging-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Log = Messages['tensorflow.serving.PredictionLog'];

/** The files that begin with a prefix. */
function filesOf(prefix: string): string[] {
  return readdirSync(dirname(prefix))
    .map((name) => join(dirname(prefix), name))
    .filter((path) => path.startsWith(prefix))
    .sort();
}

/** Every log of these files, checksums checked. */
function logsOf(prefix: string): Log[] {
  return filesOf(prefix).flatMap((path) =>
    Array.from(readTfRecords(readFileSync(path), path), (record) =>
      decodeMessage('tensorflow.serving.PredictionLog', record),
    ),
  );
}

async function start(options: Partial<ModelServerOptions>): Promise<ModelServer> {
  const server = await ModelServer.start({
    models: [],
    platforms: { tensorflow: savedModelPlatform() },
    logCollectors: new LogCollectorRegistry().register('tfrecord', tfRecordLogCollector()),
    startPolicy: 'all',
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

const x = createTensor('float', [1, 1], Float32Array.of(4));
const example = new Map([['x', { kind: 'float', values: [2] } as const]]);
const exampleMessage = decodeMessage('tensorflow.Example', encodeExample(example));

describe('request logging', { timeout: LONG }, () => {
  it('logs requests alike over REST, gRPC and in process, in a file that warms the model up as it is', async () => {
    const prefix = join(folder, 'all', 'requests');
    const server = await start({
      models: [
        {
          name: MODEL,
          basePath: fixturePath(MODEL),
          loggingConfig: {
            logCollectorConfig: { type: 'tfrecord', filenamePrefix: prefix },
            samplingConfig: { samplingRate: 1 },
          },
        },
        { name: 'half_plus_two', basePath: fixturePath('half_plus_two') },
      ],
    });
    const rest = await RestServer.listen(server, { port: 0, formats: [protobufPredictFormat] });
    const grpc = await GrpcServer.listen(server, { port: 0, sessionService: true });
    const client = new GrpcClient(`127.0.0.1:${grpc.port}`);
    onTestFinished(async () => {
      client.close();
      await Promise.all([rest.close(), grpc.close()]);
    });
    const post = async (
      verb: string,
      body: string | Uint8Array<ArrayBuffer>,
      type = 'application/json',
    ): Promise<void> => {
      const headers = { 'content-type': type };
      const url = `http://127.0.0.1:${rest.port}/v1/models/${MODEL}/versions/1:${verb}`;
      const response = await fetch(url, { method: 'POST', headers, body });
      expect(response.status).toBe(200);
      await response.arrayBuffer();
    };
    const spec = (signatureName = '') => ({ name: MODEL, signatureName });

    await server.predict({ model: MODEL, inputs: { x } });
    await post('predict', '{ "instances": [[4]] }');
    await post('predict', Uint8Array.from(encodeNpy(x)), 'application/x-npy');
    await post(
      'predict',
      Uint8Array.from(encodePredictRequestMessage({ modelSpec: spec(), inputs: { x } })),
      'application/x-protobuf',
    );
    await client.predict({ modelSpec: spec(), inputs: { x } });
    for (const verb of ['classify', 'regress'] as const) {
      const input = { exampleList: { examples: [exampleMessage] } };
      await server[verb]({ model: MODEL, signatureName: verb, examples: [{ x: 2 }] });
      await post(verb, `{ "signature_name": "${verb}", "examples": [{ "x": 2.0 }] }`);
      await client[verb]({ modelSpec: spec(verb), input });
    }
    await client.multiInference({
      tasks: [
        { modelSpec: spec('classify'), methodName: CLASSIFY_METHOD_NAME },
        { modelSpec: spec('regress'), methodName: REGRESS_METHOD_NAME },
      ],
      input: { exampleList: { examples: [exampleMessage] } },
    });
    // Not logged: other models, failures, what runs no signature.
    await server.predict({ model: 'half_plus_two', inputs: { x: [1] } });
    await expect(client.predict({ modelSpec: spec(), inputs: {} })).rejects.toMatchObject({ code: 3 });
    await expect(server.classify({ model: MODEL, signatureName: 'classify', examples: [] })).rejects.toThrow('empty');
    await client.sessionRun({ modelSpec: spec(), feed: [{ name: 'x:0', tensor: floats(1) }], fetch: ['y:0'] });
    await server.close();

    const logs = logsOf(prefix).map(({ logMetadata, ...log }) => {
      expect(logMetadata?.timestampSecs).toBeGreaterThan(1_700_000_000n);
      return { ...log, logMetadata: { ...logMetadata, timestampSecs: 0n } };
    });
    const metadata = (signatureName: string) => ({
      modelSpec: { name: MODEL, version: { value: 1n }, ...(signatureName && { signatureName }) },
      samplingConfig: { samplingRate: 1 },
      savedModelTags: ['serve'],
      timestampSecs: 0n,
    });
    const [predicted, classified, regressed, multi] = [logs.slice(0, 5), logs.slice(5, 8), logs.slice(8, 11), logs[11]];
    expect(logs).toHaveLength(12);
    for (const log of predicted) expect(log).toEqual(predicted[0]);
    expect(predicted[0]).toMatchObject({
      logMetadata: metadata('serving_default'),
      predictLog: {
        request: { modelSpec: spec('serving_default'), inputs: [{ key: 'x', value: { dtype: 1 } }] },
        response: {
          outputs: [{ key: 'y', value: { dtype: 1, tensorContent: Buffer.from(Float32Array.of(4).buffer) } }],
        },
      },
    });
    for (const log of classified) expect(log).toEqual(classified[0]);
    expect(classified[0]).toMatchObject({
      logMetadata: metadata('classify'),
      classifyLog: {
        request: { modelSpec: spec('classify'), input: { exampleList: { examples: [exampleMessage] } } },
        response: {
          result: { classifications: [{ classes: [{ label: 'low' }, { label: 'middle' }, { label: 'high' }] }] },
        },
      },
    });
    for (const log of regressed) expect(log).toEqual(regressed[0]);
    expect(regressed[0]).toMatchObject({
      logMetadata: metadata('regress'),
      regressLog: { response: { result: { regressions: [{ value: 2.5 }] } } },
    });
    expect(multi).toMatchObject({
      logMetadata: metadata(''),
      multiInferenceLog: { response: { results: [{ classificationResult: {} }, { regressionResult: {} }] } },
    });

    const basePath = join(folder, 'warmed');
    const records = join(basePath, '1', 'assets.extra', 'tf_serving_warmup_requests');
    cpSync(fixturePath(MODEL), basePath, { recursive: true });
    mkdirSync(dirname(records), { recursive: true });
    renameSync(filesOf(prefix)[0]!, records);
    const warmups: WarmupEvent[] = [];
    onTestFinished(observeServing({ onWarmup: (event) => void warmups.push(event) }));
    await start({ models: [{ name: MODEL, basePath }] });
    expect(warmups).toEqual([expect.objectContaining({ path: join(basePath, '1'), requests: 12 })]);
  });

  it('logs the tags of the model, batched too', async () => {
    const logged: unknown[] = [];
    const server = await start({
      models: [
        {
          name: 'gpu',
          basePath: fixturePath('gpu_tag'),
          loggingConfig: {
            logCollector: ({ logMetadata }) => logged.push(logMetadata.savedModelTags),
            samplingConfig: { samplingRate: 1 },
          },
        },
      ],
      platforms: { tensorflow: savedModelPlatform({ tags: ['serve', 'gpu'] }) },
      batching: {},
    });
    await server.predict({ model: 'gpu', inputs: { x: [1] } });
    expect(logged).toEqual([['serve', 'gpu']]);
  });
});

describe('tensorflow_model_server with a logging_config', { timeout: LONG }, () => {
  const prefix = (name: string): string => join(folder, 'server', name);
  const modelText = (type: string, filenamePrefix: string, sampling = 'sampling_rate: 1') =>
    `config { name: "half" base_path: "${fixturePath('half_plus_two')}" model_platform: "tensorflow" logging_config {
       log_collector_config { type: "${type}" filename_prefix: "${filenamePrefix}" }
       sampling_config { ${sampling} } } }`;

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }

  async function serve(text: string, ...flags: string[]) {
    const config = join(folder, `${Math.random()}.config`);
    writeFileSync(config, `model_config_list { ${text} }`);
    const monitoring = join(folder, 'monitoring.config');
    writeFileSync(monitoring, 'prometheus_config { enable: true path: "/metrics" }');
    const output = recordingOutput();
    const files = [`--model_config_file=${config}`, `--monitoring_config_file=${monitoring}`];
    // Logs of several threads come in no order.
    const ports = ['--serving_threads=1', `--port=${await freePort()}`, `--rest_api_port=${await freePort()}`];
    const started = await startTensorFlowModelServer([...files, ...ports, ...flags], output);
    if (typeof started === 'number') return { started, err: output.err() };
    const client = new GrpcClient(started.grpcAddress!);
    onTestFinished(async () => {
      client.close();
      await started.close();
    });
    const post = async (value: number): Promise<void> => {
      const body = JSON.stringify({ instances: [value] });
      const response = await fetch(`${started.url}/v1/models/half:predict`, { method: 'POST', body });
      expect(response.status).toBe(200);
      await response.arrayBuffer();
    };
    return { started, client, post };
  }

  it('logs as its file says, and as a reload says from then on', async () => {
    const { started, client, post } = await serve(modelText('tfrecord', prefix('first')));
    if (typeof started === 'number' || !client || !post) throw new Error('did not start');
    await post(1);
    await client.predict({
      modelSpec: { name: 'half' },
      inputs: { x: createTensor('float', [1], Float32Array.of(2)) },
    });
    const reload = (loggingConfig: Messages['tensorflow.serving.LoggingConfig']) =>
      client.reload({
        config: {
          modelConfigList: {
            config: [
              { name: 'half', basePath: fixturePath('half_plus_two'), modelPlatform: 'tensorflow', loggingConfig },
            ],
          },
        },
      });
    const samplingConfig = { samplingRate: 1 };
    await expect(
      reload({ logCollectorConfig: { type: 'kafka', filenamePrefix: 'p' }, samplingConfig }),
    ).rejects.toMatchObject({
      code: 5,
      details:
        'Request logging of model half: No log collector of type "kafka" is registered in logCollectors (registered: tfrecord)',
    });
    await post(3);
    await reload({ logCollectorConfig: { type: 'tfrecord', filenamePrefix: prefix('second') }, samplingConfig });
    await post(4);
    const page = await (await fetch(`${started.url}/metrics`)).text();
    expect(page).toContain(':tensorflow:serving:request_log_count{model_name="half",status_code="OK"} 4\n');
    await started.close();
    const inputs = (name: string) =>
      logsOf(prefix(name)).map(({ predictLog }) => {
        const [input] = predictLog?.request?.inputs ?? [];
        return new Float32Array(new Uint8Array(input!.value!.tensorContent!).buffer)[0];
      });
    expect(inputs('first')).toEqual([1, 2, 3]);
    expect(inputs('second')).toEqual([4]);
  });

  it('follows the sampling of its task', async () => {
    const sampling =
      'per_task_sampling_configs { dc: "us" sampling_rate: 1 } per_task_sampling_configs { dc: "eu" task_index: 0 sampling_rate: 1 }';
    const flags = ['--request_log_dc=eu', '--request_log_task_index'];
    for (const index of [0, 1]) {
      const text = modelText('tfrecord', prefix(`task${index}`), sampling);
      const { started, post } = await serve(text, flags[0]!, `${flags[1]}=${index}`);
      if (typeof started === 'number' || !post) throw new Error('did not start');
      await post(1);
      await started.close();
    }
    expect(logsOf(prefix('task'))).toMatchObject([{ logMetadata: { dc: 'eu', samplingConfig: { samplingRate: 1 } } }]);
    expect(filesOf(prefix('task1'))).toEqual([]);
  });

  it('does not start with a collector that it does not know', async () => {
    expect(await serve(modelText('kafka', 'p'))).toEqual({
      started: 255,
      err: expect.stringMatching(/Failed to start server\. Error: NOT_FOUND: .*No log collector of type "kafka"/),
    });
  });
});

function floats(...values: number[]): Messages['tensorflow.TensorProto'] {
  return { dtype: 1, tensorShape: { dim: [{ size: 1n }, { size: BigInt(values.length) }] }, floatVal: values };
}
