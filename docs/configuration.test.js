import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { batchingOptionTexts } from '../packages/core/src/batching/batching-options.js';
import { loggingOptionTexts } from '../packages/core/src/request-logging/logging-config.js';
import { modelServerOptionTexts } from '../packages/core/src/server/config/model-server-options.js';
import { modelProcessOptions } from '../packages/engine/src/isolation/isolation-options.js';
import { servingServicesOptions } from '../packages/grpc/src/add-serving-services.js';
import { grpcListenOptions } from '../packages/grpc/src/server/grpc-server-options.js';
import { grpcTlsOptions } from '../packages/grpc/src/server/server-credentials.js';
import { drainOptions } from '../packages/http/src/node/drain.js';
import { restListenOptions, restTlsOptions } from '../packages/http/src/node/rest-server-options.js';
import { httpRestApiOptions } from '../packages/http/src/rest/http-rest-api-options.js';
import { onnxRuntimeOptions } from '../packages/runtime-onnx/src/onnx-runtime.js';
import { onnxPlatformOptions } from '../packages/runtime-onnx/src/platform/onnx-platform-options.js';
import { tensorflowRuntimeOptions } from '../packages/runtime-tensorflow/src/tensorflow-runtime.js';
import { tfjsNodeRuntimeOptions } from '../packages/runtime-tfjs-node/src/tfjs-node-runtime.js';
import { tfRecordLogCollectorOptions } from '../packages/savedmodel/src/logging/tf-record-log-collector.js';
import { savedModelOptions, warmupOptions } from '../packages/savedmodel/src/saved-model-options.js';
import { attachLoggerOptions } from '../packages/telemetry/src/log-server.js';
import { meterServingOptions } from '../packages/telemetry/src/opentelemetry/meter-serving.js';
import { traceServingOptions } from '../packages/telemetry/src/opentelemetry/trace-serving.js';
import { servingMetricsOptions } from '../packages/telemetry/src/serving-metrics.js';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('./reference/configuration.md');

/** Cells of the rows below a heading, by option. */
function optionsBelow(heading) {
  const section = page.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`));
  const rows = section?.split('\n').filter((line) => line.startsWith('| `')) ?? [];
  return new Map(
    rows.flatMap((row) => {
      const [, names, , defaultValue] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
      return Array.from(names.matchAll(/`(\w+)`/g), ([, name]) => [name, defaultValue]);
    }),
  );
}

/** Names of the members of an interface, as its source has them. */
function membersOf(file, name) {
  const body = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n(.*?)^\\}`, 'ms').exec(
    read(`../packages/${file}`),
  )[1];
  return Array.from(body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm), ([, member]) => member);
}

/** Names of the fields of the options object that a schema begins with. */
function fieldsOf(file, schema) {
  const [, after] = read(`../packages/${file}`).split(schema);
  const [, indent, fields] = /strictOptions\(\{\n( +)(.*?)\n\s+\}\)/s.exec(after);
  return Array.from(`${indent}${fields}`.matchAll(new RegExp(`^${indent}(\\w+):`, 'gm')), ([, field]) => field);
}

const MIB = 1024 ** 2;

function defaultText(name, value) {
  if (typeof value === 'boolean') return `\`${value}\``;
  if (typeof value === 'number') return name.endsWith('Bytes') && value % MIB === 0 ? `${value / MIB} MiB` : `${value}`;
  return value;
}

/** Options name pages only; these are in either folder. */
function fromReference(name) {
  return existsSync(new URL(`./reference/${name}`, import.meta.url)) ? name : `../guides/${name}`;
}

/** The lines of the Markdown table of a table of options. */
function tableOf(options) {
  const cell = (text) =>
    text.replaceAll('|', '\\|').replaceAll(/\]\(([\w-]+\.md)/g, (_, name) => `](${fromReference(name)}`);
  return Object.entries(options).map(
    ([name, { type, default: value, meaning }]) =>
      `| ${[`\`${name}\``, type, defaultText(name, value), meaning].map(cell).join(' | ')} |`,
  );
}

/** The page, with the rows below a heading replaced. */
function withRows(text, heading, rows) {
  const [before, ...sections] = text.split(/(?=^#+ )/m);
  const replaced = sections.map((section) =>
    section.replace(/^#+ /, '').startsWith(`${heading}\n`)
      ? section.replace(/(?:^\| `.*\n)+/m, `${rows.join('\n')}\n`)
      : section,
  );
  return [before, ...replaced].join('');
}

