/**
 * Programs for requests whose shapes differ from those that a signature declares: many models compute them all the same, and TensorFlow
 * Serving answers them. Whether such requests reach an engine is the server's choice (`enforceSignatureShapes`).
 */
import { ServingError } from '@serving/core';
import type { PartialShape, Tensor } from '@serving/core/tensor';
import type { Program, ProgramInput } from '@serving/onnx-compiler';
import type { LoadedProgram } from './step-runner.js';

/** Compiles a signature for inputs of these shapes, by alias, and makes its sessions. */
export type CompileVariant = (
  signature: string,
  inputShapes: Readonly<Record<string, PartialShape>>,
) => Promise<LoadedProgram>;

/** Each has its sessions and their memory. */
const MAX_VARIANTS = 4;

/** The variants of a program, by the ranks of their inputs. They are compiled with the first request of such ranks. */
export class ProgramVariants {
  readonly #program: Program;
  readonly #compile: CompileVariant;
  readonly #byRanks = new Map<string, Promise<LoadedProgram>>();

  constructor(program: Program, compile: CompileVariant) {
    this.#program = program;
    this.#compile = compile;
  }

  /**
   * Returns the program for inputs of the values' ranks.
   *
   * @throws ServingError `INVALID_ARGUMENT` as `unfit` when the signature can't be compiled for them, or when there are too many.
   */
  async get(inputs: readonly ProgramInput[], values: readonly Tensor[], unfit: ServingError): Promise<LoadedProgram> {
    const ranks = this.#program.inputs.map((input) => values[inputs.indexOf(input)]!.shape.length);
    const key = ranks.join();
    let compiled = this.#byRanks.get(key);
    if (compiled === undefined) {
      if (this.#byRanks.size >= MAX_VARIANTS) throw unfit;
      const shapes = inputs.map(({ alias }, i) => [alias, values[i]!.shape.map(() => -1)] as const);
      compiled = this.#compile(this.#program.signature, Object.fromEntries(shapes));
      this.#byRanks.set(key, compiled);
    }
    try {
      return await compiled;
    } catch (error) {
      throw new ServingError(unfit.code, unfit.message, { cause: error });
    }
  }
}
