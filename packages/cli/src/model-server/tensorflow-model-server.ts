/** `tensorflow_model_server`: TensorFlow Serving's model server on Node, with its flags. */
import { availableParallelism } from 'node:os';
import { ModelServer, ServingError } from '@serving/core';
import { type Logger, systemClock } from '@serving/core/extend';
import { errorText, serverSummary, startModelLog } from '@serving/core/internal';
import type { SavedModelRuntime } from '@serving/engine';
import { commandHelp, flagHint, type Output, parseFlags } from '@serving/engine/command';
import type { GrpcServer, GrpcServerOptions } from '@serving/grpc';
import { type DrainableListener, RestServer } from '@serving/http';
import { onnxRuntime } from '@serving/runtime-onnx';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { servingMetrics } from '@serving/telemetry';
import { configFileWords, flagWords } from '../flags/hint-words.js';
import { packageVersion } from '../package-version.js';
import { commandLog, logTextFormatError } from './command-log.js';
import { blankFileRemarks } from './config-files.js';
import { namingFlag } from './flag-of-error.js';
import { createModelPlatforms } from './model-platforms.js';
import { type ModelServerFlags, modelServerFlags, namesWithoutEffect } from './model-server-flags.js';
import { type ModelServerSettings, readModelServerSettings } from './model-server-settings.js';
import { modelServerSpec } from './model-server-spec.js';
import { type ShutdownLimits, type ShutdownOutcome, shutDown } from './shutdown.js';

/** A server that answers requests. */
export interface RunningModelServer {
  /** What it serves. */
  readonly modelServer: ModelServer;
  /** Where the REST API is, such as `http://127.0.0.1:8501`; `undefined` without one. */
  readonly url: string | undefined;
  /** Where the gRPC API is, such as `127.0.0.1:8500`; `undefined` without a port. */
  readonly grpcAddress: string | undefined;
  /** Where the console is, such as `http://127.0.0.1:8501/console/`; `undefined` without one. */
  readonly consoleUrl: string | undefined;
  /** Where it logs. */
  readonly logger: Logger;
  /** Drains by the flags, then closes. Resolves with whether requests in flight were cancelled. */
  shutDown(): Promise<ShutdownOutcome>;
  /** Takes no more requests, answers those in flight, unloads the models. */
  close(): Promise<void>;
}

/** The names of the flags that choose ports. */
export interface PortFlags {
  readonly rest: string;
  readonly grpc: string;
}

const PROGRAM = 'tensorflow_model_server';
const SEE_HELP = `\`${PROGRAM} --help\` lists the flags and their types\n`;
/** What C makes of `return -1`. */
const FAILURE = 255;

/**
 * Runs the command. Resolves when every model had its first outcome and the ports are open, or with the exit
 * code of a command that has ended: after `--help` and `--version`, a value that doesn't parse, or a failed start.
 *
 * @param onLogger called with the log before anything is logged
 */
export async function startTensorFlowModelServer(
  argv: readonly string[],
  output: Output,
  onLogger: (logger: Logger) => void = () => undefined,
): Promise<RunningModelServer | number> {
  const { values: flags, given, unknown, invalid } = parseFlags<ModelServerFlags>(modelServerFlags, argv);
  if (invalid.length > 0) {
    output.stderr.write(`${invalid.map((argument) => `invalid value: ${argument}\n`).join('')}${SEE_HELP}`);
    return FAILURE;
  }
  if (unknown.length > 0) {
    output.stderr.write(`${unknown.map(unknownArgument).join('')}${SEE_HELP}`);
  }
  if (flags.help) {
    output.stdout.write(commandHelp(PROGRAM, modelServerSpec));
    return 0;
  }
  const words = flags.model_config_file === '' ? flagWords : configFileWords(flags.model_config_file);
  const logger = commandLog(output.stderr, flags.log_format, words);
  onLogger(logger);
  const warn = (line: string): void => logger.warn({}, line);
  try {
    if (flags.version) {
      output.stdout.write(await versionText());
      return 0;
    }
    const settings = await readModelServerSettings(flags, warn);
    for (const line of [...remarks(given), ...(await blankFileRemarks(plainConfigFiles(flags)))]) warn(line);
    if (flags.unversioned_base_path) logger.info({}, `a model at ${flags.model_base_path} itself is version 1`);
    return await startModelServer(settings, logger, { rest: 'rest_api_port', grpc: 'port' });
  } catch (error) {
    const reason = namingFlag(ServingError.from(error, 'INTERNAL'), flags);
    logTextFormatError(logger, error);
    logger.error({}, `Failed to start server. Error: ${reason.code}: ${errorText(reason)}`);
    return FAILURE;
  }
}