const tables = {
  'ModelServer.start': modelServerOptionTexts(),
  'REST options': httpRestApiOptions,
  'RestServer.listen': restListenOptions,
  'gRPC options': servingServicesOptions,
  'GrpcServer.listen': grpcListenOptions,
  'gRPC TLS': grpcTlsOptions,
  savedModelPlatform: savedModelOptions,
  onnxRuntime: onnxRuntimeOptions,
  onnxPlatform: onnxPlatformOptions,
  Warmup: warmupOptions,
  ModelProcess: modelProcessOptions,
  ...loggingOptionTexts,
  tfRecordLogCollector: tfRecordLogCollectorOptions,
  ...batchingOptionTexts,
  'REST TLS': restTlsOptions,
  drain: drainOptions,
  tensorflowRuntime: tensorflowRuntimeOptions,
  tfjsNodeRuntime: tfjsNodeRuntimeOptions,
  attachLogger: attachLoggerOptions,
  servingMetrics: servingMetricsOptions,
  meterServing: meterServingOptions,
  traceServing: traceServingOptions,
};

const batching = 'core/src/batching/batching-options.ts';
const logging = 'core/src/request-logging/logging-config.ts';
const modelServer = 'core/src/server/config/model-server-config.ts';

describe('docs/reference/configuration.md', () => {
  it('has the tables of the options in code (vitest -u writes them)', async () => {
    const written = Object.entries(tables).reduce(
      (text, [heading, table]) => withRows(text, heading, tableOf(table)),
      page,
    );
    await expect(written).toMatchFileSnapshot('./reference/configuration.md');
  });

  it.each([
    [
      'ModelServer.start',
      [modelServer, 'ModelServerConfig'],
      ['core/src/server/model-server.ts', 'ModelServerOptions'],
    ],
    ['Config source', ['core/src/server/config/model-config-source.ts', 'ModelConfigSource']],
    ['Models', ['core/src/server/config/model-config.ts', 'ModelConfig']],
    ['Logging', [logging, 'LoggingConfig']],
    ['Sampling', [logging, 'SamplingConfig']],
    ['tfRecordLogCollector', ['savedmodel/src/logging/tf-record-log-collector.ts', 'TfRecordLogCollectorOptions']],
    ['Resource limits', ['core/src/resources/resource-quantity.ts', 'ResourceLimits']],
    ['Batching', [batching, 'ModelBatchingOptions'], [batching, 'BatchingOptions']],
    ['Low-priority queue', [batching, 'LowPriorityQueueOptions']],
    ['REST options', ['http/src/rest/http-rest-api-options.ts', 'HttpRestApiOptions']],
    ['RestServer.listen', ['http/src/node/rest-server-options.ts', 'RestServerOptions']],
    ['gRPC TLS', ['grpc/src/server/server-credentials.ts', 'GrpcTlsOptions']],
    ['REST TLS', ['http/src/node/rest-server-options.ts', 'RestTlsOptions']],
    [
      'gRPC options',
      ['grpc/src/add-serving-services.ts', 'ServingServicesOptions'],
      ['protos/src/tensor/expansion-budget.ts', 'FillOptions'],
    ],
    [
      'GrpcServer.listen',
      ['grpc/src/server/grpc-server-options.ts', 'GrpcServerOptions'],
      ['grpc/src/server/connection-options.ts', 'GrpcConnectionOptions'],
      ['grpc/src/server/compressed-message-limit.ts', 'CompressedMessageLimits'],
    ],
    [
      'savedModelPlatform',
      ['savedmodel/src/saved-model-options.ts', 'SavedModelOptions'],
      ['engine/src/runtime/saved-model-runtime.ts', 'SessionOptions'],
    ],
    ['Warmup', ['savedmodel/src/warmup/saved-model-warmup.ts', 'WarmupOptions']],
    ['ModelProcess', ['engine/src/isolation/isolation-options.ts', 'ModelProcessOptions']],
    ['tensorflowRuntime', ['runtime-tensorflow/src/tensorflow-runtime.ts', 'TensorFlowRuntimeOptions']],
    ['tfjsNodeRuntime', ['runtime-tfjs-node/src/tfjs-node-runtime.ts', 'TfjsNodeRuntimeOptions']],
    ['drain', ['http/src/node/drain.ts', 'DrainOptions']],
    ['attachLogger', ['telemetry/src/log-server.ts', 'AttachLoggerOptions']],
    ['servingMetrics', ['telemetry/src/serving-metrics.ts', 'ServingMetricsOptions']],
    ['meterServing', ['telemetry/src/opentelemetry/meter-serving.ts', 'MeterServingOptions']],
    ['traceServing', ['telemetry/src/opentelemetry/trace-serving.ts', 'TraceServingOptions']],
  ])('%s has every option and no other', (heading, ...interfaces) => {
    const members = interfaces.flatMap(([file, name]) => membersOf(file, name));
    expect([...optionsBelow(heading).keys()].sort()).toEqual(members.sort());
  });

  it.each([['Models', 'core/src/server/config/model-config.ts', 'ModelConfig', 'function modelSchema()']])(
    'the options of %s are the fields of their schema',
    (_, file, name, schema) => {
      expect(fieldsOf(file, schema).sort()).toEqual(membersOf(file, name).sort());
    },
  );
});
