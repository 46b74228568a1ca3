/** Compiles large SavedModels on a thread, so that the event loop stays free. */
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ServingError } from '@serving/core';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { type CompiledSavedModel, type CompileOptions, compileSavedModel } from '../compile-saved-model.js';
import type { Program } from '../program/program.js';
import type { CompileReply, CompileRequest } from './compile-messages.js';

/** Smaller models compile in less time than a thread takes to start. */
const MIN_THREAD_BYTES = 2 ** 20;

/**
 * {@link compileSavedModel} that leaves the event loop free: files of a megabyte and more are compiled on a thread of their own. Signatures
 * with stages in TypeScript are compiled again on the caller's thread, since functions can't be posted.
 *
 * @throws ServingError as {@link compileSavedModel}.
 */
export async function compileSavedModelInThread(
  directory: string,
  tags: readonly string[],
  options: CompileOptions = {},
): Promise<CompiledSavedModel> {
  if ((await modelBytes(directory)) < MIN_THREAD_BYTES) return compileSavedModel(directory, tags, options);
  const reply = await ask({ directory, tags, options });
  if (!reply.ok) throw new ServingError(reply.code, reply.message);
  const programs = reply.programs.map(revived);
  if (reply.left.length === 0) return { programs, refused: reply.refused };
  const own = await compileSavedModel(directory, tags, { ...options, signatures: reply.left });
  return { programs: [...programs, ...own.programs], refused: reply.refused };
}

async function modelBytes(directory: string): Promise<number> {
  const variables = await readdir(join(directory, 'variables')).catch(() => []);
  const files = ['saved_model.pb', ...variables.map((name) => join('variables', name))];
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(directory, file)).catch(() => undefined))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
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

/** Strings arrive without their class. */
function revived(program: Program): Program {
  const tensor = (value: Tensor): Tensor => {
    if (value.dtype !== 'string') return value;
    const { bytes, offsets } = value.data;
    return { ...value, data: new StringArray(bytes, offsets) };
  };
  const outputs = program.outputs.map((output) =>
    typeof output.source === 'number' ? output : { ...output, source: tensor(output.source) },
  );
  return { ...program, outputs };
}
