/** From the flags of `tensorflow_model_server` and the files that they name to what the server is started with. */
import { readFile } from 'node:fs/promises';
import { type ModelConfig, type ModelServerConfig, ServingError } from '@serving/core';
import type { RestServerOptions } from '@serving/http';
import { parseModelServerConfig, parseMonitoringConfig, toModelConfigs } from '@serving/protos';
import type { TensorFlowRuntimeOptions } from '@serving/runtime-tensorflow';
import type { SavedModelPlatformOptions } from '@serving/savedmodel';
import type { ModelServerFlags } from './model-server-flags.js';

export interface ModelServerSettings {
  /** Everything but the platforms. */
  readonly server: Omit<ModelServerConfig, 'platforms'>;
  readonly platform: Omit<SavedModelPlatformOptions, 'runtime'>;
  readonly runtime: TensorFlowRuntimeOptions;
  readonly rest: RestServerOptions;
}

/**
 * @throws ServingError `INVALID_ARGUMENT` for flags that don't go together and files that don't parse, `NOT_FOUND` for
 * files that aren't there.
 */
export async function readModelServerSettings(flags: ModelServerFlags): Promise<ModelServerSettings> {
  const { rest_api_port: port } = flags;
  if (port === 0) throw invalid('Only the REST API is served yet: --rest_api_port must be given');
  if (port === flags.port) throw invalid(`--rest_api_port must differ from --port, both are ${port}`);
  const prometheusPath = await readPrometheusPath(flags.monitoring_config_file);
  const interOp = flags.tensorflow_inter_op_parallelism;
  return {
    server: {
      models: await readModels(flags),
      fileSystemPollWaitSeconds: flags.file_system_poll_wait_seconds,
      maxNumLoadRetries: flags.max_num_load_retries,
      loadRetryIntervalMicros: Math.max(flags.load_retry_interval_micros, 0),
      numLoadThreads: flags.num_load_threads,
      numUnloadThreads: flags.num_unload_threads,
      allowVersionLabelsForUnavailableModels: flags.allow_version_labels_for_unavailable_models,
    },
    platform: {
      tags: flags.saved_model_tags.split(',').filter((tag) => tag !== ''),
      session: sessionOptions(flags),
      enableSignatureMethodNameCheck: flags.enable_signature_method_name_check,
    },
    runtime: interOp > 0 ? { interOpThreadPool: 'shared' } : {},
    rest: {
      port,
      host: flags.rest_api_host,
      timeoutMs: flags.rest_api_timeout_in_ms,
      enableCorsSupport: flags.rest_api_enable_cors_support,
      ...(prometheusPath !== undefined && { prometheusPath }),
    },
  };
}

const DEFAULT_PROMETHEUS_PATH = '/monitoring/prometheus/metrics';

async function readModels(flags: ModelServerFlags): Promise<readonly ModelConfig[]> {
  const { model_config_file: file, model_name: name, model_base_path: basePath } = flags;
  if (file !== '') return toModelConfigs(parseModelServerConfig(await readText(file), file));
  if (basePath !== '') return [{ name, basePath }];
  throw invalid('Both server_options.model_base_path and server_options.model_config_file are empty!');
}

async function readPrometheusPath(file: string): Promise<string | undefined> {
  if (file === '') return undefined;
  const { prometheusConfig } = parseMonitoringConfig(await readText(file), file);
  return prometheusConfig?.enable ? prometheusConfig.path || DEFAULT_PROMETHEUS_PATH : undefined;
}

function sessionOptions(flags: ModelServerFlags): NonNullable<SavedModelPlatformOptions['session']> {
  const { tensorflow_session_parallelism: both } = flags;
  const { tensorflow_intra_op_parallelism: intraOp, tensorflow_inter_op_parallelism: interOp } = flags;
  if (both !== 0 && intraOp !== 0 && interOp !== 0) {
    throw invalid(
      '--tensorflow_session_parallelism, …_intra_op_parallelism and …_inter_op_parallelism exclude each other',
    );
  }
  return { intraOpParallelismThreads: intraOp || both, interOpParallelismThreads: interOp || both };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'No such file or directory' : message;
    throw new ServingError(code === 'ENOENT' ? 'NOT_FOUND' : 'UNAVAILABLE', `${file}; ${reason}`, { cause });
  }
}

function invalid(message: string): ServingError {
  return new ServingError('INVALID_ARGUMENT', message);
}
