/** What the thread that compiles is given, and what it answers. */
import type { ErrorCode } from '@serving/core';
import type { CompiledSavedModel, CompileOptions } from '../compile-saved-model.js';
import type { KernelStep, ModelStep, Program } from '../program/program.js';

/** The arguments of `compileSavedModel`. */
export interface CompileRequest {
  readonly directory: string;
  readonly tags: readonly string[];
  readonly options: CompileOptions;
}

/** A program without its functions, which can't be posted. */
export interface PostedProgram extends Omit<Program, 'steps'> {
  readonly steps: readonly (ModelStep | Omit<KernelStep, 'kernel'>)[];
}

/** Programs, and the signatures of those with functions that can't be made again from what is posted; or an error. */
export type CompileReply =
  | {
      readonly ok: true;
      readonly programs: readonly PostedProgram[];
      readonly left: readonly string[];
      readonly refused: CompiledSavedModel['refused'];
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };
