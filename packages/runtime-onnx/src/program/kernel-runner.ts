/** The step of a program that runs an operation in TypeScript. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import type { KernelStep } from '@serving/onnx-compiler';
import type { ProgramState, StepRunner } from './step-runner.js';

/** Runs the kernel in place. */
export class KernelRunner implements StepRunner {
  readonly #step: KernelStep;

  constructor(step: KernelStep) {
    this.#step = step;
  }

  run(state: ProgramState): undefined {
    const { inputs, outputs } = this.#step;
    const values = new Array<Tensor>(inputs.length);
    for (let i = 0; i < values.length; i++) values[i] = state.values[inputs[i]!]!;
    const results = this.#compute(values);
    for (let i = 0; i < outputs.length; i++) state.values[outputs[i]!] = results[i]!;
  }

  #compute(values: readonly Tensor[]): Tensor[] {
    const { kernel, context, op, node } = this.#step;
    try {
      return kernel(values, context);
    } catch (error) {
      if (error instanceof ServingError) throw error;
      throw ServingError.from(error, 'INTERNAL').prefixed(`${op} (node ${node}): `);
    }
  }
}
