/** From the flags of `tensorflow_model_server` and the files that they name to what the server is started with. */
import { type ModelConfigList, type ModelServerConfig, ServingError } from '@serving/core';
import { type ExtensionModule, LogCollectorRegistry, type ServerTask } from '@serving/core/extend';
import type { Isolation, RunMode } from '@serving/engine';
import type { GrpcServerOptions } from '@serving/grpc';
import type { RestServerOptions } from '@serving/http';
import * as openInference from '@serving/open-inference/extension';
import { parseMonitoringConfig } from '@serving/protos/config';
import * as messages from '@serving/protos/messages';
import { onnxPlatform } from '@serving/runtime-onnx';
import { savedModelPlatform, tfRecordLogCollector } from '@serving/savedmodel';
import { commaList } from '../flags/flag-values.js';
import { readModelConfigFile, readSslConfigFile, readText } from './config-files.js';
import { engineChoices } from './engine-choices.js';
import { modelConfigFileSource } from './model-config-file-source.js';
import { ModelOptionsFile } from './model-options-file.js';
import type { EngineChoice } from './model-platforms.js';
import type { ModelServerFlags } from './model-server-flags.js';
import { type PlatformSettings, readPlatformSettings } from './platform-settings.js';
import { extensionModule, threadsOfApi } from './serving-threads.js';
import type { ShutdownLimits } from './shutdown.js';

export interface ModelServerSettings extends Omit<PlatformSettings, 'batching'> {
  /** Everything but the platforms. */
  readonly server: Omit<ModelServerConfig, 'platforms'>;
  /** Absent: no REST API. */
  readonly rest?: RestServerOptions;
  /** Absent: no gRPC API. */
  readonly grpc?: GrpcServerOptions;
  /** Absent: no console. */
  readonly consolePath?: string;
  readonly shutdown: ShutdownLimits;
  readonly engine: EngineChoice;
  /** Where models run that have no option for it. */
  readonly isolation: Isolation;
  /** Where runs happen, on either engine. */
  readonly runMode: RunMode;
}

/** More models share one pool of threads for kernels: a thousand small ones would have a thousand threads, and 75 MB for them. */
const MAX_MODELS_WITH_THREADS = 64;

/**
 * @throws ServingError `INVALID_ARGUMENT` for flags that don't go together and files that don't parse, `NOT_FOUND` for
 * files that aren't there.
 * @param warn called with what is probably a mistake, also later, when the files are read again
 */
export async function readModelServerSettings(
  flags: ModelServerFlags,
  warn: (line: string) => void,
): Promise<ModelServerSettings> {
  checkPorts(flags);
  const options = modelOptionsFile(flags, warn);
  const rest = flags.rest_api_port === 0 ? undefined : await restSettings(flags, warn);
  const grpc = flags.port === 0 && flags.grpc_socket_path === '' ? undefined : await grpcSettings(flags, options, warn);
  const { batching, platform, runtime } = await readPlatformSettings(flags);
  const hasManyModels = await listsManyModels(flags);
  return {
    server: {
      ...(await readModels(flags, options)),
      pollIntervalMs: pollInterval(flags.file_system_poll_wait_seconds),
      maxNumLoadRetries: flags.max_num_load_retries,
      loadRetryIntervalMs: Math.max(flags.load_retry_interval_micros, 0) / 1000,
      numLoadThreads: Math.max(flags.num_load_threads, 1),
      numUnloadThreads: Math.max(flags.num_unload_threads, 1),
      allowVersionLabelsForUnavailableModels: flags.allow_version_labels_for_unavailable_models,
      enforceSignatureShapes: flags.enforce_signature_shapes,
      ...(batching && { batching }),
      logCollectors: new LogCollectorRegistry().register('tfrecord', tfRecordLogCollector()),
      task: serverTask(flags),
    },
    engine: engineChoice(flags),
    isolation: isolationChoice(flags),
    runMode: runModeChoice(flags),
    platform,
    runtime: { ...runtime, ...(hasManyModels && { intraOpThreadPool: 'shared' }) },
    ...(rest && { rest }),
    ...(grpc && { grpc }),
    ...(rest && flags.console_path !== '' && { consolePath: flags.console_path }),
    shutdown: {
      drainDelayMs: flags.drain_delay_ms,
      graceMs: flags.shutdown_grace_seconds !== false && flags.shutdown_grace_seconds * 1000,
    },
  };
}

