/** A compiled signature as something to run: one value per input, in the order that was asked for. */
import { ServingError } from '@serving/core';
import { abortCause, limitError } from '@serving/core/internal';
import { formatPartialShape, isCompatibleShape, type Tensor } from '@serving/core/tensor';
import type { PreparedRun, SessionRunOptions } from '@serving/engine';
import type { Program, ProgramInput, ProgramOutput } from '@serving/onnx-compiler';
import { checkRange } from './check-range.js';
import type { ProgramVariants } from './program-variants.js';
import type { LoadedProgram, ProgramState, StepRunner } from './step-runner.js';

/** What a run asks of its session. */
export interface ProgramGate {
  /** Counts a run in; the error when the session takes no more. */
  enter(): ServingError | undefined;
  /** Counts it out. */
  leave(): void;
}

/** A program of a signature. */
export interface RunnableProgram extends LoadedProgram {
  /** For requests of other shapes. Absent: they are refused. */
  readonly variants?: ProgramVariants;
}

/** For a variant's run, which is part of a run of its program. */
const countedAlready: ProgramGate = { enter: () => undefined, leave: () => undefined };

/** Runs the steps in their order: those that take microseconds within the call, others with promises. */
export class ProgramRun implements PreparedRun {
  readonly #program: Program;
  readonly #steps: readonly StepRunner[];
  readonly #inputs: readonly ProgramInput[];
  readonly #outputs: readonly ProgramOutput[];
  readonly #gate: ProgramGate;
  readonly #variants: ProgramVariants | undefined;
  /** Of the variants, by the ranks of the values. */
  readonly #variantRuns = new Map<string, ProgramRun>();
  /** Values that models take. */
  readonly #modelInputs: ReadonlySet<number>;

