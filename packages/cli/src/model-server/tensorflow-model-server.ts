/** `tensorflow_model_server`: TensorFlow Serving's model server on Node, with its flags. */
import { availableParallelism } from 'node:os';
import { ModelServer, ServingError } from '@serving/core';
import { printableLine, systemClock } from '@serving/core/extend';
import { nearestName } from '@serving/core/internal';
import type { SavedModelRuntime } from '@serving/engine';
import type { Output } from '@serving/engine/command';
import type { GrpcServer, GrpcServerOptions } from '@serving/grpc';
import { type DrainableListener, RestServer } from '@serving/http';
import { textFormatErrorLine } from '@serving/protos/config';
import { onnxRuntime } from '@serving/runtime-onnx';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { servingMetrics } from '@serving/telemetry';
import { parseFlags, usageText } from '../flags/flags.js';
import { packageVersion } from '../package-version.js';
import { blankFileRemarks } from './config-files.js';
import { namingFlag } from './flag-of-error.js';
import { modelEventLog } from './model-event-log.js';
import { createModelPlatforms } from './model-platforms.js';
import { type ModelServerFlags, modelServerFlags, namesWithoutEffect } from './model-server-flags.js';
import { type ModelServerSettings, readModelServerSettings } from './model-server-settings.js';
import { type ShutdownLimits, type ShutdownOutcome, shutDown } from './shutdown.js';
import { logWarmups } from './warmup-log.js';

/** A server that answers requests. */
export interface RunningModelServer {
  /** Where the REST API is, such as `http://127.0.0.1:8501`; `undefined` without one. */
  readonly url: string | undefined;
  /** Where the gRPC API is, such as `127.0.0.1:8500`; `undefined` without a port. */
  readonly grpcAddress: string | undefined;
  /** Drains as the flags say, then closes. Resolves with whether requests in flight had to be given up. */
  shutDown(): Promise<ShutdownOutcome>;
  /** Takes no more requests, answers those in flight, unloads the models. */
  close(): Promise<void>;
}

const PROGRAM = 'tensorflow_model_server';
/** What C makes of `return -1`. */
const FAILURE = 255;

/**
 * Does what a command line says. Resolves when every model had its first outcome and the ports are open, or with the exit
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
    output.stderr.write(`${unknown.map(unknownArgument).join('')}${usage}`);
  }
  if (flags.help) {
    output.stdout.write(usage);
    return 0;
  }
  const log = (line: string): unknown => output.stderr.write(`${PROGRAM}: ${printableLine(line)}\n`);
  try {
    if (flags.version) {
      output.stdout.write(await versionText());
      return 0;
    }
    const settings = await readModelServerSettings(flags, log);
    for (const line of [...remarks(given), ...(await blankFileRemarks(plainConfigFiles(flags)))]) log(line);
    await checkListeners(settings);
    return await start(settings, log);
  } catch (error) {
    const { code, message } = namingFlag(ServingError.from(error, 'INTERNAL'), flags);
    const line = textFormatErrorLine(error);
    if (line !== undefined) log(line);
    output.stderr.write(`Failed to start server. Error: ${code}: ${printableLine(message)}\n`);
    return FAILURE;
  }
}

function unknownArgument(argument: string): string {
  const near = nearestName(argument.replace(/^--|=.*/gs, ''), Object.keys(modelServerFlags));
  return `unknown argument: ${argument}${near === undefined ? '' : ` (did you mean --${near}?)`}\n`;
}