/** TensorFlow Serving polls once for 0, and never for a negative number. */
function pollInterval(waitSeconds: number): number | 'once' | false {
  if (waitSeconds === 0) return 'once';
  return waitSeconds > 0 && waitSeconds * 1000;
}

const MAX_PORT = 65_535;
const DEFAULT_PROMETHEUS_PATH = '/monitoring/prometheus/metrics';

function checkPorts({ port, rest_api_port: restPort, grpc_socket_path: socket, ...flags }: ModelServerFlags): void {
  if (port === 0 && socket === '' && restPort === 0) {
    throw ServingError.invalidArgument(
      'One of --port, --grpc_socket_path and --rest_api_port must be given: there is nothing to listen on',
    );
  }
  for (const [flag, value] of Object.entries({ port, rest_api_port: restPort })) {
    if (value >= 0 && value <= MAX_PORT) continue;
    throw ServingError.invalidArgument(`--${flag} must be a port, an integer between 0 and ${MAX_PORT}, got ${value}`);
  }
  if (restPort !== 0 && restPort === port) {
    throw ServingError.invalidArgument(`--rest_api_port must differ from --port, both are ${restPort}`);
  }
  if (flags.use_alts_credentials) {
    throw ServingError.invalidArgument(
      flags.ssl_config_file === ''
        ? '--use_alts_credentials: ALTS is not supported'
        : 'Only one of --use_alts_credentials and --ssl_config_file may be given',
    );
  }
}

async function restSettings(flags: ModelServerFlags, warn: (line: string) => void): Promise<RestServerOptions> {
  const threads = servingThreads('REST', flags, warn);
  const maxFilledBytes = Math.max(flags.max_filled_bytes, 0);
  const prometheusPath = await readPrometheusPath(flags.monitoring_config_file);
  const ssl = await readSslConfigFile(flags.rest_api_ssl_config_file);
  return {
    port: flags.rest_api_port,
    host: flags.rest_api_host,
    timeoutMs: flags.rest_api_timeout_in_ms > 0 && flags.rest_api_timeout_in_ms,
    maxBodyBytes: Math.max(flags.rest_api_max_body_bytes, 0),
    maxResponseBytes: Math.max(flags.rest_api_max_response_bytes, 0),
    enableCorsSupport: flags.rest_api_enable_cors_support,
    keepAliveTimeoutMs: orNever(flags.rest_api_keep_alive_timeout_ms),
    requestStallTimeoutMs: orNever(flags.rest_api_request_stall_timeout_ms),
    responseStallTimeoutMs: orNever(flags.rest_api_response_stall_timeout_ms),
    maxConnections: orNever(flags.rest_api_max_connections),
    maxUnsentBytes: orNever(flags.rest_api_max_unsent_bytes),
    threads,
    formats: [{ module: extensionModule('@serving/protos/messages', messages, threads), options: { maxFilledBytes } }],
    listModels: flags.rest_api_list_models || flags.console_path !== '',
    extensions: [...extensions(flags, threads), ...(await consoleExtension(flags))],
    ...(prometheusPath !== undefined && { prometheusPath }),
    ...(flags.rest_api_health_path !== '' && {
      healthPath: absolutePath(flags.rest_api_health_path, '--rest_api_health_path'),
    }),
    ...(ssl && {
      tls: {
        key: ssl.serverKey,
        cert: ssl.serverCert,
        ...(ssl.customCa !== '' && { ca: ssl.customCa }),
        requireClientCert: ssl.clientVerify,
      },
    }),
  };
}

function servingThreads(api: 'REST' | 'gRPC', flags: ModelServerFlags, warn: (line: string) => void): number | 'auto' {
  const { threads, remark } = threadsOfApi(api, flags);
  if (remark !== undefined) warn(remark);
  return threads;
}

