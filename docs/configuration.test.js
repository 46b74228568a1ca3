import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { modelServerOptionTexts } from '../packages/core/src/server/config/model-server-options.js';
import { servingServicesOptions } from '../packages/grpc/src/add-serving-services.js';
import { grpcListenOptions } from '../packages/grpc/src/server/grpc-server-options.js';
import { restListenOptions } from '../packages/http/src/node/rest-server-options.js';
import { httpRestApiOptions } from '../packages/http/src/rest/http-rest-api-options.js';
import { onnxRuntimeOptions } from '../packages/runtime-onnx/src/onnx-runtime.js';
import { onnxPlatformOptions } from '../packages/runtime-onnx/src/platform/onnx-platform-options.js';
import { savedModelOptions, warmupOptions } from '../packages/savedmodel/src/saved-model-options.js';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('./configuration.md');

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

/** The lines of the Markdown table of a table of options. */
function tableOf(options) {
  const cell = (text) => text.replaceAll('|', '\\|');
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
  savedModelPlatform: savedModelOptions,
  onnxRuntime: onnxRuntimeOptions,
  onnxPlatform: onnxPlatformOptions,
  Warmup: warmupOptions,
};

const batching = 'core/src/batching/batching-options.ts';
const logging = 'core/src/request-logging/logging-config.ts';
const modelServer = 'core/src/server/config/model-server-config.ts';

describe('docs/configuration.md', () => {
  it('has the tables of the options in code (vitest -u writes them)', async () => {
    const written = Object.entries(tables).reduce(
      (text, [heading, table]) => withRows(text, heading, tableOf(table)),
      page,
    );
    await expect(written).toMatchFileSnapshot('./configuration.md');
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
    ['tensorflowRuntime', ['runtime-tensorflow/src/tensorflow-runtime.ts', 'TensorFlowRuntimeOptions']],
    ['tfjsNodeRuntime', ['runtime-tfjs-node/src/tfjs-node-runtime.ts', 'TfjsNodeRuntimeOptions']],
  ])('%s has every option and no other', (heading, ...interfaces) => {
    const members = interfaces.flatMap(([file, name]) => membersOf(file, name));
    expect([...optionsBelow(heading).keys()].sort()).toEqual(members.sort());
  });

  it.each([
    ['Models', 'core/src/server/config/model-config.ts', 'ModelConfig', 'function modelSchema()'],
    ['Low-priority queue', batching, 'LowPriorityQueueOptions', 'lowPriorityQueueOptions:'],
  ])('the options of %s are the fields of their schema', (_, file, name, schema) => {
    expect(fieldsOf(file, schema).sort()).toEqual(membersOf(file, name).sort());
  });

  it.each([['Batching', batching]])('%s has the defaults of the schema', (heading, file) => {
    const schema = read(`../packages/${file}`).replace(/\n\s+\./g, '.');
    const literals = schema.matchAll(/^ +(\w+): .*\.default\(([\d_]+|true|false|'\w+')\)/gm);
    const defaults = Array.from(literals, ([, name, value]) => [
      name,
      `\`${value.replaceAll('_', value[0] === "'" ? '_' : '')}\``,
    ]);
    expect(defaults.length).toBeGreaterThan(6);
    const options = optionsBelow(heading);
    expect(defaults.map(([name]) => [name, options.get(name)])).toEqual(defaults);
  });
});
