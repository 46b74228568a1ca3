/** A session on compiled signatures for other threads, as plain data. */
import type { PlainError } from '@serving/core/internal';
import type { CompileOptions, ModelStep, Program } from '@serving/onnx-compiler';
import type { SharedOnnxContext } from '../session/onnx-context.js';
import type { ModelSessionOptions } from '../session/session-options.js';
import type { SharedModel, SharedModelStep } from './model-loader.js';

/** The SavedModel that programs are compiled from. */
export interface ProgramSource {
  readonly directory: string;
  readonly tags: readonly string[];
  readonly options: CompileOptions;
}

/** A program, or its signature where it has stages in TypeScript: functions can't be posted, so that each thread compiles it again. */
export type SharedProgram = { readonly program: Program } | { readonly signature: string };

export interface SharedProgramSession {
  readonly context: SharedOnnxContext;
  readonly options: ModelSessionOptions;
  readonly source: ProgramSource;
  readonly programs: readonly SharedProgram[];
  readonly models: readonly SharedModel[];
  readonly refused: readonly {
    readonly feeds: readonly string[];
    readonly fetches: readonly string[];
    readonly error: PlainError;
  }[];
}

const NO_BYTES = new Uint8Array(0);

/** @param hashOf a step's model, whose bytes other threads do not need */
export function toSharedProgram(program: Program, hashOf: (step: ModelStep) => string): SharedProgram {
  const steps: SharedModelStep[] = [];
  for (const step of program.steps) {
    if (step.kind === 'kernel') return { signature: program.signature };
    steps.push({ ...step, model: NO_BYTES, hash: hashOf(step) });
  }
  return { program: { ...program, steps } };
}