/** The Open Inference Protocol is served beside TensorFlow Serving's APIs. */
function extensions(
  { allow_model_control: modelControl }: ModelServerFlags,
  threads: number | 'auto',
): readonly ExtensionModule[] {
  const module = extensionModule('@serving/open-inference/extension', openInference, threads);
  return [{ module, options: { modelControl } }];
}

/** Loaded only with --console_path. */
async function consoleExtension({ console_path: given, ...flags }: ModelServerFlags): Promise<ExtensionModule[]> {
  if (given === '') {
    if (!flags.console_actions) return [];
    throw ServingError.invalidArgument('--console_actions needs --console_path, such as --console_path=/console');
  }
  const path = absolutePath(given, '--console_path');
  const grpcHost = flags.grpc_host.includes(':') ? `[${flags.grpc_host}]` : flags.grpc_host;
  const { servingConsole } = await import('@serving/console');
  return [
    servingConsole({
      path,
      actions: flags.console_actions,
      redirectRoot: true,
      ...(flags.port !== 0 && { grpcAddress: `${grpcHost}:${flags.port}` }),
    }),
  ];
}

/** No request has another. */
function absolutePath(path: string, what: string): string {
  if (path.startsWith('/')) return path;
  throw ServingError.invalidArgument(`${what} must begin with "/", such as "/${path}", got ${JSON.stringify(path)}`);
}

/** As elsewhere on the command line, 0 means unlimited too. */
function orNever(value: number | false): number | false {
  return value === 0 ? false : value;
}

async function grpcSettings(
  flags: ModelServerFlags,
  options: ModelOptionsFile | undefined,
  warn: (line: string) => void,
): Promise<GrpcServerOptions> {
  const threads = servingThreads('gRPC', flags, warn);
  const ssl = await readSslConfigFile(flags.ssl_config_file);
  return {
    ...(flags.port !== 0 && { port: flags.port, host: flags.grpc_host }),
    ...(flags.grpc_socket_path !== '' && { socketPath: flags.grpc_socket_path }),
    allowReload: flags.enable_grpc_reload_config,
    ...(options && { completeReload: (list: ModelConfigList) => options.addTo(list) }),
    threads,
    extensions: extensions(flags, threads),
    health: flags.enable_grpc_healthcheck_service,
    tensorContent: flags.enable_serialization_as_tensor_content,
    maxFilledBytes: Math.max(flags.max_filled_bytes, 0),
    maxInflatedBytes: flags.grpc_max_inflated_bytes,
    maxConnections: orNever(flags.grpc_max_connections),
    maxConcurrentStreams: orNever(flags.grpc_max_concurrent_streams),
    handshakeTimeoutMs: orNever(flags.grpc_handshake_timeout_ms),
    keepaliveTimeMs: orNever(flags.grpc_keepalive_time_ms),
    keepaliveTimeoutMs: flags.grpc_keepalive_timeout_ms,
    maxConnectionIdleMs: orNever(flags.grpc_max_connection_idle_ms),
    ...(ssl && { ssl }),
    ...(flags.grpc_channel_arguments !== '' && { channelOptions: channelOptions(flags.grpc_channel_arguments) }),
  };
}

/** `key=value` pairs; values that are 32-bit integers are passed as such. */
function channelOptions(text: string): Record<string, string | number> {
  return Object.fromEntries(
    commaList(text).map((pair) => {
      const equals = pair.indexOf('=');
      if (equals <= 0) throw ServingError.invalidArgument(`--grpc_channel_arguments: expected key=value, got ${pair}`);
      const value = pair.slice(equals + 1);
      const isInteger = /^-?\d{1,10}$/.test(value) && (Number(value) | 0) === Number(value);
      return [pair.slice(0, equals), isInteger ? Number(value) : value];
    }),
  );
}

/** A file that cannot be read counts as one model: reading the configuration reports its error. */
async function listsManyModels({ model_config_file: file }: ModelServerFlags): Promise<boolean> {
  if (file === '') return false;
  const list = await readModelConfigFile(file).catch(() => undefined);
  return list !== undefined && list.models.length > MAX_MODELS_WITH_THREADS;
}

