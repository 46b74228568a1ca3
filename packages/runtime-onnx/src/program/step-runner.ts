/** What runs one step of a program. */

import type { Tensor } from '@serving/core/tensor';
import type { SessionRunOptions } from '@serving/engine';
import type { Program } from '@serving/onnx-compiler';

/** One run of a program. */
export interface ProgramState {
  /** By the value's number; a step reads those of its inputs and writes those of its outputs. */
  readonly values: (Tensor | undefined)[];
  /** Whether the request has no rows, so that models run with one row, which is cut off. */
  readonly hasNoRows: boolean;
}

/** Runs a step: at once, or with a promise where it takes longer. */
export interface StepRunner {
  /** @throws ServingError what the run fails of, thrown or rejected */
  run(state: ProgramState, options: SessionRunOptions | undefined): undefined | Promise<void>;
}

/** A program whose steps can run. */
export interface LoadedProgram {
  readonly program: Program;
  readonly steps: readonly StepRunner[];
}
