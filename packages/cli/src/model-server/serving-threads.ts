/** How many threads serve, and how their extensions are named. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { ServingError } from '@serving/core';
import type { ExtensionModule } from '@serving/core/extend';
import { builtModuleUrl } from '@serving/core/internal';
import type { ModelServerFlags } from './model-server-flags.js';

/** The threads of an API. */
export interface ThreadsOfApi {
  readonly threads: number | 'auto';
  /** What to log; `undefined` for the usual number. */
  readonly remark: string | undefined;
}

type ThreadFlags = Pick<
  ModelServerFlags,
  'serving_threads' | 'rest_api_num_threads' | 'grpc_max_threads' | 'console_path'
>;

/** The flag of TensorFlow Serving by which an API has fewer threads. */
const flagOfApi = { REST: 'rest_api_num_threads', gRPC: 'grpc_max_threads' } as const;

/**
 * TensorFlow Serving's number of threads is of a pool that is larger than the processors: it only lowers the number here.
 *
 * @param processors of the machine
 * @throws ServingError `INVALID_ARGUMENT` for a negative number
 */
export function threadsOfApi(
  api: 'REST' | 'gRPC',
  flags: ThreadFlags,
  processors: number = availableParallelism(),
): ThreadsOfApi {
  const { serving_threads: given } = flags;
  const ofApi = flags[flagOfApi[api]];
  if (given < 0) {
    throw ServingError.invalidArgument(
      `--serving_threads must be 0 (one per processor) or a number from 1, got ${given}`,
    );
  }
  const before = given || processors;
  if (ofApi > 0 && ofApi < before) {
    const remark = `the ${api} API serves from ${ofApi} of ${before} threads: --${flagOfApi[api]}=${ofApi}`;
    return { threads: ofApi, remark };
  }
  if (given === 0 && flags.console_path !== '') {
    return {
      threads: 1,
      remark: `the ${api} API serves from 1 thread, all of which the console shows: --console_path`,
    };
  }
  return { threads: given || 'auto', remark: undefined };
}

/**
 * A module of this project's as an extension: loaded already for one thread, by its path for several, each of which loads its own.
 *
 * @param name of the package's entry
 */
export function extensionModule(
  name: string,
  loaded: Readonly<Record<string, unknown>>,
  threads: number | 'auto',
): ExtensionModule['module'] {
  if (threads === 1) return loaded;
  const url = pathToFileURL(createRequire(import.meta.url).resolve(name)).href;
  return builtModuleUrl(url.replace(/\.ts$/, '.js'), url);
}
