/** Runs requests on a version before it becomes available, so that its first client doesn't wait (`saved_model_warmup_util.cc`). */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ServingError, type Version } from '@serving/core';
import { fileErrorCode, type Signature } from '@serving/core/extend';
import { readTfRecords } from '@serving/protos/saved-model';
import { parseWarmupJson } from './warmup-json.js';
import { runWarmupRecord } from './warmup-record.js';
import { runWarmupRequest, type WarmupRequest, type WarmupTarget } from './warmup-request.js';

/** The version that the requests are for. */
export interface WarmupContext {
  readonly model: string;
  readonly version: Version;
  /** The version's folder. */
  readonly directory: string;
  readonly signatures: ReadonlyMap<string, Signature>;
}

/** How versions are warmed up. */
export interface WarmupOptions {
  /** Times that each request is run, one after the other. Default 1. */
  readonly numRequestIterations?: number;
  /** Requests that run at once. Default 1. */
  readonly numModelWarmupThreads?: number;
  /**
   * More requests than those of the version's record file, run after them: a function, or the path of a JSON file (see
   * `parseWarmupJson`). A relative path starts at the version's folder; a version without the file has no requests of it.
   */
  readonly requests?:
    | string
    | ((
        context: WarmupContext,
      ) => Iterable<WarmupRequest> | AsyncIterable<WarmupRequest> | Promise<Iterable<WarmupRequest>>);
}

/** The path of TensorFlow Serving's records, in the version's folder. */
export const WARMUP_RECORDS_PATH: string = 'assets.extra/tf_serving_warmup_requests';
const MAX_RECORDS = 1000;

/**
 * Runs the records of the version's folder, if it has any, then the requests of the options; resolves with how many requests there were.
 * After the first failure no further request begins, and those in flight are waited for. `onFile` is called with each file that is
 * found, before the first of its requests is run.
 *
 * @throws ServingError `DATA_LOSS` for a file that is not a record file, `INVALID_ARGUMENT` for a record that is not a PredictionLog and
 * for more than 1000, or what a request failed with, with its place in front.
 */
export async function warmUp(
  directory: string,
  target: WarmupTarget,
  options: WarmupOptions = {},
  onFile: (path: string) => void = () => undefined,
): Promise<number> {
  const { numRequestIterations = 1, numModelWarmupThreads = 1 } = options;
  const runs = allRuns(directory, target, options, onFile);
  let count = 0;
  let failure: ServingError | undefined;
  const work = async (): Promise<void> => {
    try {
      for (let next = await runs.next(); !next.done && !failure; next = await runs.next()) {
        const { place, run } = next.value;
        count++;
        try {
          for (let i = 0; i < numRequestIterations; i++) {
            target.signal.throwIfAborted();
            await run();
          }
        } catch (error) {
          throw ServingError.from(error).prefixed(`${place}: `);
        }
      }
    } catch (error) {
      failure ??= ServingError.from(error);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, numModelWarmupThreads) }, work));
  await runs.return(undefined);
  if (failure) throw failure;
  return count;
}

interface WarmupRun {
  /** What is run, for errors. */
  readonly place: string;
  readonly run: () => Promise<void>;
}

async function* allRuns(
  directory: string,
  target: WarmupTarget,
  { requests }: WarmupOptions,
  onFile: (path: string) => void,
): AsyncGenerator<WarmupRun> {
  const path = resolve(directory, WARMUP_RECORDS_PATH);
  let number = 0;
  const records = await readIfExists(path);
  if (records) onFile(path);
  for (const record of readTfRecords(records ?? new Uint8Array(0), path)) {
    yield { place: `Warm-up record ${++number} of ${path}`, run: () => runWarmupRecord(record, target) };
    if (number > MAX_RECORDS) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Number of warmup records exceeds the maximum (${MAX_RECORDS}) at ${path}`,
      );
    }
  }
  number = 0;
  for await (const request of await furtherRequests(directory, target, requests, onFile)) {
    yield { place: `Warm-up request ${++number}`, run: () => runWarmupRequest(request, target) };
  }
}

async function furtherRequests(
  directory: string,
  { id, servable }: WarmupTarget,
  requests: WarmupOptions['requests'],
  onFile: (path: string) => void,
): Promise<Iterable<WarmupRequest> | AsyncIterable<WarmupRequest>> {
  const { signatures } = servable;
  if (typeof requests === 'function') {
    return requests({ model: id.name, version: id.version, directory, signatures });
  }
  if (requests === undefined) return [];
  const path = resolve(directory, requests);
  const text = (await readIfExists(path))?.toString('utf8');
  if (text === undefined) return [];
  onFile(path);
  return parseWarmupJson(text, path, inputsOf(signatures));
}

/** The inputs of a signature; none for one that isn't there. */
export function inputsOf(signatures: ReadonlyMap<string, Signature>): (name: string | undefined) => readonly string[] {
  return (name) => [...(signatures.get(name || 'serving_default')?.inputs.keys() ?? [])];
}

async function readIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ServingError(fileErrorCode(cause), `Can't read ${path}: ${message}`, { cause });
  }
}