  /**
   * @param inputs of the program, in the order of the values
   * @param outputs of the program, in the order of the results
   */
  constructor(
    { program, steps, variants }: RunnableProgram,
    inputs: readonly ProgramInput[],
    outputs: readonly ProgramOutput[],
    gate: ProgramGate,
  ) {
    this.#program = program;
    this.#steps = stepsFor(program, steps, outputs);
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#gate = gate;
    this.#variants = variants;
    this.#modelInputs = new Set(
      program.steps.flatMap((step) => (step.kind === 'model' ? step.inputs.map(({ value }) => value) : [])),
    );
  }

  run(values: readonly Tensor[], options?: SessionRunOptions): Tensor[] | Promise<Tensor[]> {
    const closed = this.#gate.enter();
    if (closed !== undefined) return Promise.reject(closed);
    try {
      if (options?.signal?.aborted) throw limitError(abortCause(options.signal));
      const unfit = this.#firstUnfit(values);
      const results =
        unfit === undefined
          ? this.#continue(this.#begin(values), 0, options)
          : (this.#variantRuns.get(ranksOf(values))?.run(values, options) ??
            this.#runNewVariant(values, options, unfit));
      if (results instanceof Promise) return results.finally(() => this.#gate.leave());
      this.#gate.leave();
      return results;
    } catch (error) {
      this.#gate.leave();
      return Promise.reject(ServingError.from(error, 'INTERNAL'));
    }
  }

  /**
   * The place of the first value whose shape the program was not compiled for.
   *
   * @throws ServingError `INVALID_ARGUMENT` for values of another number or dtype.
   */
  #firstUnfit(values: readonly Tensor[]): number | undefined {
    if (values.length !== this.#inputs.length) {
      throw ServingError.invalidArgument(`Expected ${this.#inputs.length} inputs, got ${values.length}`);
    }
    let first: number | undefined;
    for (let i = 0; i < values.length; i++) {
      const [input, value] = [this.#inputs[i]!, values[i]!];
      if (value.dtype !== input.dtype) throw this.#unfitError(input, value);
      if (!isCompatibleShape(value.shape, input.shape)) first ??= i;
    }
    return first;
  }

  #unfitError({ alias, dtype, shape }: ProgramInput, value: Tensor): ServingError {
    return ServingError.invalidArgument(
      `Input "${alias}" is ${value.dtype} of shape [${value.shape}]; signature "${this.#program.signature}" expects ` +
        `${dtype} of shape ${formatPartialShape(shape)}`,
    );
  }

  async #runNewVariant(
    values: readonly Tensor[],
    options: SessionRunOptions | undefined,
    unfit: number,
  ): Promise<Tensor[]> {
    const error = this.#unfitError(this.#inputs[unfit]!, values[unfit]!);
    if (this.#variants === undefined) throw error;
    const ranks = ranksOf(values);
    const variant = await this.#variants.get(this.#inputs, values, error);
    const run = this.#variantRuns.get(ranks) ?? this.#prepareVariant(variant);
    this.#variantRuns.set(ranks, run);
    return run.run(values, options);
  }

  #prepareVariant(variant: LoadedProgram): ProgramRun {
    const { inputs, outputs } = variant.program;
    return new ProgramRun(
      variant,
      this.#inputs.map(({ alias }) => inputs.find((input) => input.alias === alias)!),
      this.#outputs.map(({ alias }) => outputs.find((output) => output.alias === alias)!),
      countedAlready,
    );
  }

  /** @throws ServingError `INVALID_ARGUMENT` for ids out of range, `UNIMPLEMENTED` for inputs without elements. */
  #begin(values: readonly Tensor[]): ProgramState {
    const all = new Array<Tensor | undefined>(this.#program.valueCount);
    let isEmpty = false;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      all[this.#inputs[i]!.value] = value;
      if (value.data.length === 0) isEmpty = true;
    }
    const hasNoRows = isEmpty && this.#modelInputs.size > 0 && this.#hasNoRows(values);
    if (!hasNoRows) {
      if (isEmpty) this.#refuseEmpty(values);
      for (let i = 0; i < values.length; i++) checkRange(this.#inputs[i]!, values[i]!);
    }
    return { values: all, hasNoRows };
  }

  #continue(state: ProgramState, from: number, options: SessionRunOptions | undefined): Tensor[] | Promise<Tensor[]> {
    for (let at = from; at < this.#steps.length; at++) {
      const done = this.#steps[at]!.run(state, options);
      if (done !== undefined) return done.then(() => this.#continue(state, at + 1, options));
    }
    const results = new Array<Tensor>(this.#outputs.length);
    for (let i = 0; i < results.length; i++) {
      const { source } = this.#outputs[i]!;
      results[i] = typeof source === 'number' ? state.values[source]! : source;
    }
    return results;
  }

  /** ONNX Runtime takes no tensor without elements; kernels in TypeScript do. */
  #refuseEmpty(values: readonly Tensor[]): void {
    for (let i = 0; i < values.length; i++) {
      const { alias, value } = this.#inputs[i]!;
      if (values[i]!.data.length > 0 || !this.#modelInputs.has(value)) continue;
      throw new ServingError(
        'UNIMPLEMENTED',
        `Input "${alias}" of shape [${values[i]!.shape}] has no elements, with which signature "${this.#program.signature}" can't run on ONNX Runtime`,
      );
    }
  }

  /** Whether the request is one without rows that can be answered: all outputs have rows, or are the same for every request. */
  #hasNoRows(values: readonly Tensor[]): boolean {
    for (let i = 0; i < values.length; i++) {
      const [{ batched }, value] = [this.#inputs[i]!, values[i]!];
      if (batched ? value.shape[0] !== 0 : value.data.length === 0) return false;
    }
    for (const { alias, batched, source } of this.#outputs) {
      if (batched || typeof source === 'object') continue;
      throw new ServingError(
        'UNIMPLEMENTED',
        `Output "${alias}" of a request without rows (zero rows) is not supported on ONNX Runtime`,
      );
    }
    return true;
  }
}

function ranksOf(values: readonly Tensor[]): string {
  let ranks = '';
  for (let i = 0; i < values.length; i++) ranks += `${values[i]!.shape.length},`;
  return ranks;
}

/** The steps that the outputs depend on, and those that check a condition, in their order. */
function stepsFor(program: Program, runners: readonly StepRunner[], outputs: readonly ProgramOutput[]): StepRunner[] {
  const needed = new Set<number>();
  for (const { source } of outputs) if (typeof source === 'number') needed.add(source);
  const chosen: StepRunner[] = [];
  for (let at = program.steps.length - 1; at >= 0; at--) {
    const step = program.steps[at]!;
    const written = step.kind === 'model' ? step.outputs.map(({ value }) => value) : step.outputs;
    const isGuarded = step.kind === 'model' ? step.guards.length > 0 : step.outputs.length === 0;
    if (!isGuarded && !written.some((value) => needed.has(value))) continue;
    for (const input of step.inputs) needed.add(typeof input === 'number' ? input : input.value);
    chosen.unshift(runners[at]!);
  }
  return chosen;
}
