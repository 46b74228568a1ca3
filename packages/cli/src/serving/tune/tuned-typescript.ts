/** The same configuration in an application. */
import type { ModelConfig } from '@serving/core';
import type { TuneSettings } from './tune-settings.js';

/** The source of a module that starts a server. `isGrpc` chooses the API that was measured. */
export function typeScriptOf(settings: TuneSettings, model: ModelConfig, isGrpc: boolean): string {
  const isOnnxModel = model.platform === 'onnx';
  const { maxBatchSize, maxEnqueuedBatches, runMode, engine, servingThreads } = settings;
  const isTensorFlowRun = !isOnnxModel && engine === 'tensorflow' && runMode !== undefined;
  const threads = `threads: ${servingThreads ?? "'auto'"}`;
  const listen = isGrpc
    ? `const grpc = await GrpcServer.listen(server, { port: 8500, ${threads} });`
    : `const rest = await RestServer.listen(server, { port: 8501, ${threads} });`;
  const batching = { maxBatchSize, ...(maxEnqueuedBatches !== undefined && { maxEnqueuedBatches }) };
  const config = {
    name: model.name,
    basePath: model.basePath,
    ...(isOnnxModel && { platform: 'onnx' }),
    ...(model.unversionedBasePath && { unversionedBasePath: true }),
  };
  const lines = [
    "import { ModelServer } from '@serving/core';",
    isGrpc ? "import { GrpcServer } from '@serving/grpc';" : "import { RestServer } from '@serving/http';",
    ...(isOnnxModel ? ["import { onnxPlatform } from '@serving/runtime-onnx';"] : []),
    ...(isTensorFlowRun ? ["import { tensorflowRuntime } from '@serving/runtime-tensorflow';"] : []),
    ...(isOnnxModel ? [] : ["import { savedModelPlatform } from '@serving/savedmodel';"]),
    '',
    'const server = await ModelServer.start({',
    `  models: [${literal(config)}],`,
    `  platforms: { ${isOnnxModel ? `onnx: onnxPlatform(${onnxOptions(settings)})` : `tensorflow: savedModelPlatform(${savedModelOptions(settings)})`} },`,
    ...(maxBatchSize === undefined ? [] : [`  batching: ${literal(batching)},`]),
    '});',
    listen,
  ];
  return `${lines.join('\n')}\n`;
}

function onnxOptions({ intraOpThreads, weights, runMode }: TuneSettings): string {
  return options([
    ['intraOpThreads', intraOpThreads],
    ['weights', weights],
    ['runMode', runMode],
  ]);
}

function savedModelOptions({ engine, intraOpThreads, weights, runMode }: TuneSettings): string {
  const isOnnx = engine === 'onnx';
  const runtime = engine === 'tensorflow' && runMode !== undefined;
  const onnx = options([
    ['weights', weights],
    ['runMode', isOnnx ? runMode : undefined],
  ]);
  return options([
    ['engine', runtime ? new Source(`tensorflowRuntime({ runMode: '${runMode}' })`) : engine],
    ['intraOpThreads', intraOpThreads],
    ['onnx', onnx === '' ? undefined : new Source(onnx)],
  ]);
}

/** Written as it is. */
class Source {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object literal; nothing where it would be empty. */
function options(entries: readonly (readonly [string, unknown])[]): string {
  const given = entries.filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : literal(Object.fromEntries(given));
}

function literal(value: object): string {
  const entries = Object.entries(value).map(([name, each]) => `${name}: ${text(each)}`);
  return `{ ${entries.join(', ')} }`;
}

function text(value: unknown): string {
  if (value instanceof Source) return value.text;
  if (typeof value !== 'string') return String(value);
  // A name may hold quotes and line breaks.
  return /^[^'\\\p{Cc}]*$/u.test(value) ? `'${value}'` : JSON.stringify(value);
}
