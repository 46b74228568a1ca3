/** The step of a program that runs an ONNX model, guards included. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import type { PreparedRun, SessionRunOptions } from '@serving/engine';
import type { ModelStep } from '@serving/onnx-compiler';
import type { OnnxModel } from '../session/onnx-model.js';
import { guardMessage, messageOutputs } from './guard-message.js';
import type { ProgramState, StepRunner } from './step-runner.js';
import { withOneRow, withoutRows } from './zero-rows.js';

/** Feeds values of the run to the model and keeps its outputs as values. */
export class ModelRunner implements StepRunner {
  readonly #step: ModelStep;
  readonly #model: OnnxModel;
  readonly #inputNames: readonly string[];
  readonly #prepared: PreparedRun;
  /** Runs for the values of messages, by the guard's number. */
  readonly #messages = new Map<number, PreparedRun>();

  constructor(step: ModelStep, model: OnnxModel) {
    this.#step = step;
    this.#model = model;
    this.#inputNames = step.inputs.map(({ name }) => name);
    const outputs = [...step.outputs.map(({ name }) => name), ...step.guards.map(({ output }) => output)];
    this.#prepared = model.prepare(this.#inputNames, outputs, ({ operator, name }) => {
      const ours = step.nodeNames.get(name) ?? name;
      return ours === '' ? operator : `${operator} (node ${ours})`;
    });
  }

  run(state: ProgramState, options: SessionRunOptions | undefined): undefined | Promise<void> {
    const values = new Array<Tensor>(this.#step.inputs.length);
    for (let i = 0; i < values.length; i++) values[i] = state.values[this.#step.inputs[i]!.value]!;
    const padded = state.hasNoRows ? withOneRow(values, this.#inputNames) : values;
    const results = this.#prepared.run(padded, options);
    if (results instanceof Promise) return results.then((outputs) => this.#keep(outputs, padded, state, options));
    return this.#keep(results, padded, state, options) as undefined | Promise<void>;
  }

  #keep(
    results: readonly Tensor[],
    inputs: readonly Tensor[],
    state: ProgramState,
    options: SessionRunOptions | undefined,
  ): void | Promise<void> {
    const { outputs, guards } = this.#step;
    for (let i = 0; i < outputs.length; i++) {
      const { value, shape } = outputs[i]!;
      state.values[value] = state.hasNoRows ? withoutRows(results[i]!, shape) : results[i]!;
    }
    // A row of zeros may be one that a guard refuses.
    if (state.hasNoRows) return;
    for (let i = 0; i < guards.length; i++) {
      if (!(results[outputs.length + i]!.data as Uint8Array)[0]) return this.#fail(i, inputs, options);
    }
  }

  /** Runs once more for the values that the message shows, which no other run needs. */
  async #fail(index: number, inputs: readonly Tensor[], options: SessionRunOptions | undefined): Promise<never> {
    const guard = this.#step.guards[index]!;
    const names = messageOutputs(guard);
    const values = new Map<string, Tensor>();
    if (names.length > 0) {
      const prepared = this.#messages.get(index) ?? this.#model.prepare(this.#inputNames, names);
      this.#messages.set(index, prepared);
      const results = await prepared.run(inputs, options);
      for (const [i, name] of names.entries()) values.set(name, results[i]!);
    }
    throw ServingError.invalidArgument(guardMessage(guard, values));
  }
}
