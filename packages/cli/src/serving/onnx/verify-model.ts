/** `serving onnx --verify`: holds the compiled signatures of a model against TensorFlow. */
import { createEngine, type SavedModelRuntime, type Session } from '@serving/engine';
import type { Program } from '@serving/onnx-compiler';
import { type Verification, verifySignature } from './verify-signature.js';

/** What is compared, and how. */
export interface VerifyModelOptions {
  readonly tags: readonly string[];
  /** Of the generated requests. */
  readonly seed: number;
  readonly tolerance: { readonly absolute: number; readonly relative: number };
}

/**
 * Loads a version on both engines and compares each program's answers.
 *
 * @throws ServingError with the reason when an engine doesn't load the version.
 */
export async function verifyModel(
  directory: string,
  programs: readonly Program[],
  options: VerifyModelOptions,
): Promise<Verification[]> {
  const closing: (() => Promise<void> | undefined)[] = [];
  const load = async (name: 'tensorflow' | 'onnx'): Promise<Session> => {
    const engine: SavedModelRuntime = await createEngine(name, { origin: import.meta.url });
    closing.unshift(() => engine.close?.());
    const session = await engine.load(directory, options.tags, { intraOpThreads: 1 });
    closing.unshift(() => session.close());
    return session;
  };
  try {
    const sessions = { tensorflow: await load('tensorflow'), onnx: await load('onnx') };
    const results: Verification[] = [];
    for (const program of programs) results.push(await verifySignature(program, sessions, options));
    return results;
  } finally {
    for (const close of closing) await close();
  }
}
