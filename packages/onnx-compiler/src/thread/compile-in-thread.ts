/** Compiles large SavedModels on a thread, so that the event loop stays free. */
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ServingError } from '@serving/core';
import {
  type CompiledSavedModel,
  type CompileOptions,
  compileReading,
  compileSavedModel,
} from '../compile-saved-model.js';
import type { CompileReply, CompileRequest } from './compile-messages.js';
import { revivedProgram } from './revived-program.js';

/** Graphs from this size on take longer to compile than the event loop should wait. */
const MIN_THREAD_GRAPH_BYTES = 100 * 2 ** 10;
/** So many bytes of weights are read, and written in another layout, on the caller's thread. Weights that are only pointed at are not read. */
const MAX_READ_BYTES = 4 * 2 ** 20;

/**
 * {@link compileSavedModel} that leaves the event loop free: what takes longer than a thread's start is compiled on a thread of its own.
 * Signatures with control flow or conditions in TypeScript are compiled again on the caller's thread, since functions can't be posted.
 *
 * @throws ServingError as {@link compileSavedModel}.
 */
export async function compileSavedModelInThread(
  directory: string,
  tags: readonly string[],
  options: CompileOptions = {},
): Promise<CompiledSavedModel> {
  const small = await compileSmallModel(directory, tags, options);
  if (small !== undefined) return small;
  const reply = await ask({ directory, tags, options });
  if (!reply.ok) throw new ServingError(reply.code, reply.message);
  const programs = reply.programs.map(revivedProgram);
  if (reply.left.length === 0) return { programs, refused: reply.refused };
  const own = await compileSavedModel(directory, tags, { ...options, signatures: reply.left });
  return { programs: [...programs, ...own.programs], refused: reply.refused };
}

/** Returns `undefined` for a model that is for a thread. */
async function compileSmallModel(
  directory: string,
  tags: readonly string[],
  options: CompileOptions,
): Promise<CompiledSavedModel | undefined> {
  const graph = await stat(join(directory, 'saved_model.pb')).catch(() => undefined);
  if (graph !== undefined && graph.size >= MIN_THREAD_GRAPH_BYTES) return undefined;
  let bytesRead = 0;
  try {
    const compiled = await compileReading(directory, tags, options, (bytes) => {
      bytesRead += bytes;
      if (bytesRead > MAX_READ_BYTES) throw new ServingError('RESOURCE_EXHAUSTED', 'Too much to read on this thread');
    });
    return bytesRead > MAX_READ_BYTES ? undefined : compiled;
  } catch (error) {
    if (bytesRead > MAX_READ_BYTES) return undefined;
    throw error;
  }
}

async function ask(request: CompileRequest): Promise<CompileReply> {
  const isSource = import.meta.url.endsWith('.ts');
  const script = isSource
    ? new URL('../../dist/thread/compile-worker.js', import.meta.url)
    : new URL('./compile-worker.js', import.meta.url);
  // The host's own flags (loaders, import conditions) are not meant for this thread.
  const worker = new Worker(script, { workerData: request, execArgv: [] });
  const ended = new AbortController();
  const exit = once(worker, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new ServingError('INTERNAL', `The thread that compiles ${request.directory} ended with code ${code}`);
  });
  exit.catch(() => undefined);
  try {
    const [reply] = (await Promise.race([once(worker, 'message'), exit])) as [CompileReply];
    return reply;
  } finally {
    ended.abort();
    await worker.terminate();
  }
}
