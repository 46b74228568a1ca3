/** `tensorflow_model_server`: TensorFlow Serving's model server on Node, with its flags. */
import { availableParallelism } from 'node:os';
import { ModelServer, ServingError } from '@serving/core';
import { RestServer } from '@serving/http';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { savedModelPlatform } from '@serving/savedmodel';
import { parseFlags, usageText } from './flags.js';
import { modelEventLog } from './model-event-log.js';
import { type ModelServerFlags, modelServerFlags, namesWithoutEffect } from './model-server-flags.js';
import { type ModelServerSettings, readModelServerSettings } from './model-server-settings.js';
import type { Output } from './output.js';
import { packageVersion } from './package-version.js';

/** A server that answers requests. */
export interface RunningModelServer {
  /** Such as `http://127.0.0.1:8501`. */
  readonly url: string;
  /** Takes no more requests, answers those under way, unloads the models. */
  close(): Promise<void>;
}

const PROGRAM = 'tensorflow_model_server';
/** What C makes of `return -1`. */
const FAILURE = 255;

/**
 * Does what a command line says. Resolves when every model had its first outcome and the port is open, or with the exit
 * code of a command that has ended: after `--help` and `--version`, a value that doesn't parse, or a failed start.
 */
export async function startTensorFlowModelServer(
  argv: readonly string[],
  output: Output,
): Promise<RunningModelServer | number> {
  const { values: flags, given, unknown, invalid } = parseFlags<ModelServerFlags>(modelServerFlags, argv);
  const usage = usageText(PROGRAM, modelServerFlags, namesWithoutEffect);
  if (invalid.length > 0) {
    output.stderr.write(`${invalid.map((argument) => `invalid value: ${argument}\n`).join('')}${usage}`);
    return FAILURE;
  }
  if (unknown.length > 0) {
    output.stderr.write(`${unknown.map((argument) => `unknown argument: ${argument}\n`).join('')}${usage}`);
  }
  if (flags.help) {
    output.stdout.write(usage);
    return 0;
  }
  try {
    if (flags.version) {
      output.stdout.write(await versionText());
      return 0;
    }
    const log = (line: string): unknown => output.stderr.write(`${PROGRAM}: ${line}\n`);
    const settings = await readModelServerSettings(flags);
    for (const line of remarks(flags, given)) log(line);
    return await start(settings, log);
  } catch (error) {
    const { code, message } = ServingError.from(error, 'INTERNAL');
    output.stderr.write(`Failed to start server. Error: ${code}: ${message}\n`);
    return FAILURE;
  }
}

async function start(settings: ModelServerSettings, log: (line: string) => unknown): Promise<RunningModelServer> {
  const runtime = tensorflowRuntime({ maxConcurrentRuns: concurrentRuns(), ...settings.runtime });
  const { libraryVersion, libraryPath } = await runtime.describe();
  log(`TensorFlow ${libraryVersion} at ${libraryPath}`);
  const modelServer = await ModelServer.start({
    ...settings.server,
    platforms: { tensorflow: savedModelPlatform({ ...settings.platform, runtime }) },
    on: modelEventLog(log),
  });
  const closeModels = async (): Promise<void> => {
    await modelServer.close();
    await runtime.close?.();
  };
  try {
    const rest = await RestServer.listen(modelServer, settings.rest);
    const url = `http://${rest.host.includes(':') ? `[${rest.host}]` : rest.host}:${rest.port}`;
    log(`REST API at ${url}/v1/models${reach(rest.host)}`);
    return { url, close: () => rest.close().then(closeModels) };
  } catch (error) {
    await closeModels();
    throw error;
  }
}

/** Leaves a thread of libuv's pool to files and DNS. */
function concurrentRuns(): number {
  const poolSize = Number.parseInt(process.env.UV_THREADPOOL_SIZE ?? '', 10) || 4;
  return Math.max(1, Math.min(availableParallelism(), poolSize - 1));
}

function reach(host: string): string {
  const isLoopback = host === '::1' || host.startsWith('127.');
  return isLoopback ? ', for this machine only (--rest_api_host=:: is for every interface)' : '';
}

function remarks({ port }: ModelServerFlags, given: ReadonlySet<string>): readonly string[] {
  const ignored = Array.from(given).filter((name) => namesWithoutEffect.has(name));
  return [
    ...(port === 0 ? [] : [`gRPC is not served yet: nothing listens on port ${port}`]),
    ...(ignored.length === 0 ? [] : [`without effect yet: ${ignored.map((name) => `--${name}`).join(', ')}`]),
  ];
}

async function versionText(): Promise<string> {
  const runtime = tensorflowRuntime();
  const library = await runtime.describe().then(
    ({ libraryVersion }) => libraryVersion,
    () => 'not found; `serving install` brings it',
  );
  await runtime.close?.();
  return `TensorFlow ModelServer: ${packageVersion()} (Node ${process.versions.node})\nTensorFlow Library: ${library}\n`;
}