async function readModels(
  flags: ModelServerFlags,
  options: ModelOptionsFile | undefined,
): Promise<Pick<ModelServerConfig, 'models' | 'configSource'>> {
  const { model_config_file: file, model_config_file_poll_wait_seconds: wait } = flags;
  const complete = async (list: ModelConfigList): Promise<ModelConfigList> => (await options?.addTo(list)) ?? list;
  if (file !== '') {
    if (flags.unversioned_base_path) {
      throw ServingError.invalidArgument(
        '--unversioned_base_path is about the model at --model_base_path, but --model_config_file lists the models',
      );
    }
    if (wait > 0) return { configSource: modelConfigFileSource(file, options, wait * 1000) };
    return complete(await readModelConfigFile(file));
  }
  if (flags.model_base_path !== '') {
    return complete({
      models: [
        {
          name: flags.model_name,
          basePath: flags.model_base_path,
          platform: modelPlatform(flags),
          ...(flags.unversioned_base_path && { unversionedBasePath: true }),
        },
      ],
    });
  }
  throw ServingError.invalidArgument(
    'Both server_options.model_base_path and server_options.model_config_file are empty!',
    {
      hint:
        'Name a model, such as --model_name=digits --model_base_path=/models/digits, or a list of models, such as ' +
        '--model_config_file=/models/models.config',
    },
  );
}

function isolationChoice({ model_isolation: choice }: ModelServerFlags): Isolation {
  if (choice === 'none' || choice === 'process') return choice;
  throw ServingError.invalidArgument(`--model_isolation must be one of none, process, got "${choice}"`);
}

function runModeChoice({ model_run_mode: choice, engine }: ModelServerFlags): RunMode {
  if (choice !== 'auto' && choice !== 'thread' && choice !== 'inline') {
    throw ServingError.invalidArgument(`--model_run_mode must be one of auto, thread, inline, got "${choice}"`);
  }
  if (choice === 'auto' || engine !== 'tfjs-node') return choice;
  throw ServingError.invalidArgument(`--model_run_mode=${choice} is not supported with --engine=tfjs-node`);
}

function engineChoice({ engine }: ModelServerFlags): EngineChoice {
  const choice = engineChoices.find((name) => name === engine);
  if (choice !== undefined) return choice;
  throw ServingError.invalidArgument(`--engine must be one of ${engineChoices.join(', ')}, got "${engine}"`);
}

function modelPlatform({ model_platform: platform }: ModelServerFlags): string {
  if (platform === 'tensorflow' || platform === 'onnx') return platform;
  throw ServingError.invalidArgument(`--model_platform must be tensorflow or onnx, got "${platform}"`);
}

function modelOptionsFile(
  { model_options_file: file }: ModelServerFlags,
  warn: (line: string) => void,
): ModelOptionsFile | undefined {
  if (file === '') return undefined;
  const [savedModels, onnxModels] = [savedModelPlatform(), onnxPlatform()];
  // The file may be for models of either platform, each of which checks its own again.
  const check = (options: object): void => {
    try {
      savedModels.checkModelOptions?.(options);
    } catch (error) {
      if (!isAccepted(() => onnxModels.checkModelOptions?.(options))) throw error;
    }
  };
  return new ModelOptionsFile(file, check, warn);
}

function isAccepted(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

function serverTask({ request_log_dc: dc, request_log_task_index: taskIndex }: ModelServerFlags): ServerTask {
  return { ...(dc !== '' && { dc }), ...(taskIndex >= 0 && { taskIndex }) };
}

async function readPrometheusPath(file: string): Promise<string | undefined> {
  if (file === '') return undefined;
  const { prometheusConfig } = parseMonitoringConfig(await readText(file), file);
  if (!prometheusConfig?.enable) return undefined;
  const path = prometheusConfig.path || DEFAULT_PROMETHEUS_PATH;
  return absolutePath(path, `${file}: prometheus_config.path`);
}
