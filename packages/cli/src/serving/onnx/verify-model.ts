/** `serving onnx --verify`: holds the compiled signatures of a model against TensorFlow. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import { createEngine, type SavedModelRuntime } from '@serving/engine';
import type { Program } from '@serving/onnx-compiler';
import { savedModelPlatform } from '@serving/savedmodel';
import { type ComparedAnswers, type Verification, verifySignature } from './verify-signature.js';

/** What is compared, and how. */
export interface VerifyModelOptions {
  readonly tags: readonly string[];
  /** Of the generated requests. */
  readonly seed: number;
  readonly tolerance: { readonly absolute: number; readonly relative: number };
}

/**
 * Loads a version on both engines and compares each program's answers. TensorFlow answers as it does behind a server, which refuses
 * requests that its kernels don't survive.
 *
 * @throws ServingError with the reason when an engine doesn't load the version.
 */
export async function verifyModel(
  directory: string,
  programs: readonly Program[],
  options: VerifyModelOptions,
): Promise<Verification[]> {
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const basePath = await mkdtemp(join(tmpdir(), 'serving-verify-'));
    closing.unshift(() => rm(basePath, { recursive: true }));
    await symlink(directory, join(basePath, '1'), 'junction');
    const server = await ModelServer.start({
      models: [{ name: MODEL, basePath }],
      platforms: {
        tensorflow: savedModelPlatform({ engine: 'tensorflow', tags: options.tags, intraOpThreads: 1, warmup: false }),
      },
      pollIntervalMs: 'once',
      maxNumLoadRetries: 0,
    });
    closing.unshift(() => server.close());

    const engine: SavedModelRuntime = await createEngine('onnx', { origin: import.meta.url });
    closing.unshift(async () => engine.close?.());
    const session = await engine.load(directory, options.tags, { intraOpThreads: 1 });
    closing.unshift(() => session.close());

    const answers: ComparedAnswers = {
      tensorflow: ({ signature, inputs, outputs }, values) => answerOf(server, signature, inputs, outputs, values),
      onnx: async ({ inputs, outputs }, values) =>
        session
          .prepare(
            inputs.map(({ tensor }) => tensor),
            outputs.map(({ tensor }) => tensor),
          )
          .run(values),
    };
    const results: Verification[] = [];
    for (const program of programs) results.push(await verifySignature(program, answers, options));
    return results;
  } finally {
    for (const close of closing) await close();
  }
}

const MODEL = 'model';

async function answerOf(
  server: ModelServer,
  signatureName: string,
  inputs: Program['inputs'],
  outputs: Program['outputs'],
  values: readonly Tensor[],
): Promise<Tensor[]> {
  const answered = await server.predict({
    model: MODEL,
    signatureName,
    inputs: Object.fromEntries(inputs.map(({ alias }, i) => [alias, values[i]!])),
  });
  return outputs.map(({ alias }) => answered.outputs[alias]!);
}
