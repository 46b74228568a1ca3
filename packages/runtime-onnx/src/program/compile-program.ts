/** Compiles signatures again, for requests of other shapes than declared. */
import { compileSavedModelInThread } from '@serving/onnx-compiler';
import type { CompileProgram } from './program-session.js';
import type { ProgramSource } from './shared-program.js';

export function compileProgramOf({ directory, tags, options }: ProgramSource): CompileProgram {
  return async (signature, inputShapes) => {
    const compiled = await compileSavedModelInThread(directory, tags, {
      ...options,
      signatures: [signature],
      inputShapes,
    });
    return compiled.programs[0]!;
  };
}
