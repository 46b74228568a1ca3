/** How SavedModels are loaded, run and batched, from the flags or from the file that replaces them. */
import { type ModelServerConfig, ServingError } from '@serving/core';
import { parseBatchingParameters, parsePlatformConfigMap, parseSessionConfig } from '@serving/protos/config';
import type { TensorFlowRuntimeOptions } from '@serving/runtime-tensorflow';
import type { SavedModelOptions } from '@serving/savedmodel';
import { commaList } from '../flags/flag-values.js';
import { readText } from './config-files.js';
import type { ModelServerFlags } from './model-server-flags.js';

export interface PlatformSettings {
  readonly platform: Omit<SavedModelOptions, 'engine'>;
  readonly runtime: TensorFlowRuntimeOptions;
  readonly batching: ModelServerConfig['batching'];
}

type SessionSettings = Pick<SavedModelOptions, 'intraOpThreads' | 'interOpThreads' | 'configProto'>;

/** TensorFlow Serving's name for its threads, unless a file has one. */
const BATCH_THREADS = 'model_server_batch_threads';
const PLATFORM = 'tensorflow';
/** Other requests without rows are answered as TensorFlow Serving answers them. */
const padEmptyRequests = 'where-needed';

/** @throws ServingError as `readModelServerSettings`. */
export async function readPlatformSettings(flags: ModelServerFlags): Promise<PlatformSettings> {
  const { enable_signature_method_name_check: enableSignatureMethodNameCheck, platform_config_file: file } = flags;
  if (file !== '') {
    const config = parsePlatformConfigMap(await readText(file), file).get(PLATFORM);
    if (!config)
      throw ServingError.invalidArgument(`${file} has no platform_configs entry for the platform ${PLATFORM}`);
    const { savedModelTags: tags, session, warmup = false, batching } = config;
    return {
      platform: { tags, ...session, enableSignatureMethodNameCheck, padEmptyRequests, warmup },
      runtime: runtimeOptions(flags, session.interOpThreads),
      batching,
    };
  }
  const session = await readSession(flags);
  return {
    platform: {
      tags: commaList(flags.saved_model_tags),
      ...session,
      enableSignatureMethodNameCheck,
      padEmptyRequests,
      warmup: flags.enable_model_warmup && {
        numRequestIterations: Math.max(flags.num_request_iterations_for_warmup, 1),
      },
    },
    runtime: runtimeOptions(
      flags,
      flags.tensorflow_session_parallelism > 0 ? flags.tensorflow_inter_op_parallelism : session.interOpThreads,
    ),
    batching: await readBatching(flags),
  };
}

/** Operations run side by side where a number of threads for that is given. */
function runtimeOptions(
  { custom_op_library: libraries }: ModelServerFlags,
  interOpThreads = 0,
): TensorFlowRuntimeOptions {
  return {
    ...(interOpThreads > 0 && { interOpThreadPool: 'shared' }),
    ...(libraries.length > 0 && { customOpLibraries: libraries }),
  };
}

async function readBatching(flags: ModelServerFlags): Promise<ModelServerConfig['batching']> {
  const { enable_batching: isEnabled, batching_parameters_file: file } = flags;
  if (!isEnabled) {
    if (file === '') return undefined;
    throw ServingError.invalidArgument(
      'server_options.batching_parameters_file is set without setting server_options.enable_batching to true.',
    );
  }
  if (file === '') return { threadPoolName: BATCH_THREADS, enableLargeBatchSplitting: false };
  return parseBatchingParameters(await readText(file), file);
}

async function readSession(flags: ModelServerFlags): Promise<SessionSettings> {
  const { tensorflow_session_parallelism: both, tensorflow_session_config_file: file } = flags;
  const { tensorflow_intra_op_parallelism: intraOp, tensorflow_inter_op_parallelism: interOp } = flags;
  if (both !== 0 && intraOp !== 0 && interOp !== 0) {
    throw ServingError.invalidArgument(
      '--tensorflow_session_parallelism, …_intra_op_parallelism and …_inter_op_parallelism exclude each other',
    );
  }
  const given = file === '' ? undefined : parseSessionConfig(await readText(file), file);
  return {
    ...given,
    intraOpThreads: intraOp || both || (given?.intraOpThreads ?? 0),
    // A negative number means the caller's thread to TensorFlow, as 0 does here.
    interOpThreads: Math.max(interOp || both || (given?.interOpThreads ?? 0), 0),
  };
}