async function start(settings: ModelServerSettings, log: (line: string) => unknown): Promise<RunningModelServer> {
  const platforms = await createModelPlatforms({ ...settings, maxConcurrentRuns: concurrentRuns() });
  if (servesSavedModels(settings)) log(await platforms.describe());
  const metrics = settings.rest?.prometheusPath === undefined ? undefined : servingMetrics();
  const stopWarmupLog = logWarmups(log);
  const modelServer = await ModelServer.start({
    ...settings.server,
    platforms: platforms.platforms,
    on: modelEventLog(log),
  }).catch((error) => {
    stopWarmupLog();
    metrics?.close();
    throw error;
  });
  const listeners: DrainableListener[] = [];
  const release = async (): Promise<void> => {
    stopWarmupLog();
    metrics?.close();
    await platforms.close();
  };
  const shutDownWithin = (limits: ShutdownLimits): Promise<ShutdownOutcome> =>
    shutDown({ listeners, modelServer, release, clock: systemClock }, limits);
  const close = async (): Promise<void> => {
    await shutDownWithin({ drainDelayMs: false, graceMs: false });
  };
  try {
    // As TensorFlow Serving: gRPC, then REST.
    const readMetric = metrics && { readMetric: (name: string) => metrics.read(name) };
    const grpc = settings.grpc && (await listenForGrpc(modelServer, { ...settings.grpc, ...readMetric }, log));
    if (grpc) listeners.push(grpc.server);
    const rest =
      settings.rest && (await RestServer.listen(modelServer, { ...settings.rest, ...(metrics && { metrics }) }));
    if (rest) listeners.push(rest);
    const scheme = settings.rest?.tls ? 'https' : 'http';
    const url = rest && `${scheme}://${hostAndPort(rest.host, rest.port)}`;
    if (rest) log(`REST API at ${url}/v1/models${reach(rest.host, 'rest_api_host')}`);
    return { url, grpcAddress: grpc?.address, shutDown: () => shutDownWithin(settings.shutdown), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether a library for SavedModels is needed from the start; a list that is read later may have any. */
function servesSavedModels({ server }: ModelServerSettings): boolean {
  return server.models === undefined || server.models.some(({ platform = 'tensorflow' }) => platform === 'tensorflow');
}

/** What would fail the listeners when the models are loaded, which may take minutes. */
async function checkListeners({ rest, grpc }: ModelServerSettings): Promise<void> {
  if (grpc) {
    const { GrpcServer: Server } = await import('@serving/grpc');
    await Server.check(grpc);
  }
  if (rest) await RestServer.check(rest);
}

/** The package is loaded only where it is needed: it and what it brings take time to start. */
async function listenForGrpc(
  modelServer: ModelServer,
  options: GrpcServerOptions,
  log: (line: string) => unknown,
): Promise<{ readonly server: GrpcServer; readonly address: string | undefined }> {
  const { GrpcServer: Server } = await import('@serving/grpc');
  const server = await Server.listen(modelServer, options);
  const { host = '127.0.0.1', socketPath, ssl } = options;
  const address = server.port === undefined ? undefined : hostAndPort(host, server.port);
  const protection = ssl ? ' with TLS' : '';
  if (address !== undefined) log(`gRPC API at ${address}${protection}${reach(host, 'grpc_host')}`);
  if (socketPath !== undefined) log(`gRPC API at unix:${socketPath}${protection}`);
  return { server, address };
}

function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Leaves a thread of libuv's pool to files and DNS. */
function concurrentRuns(): number {
  const poolSize = Number.parseInt(process.env.UV_THREADPOOL_SIZE ?? '', 10) || 4;
  return Math.max(1, Math.min(availableParallelism(), poolSize - 1));
}

function reach(host: string, flag: string): string {
  const isLoopback = host === '::1' || host === 'localhost' || host.startsWith('127.');
  return isLoopback ? `, for this machine only (--${flag}=:: is for every interface)` : '';
}

function remarks(given: ReadonlySet<string>): readonly string[] {
  const ignored = Array.from(given).filter((name) => namesWithoutEffect.has(name));
  return ignored.length === 0 ? [] : [`without effect here: ${ignored.map((name) => `--${name}`).join(', ')}`];
}

/** Those that may be empty; the others fail the start then. */
function plainConfigFiles(flags: ModelServerFlags): Readonly<Record<string, string>> {
  const { model_config_file, batching_parameters_file, monitoring_config_file, tensorflow_session_config_file } = flags;
  return { model_config_file, batching_parameters_file, monitoring_config_file, tensorflow_session_config_file };
}

async function libraryVersion(runtime: SavedModelRuntime, command: string): Promise<string> {
  const version = await runtime.describe().then(
    (description) => description.libraryVersion,
    () => `not found; \`${command}\` brings it`,
  );
  await runtime.close?.();
  return version;
}

async function versionText(): Promise<string> {
  const server = `TensorFlow ModelServer: ${packageVersion()} (Node ${process.versions.node})`;
  const tensorflow = await libraryVersion(tensorflowRuntime(), 'serving install tensorflow');
  const onnx = await libraryVersion(onnxRuntime(), 'serving install');
  return `${server}\nTensorFlow Library: ${tensorflow}\nONNX Runtime: ${onnx}\n`;
}