function unknownArgument(argument: string): string {
  return `unknown argument: ${argument}${flagHint(argument.replace(/=.*/s, ''), modelServerSpec)}\n`;
}

/** Starts a server with these settings. A port in use fails the start before models load. @throws ServingError with everything closed */
export async function startModelServer(
  settings: ModelServerSettings,
  logger: Logger,
  portFlags: PortFlags,
): Promise<RunningModelServer> {
  await checkListeners(settings, portFlags);
  return await start(settings, logger);
}

async function start(settings: ModelServerSettings, logger: Logger): Promise<RunningModelServer> {
  const startedAt = systemClock.now();
  const platforms = await createModelPlatforms({ ...settings, maxConcurrentRuns: concurrentRuns() });
  if (servesSavedModels(settings)) logger.info({}, await platforms.describe());
  const metrics = settings.rest?.prometheusPath === undefined ? undefined : servingMetrics();
  const modelLog = startModelLog({ logger });
  const modelServer = await ModelServer.start({
    ...settings.server,
    platforms: platforms.platforms,
    on: {
      ...modelLog.listeners,
      error: (error) => {
        logTextFormatError(logger, error);
        modelLog.listeners.error?.(error);
      },
    },
  }).catch((error) => {
    modelLog.stop();
    metrics?.close();
    throw error;
  });
  const listeners: DrainableListener[] = [];
  const release = async (): Promise<void> => {
    modelLog.stop();
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
    const grpc = settings.grpc && (await listenForGrpc(modelServer, { ...settings.grpc, ...readMetric }, logger));
    if (grpc) listeners.push(grpc.server);
    const rest =
      settings.rest && (await RestServer.listen(modelServer, { ...settings.rest, ...(metrics && { metrics }) }));
    if (rest) listeners.push(rest);
    const scheme = settings.rest?.tls ? 'https' : 'http';
    const url = rest && `${scheme}://${hostAndPort(rest.host, rest.port)}`;
    if (rest) {
      logger.info({}, `REST API at ${url}/v1/models${fromThreads(rest.threads)}${reach(rest.host, 'rest_api_host')}`);
    }
    const consoleUrl = settings.consolePath === undefined ? undefined : `${url}${settings.consolePath}/`;
    logger.info(
      {
        ...(url !== undefined && { rest: url }),
        ...(grpc?.address !== undefined && { grpc: grpc.address }),
        ...(consoleUrl !== undefined && { console: consoleUrl }),
        ...serverSummary(modelServer),
        durationMs: Math.round(systemClock.now() - startedAt),
      },
      'listening',
    );
    return {
      modelServer,
      url,
      grpcAddress: grpc?.address,
      consoleUrl,
      logger,
      shutDown: () => shutDownWithin(settings.shutdown),
      close,
    };
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
async function checkListeners({ rest, grpc }: ModelServerSettings, portFlags: PortFlags): Promise<void> {
  if (grpc) {
    const { GrpcServer: Server } = await import('@serving/grpc');
    await Server.check(grpc).catch(namingPort(portFlags.grpc, grpc.port));
  }
  if (rest) await RestServer.check(rest).catch(namingPort(portFlags.rest, rest.port));
}

/** Rejects with the flag of a port in front of what keeps it from being opened. */
function namingPort(flag: string, port: number | undefined): (error: unknown) => never {
  return (reason) => {
    const error = ServingError.from(reason);
    throw error.code === 'UNAVAILABLE' ? error.prefixed(`--${flag}=${port}: `) : error;
  };
}

/** The package is loaded only where it is needed: it and what it brings take time to start. */
async function listenForGrpc(
  modelServer: ModelServer,
  options: GrpcServerOptions,
  logger: Logger,
): Promise<{ readonly server: GrpcServer; readonly address: string | undefined }> {
  const { GrpcServer: Server } = await import('@serving/grpc');
  const server = await Server.listen(modelServer, options);
  const { host = '127.0.0.1', socketPath, ssl } = options;
  const address = server.port === undefined ? undefined : hostAndPort(host, server.port);
  const protection = `${ssl ? ' with TLS' : ''}${fromThreads(server.threads)}`;
  if (address !== undefined) logger.info({}, `gRPC API at ${address}${protection}${reach(host, 'grpc_host')}`);
  if (socketPath !== undefined) logger.info({}, `gRPC API at unix:${socketPath}${protection}`);
  return { server, address };
}

function fromThreads(threads: number): string {
  return threads === 1 ? '' : ` from ${threads} threads`;
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
