/** The compiled signatures of a model as a session that is asked by names of tensors. */
import { createHash } from 'node:crypto';
import { parse } from 'node:path';
import { ServingError } from '@serving/core';
import type { SlotsView } from '@serving/core/extend';
import type { PartialShape } from '@serving/core/tensor';
import type { PreparedRun, RunLane, Session } from '@serving/engine';
import { SessionRuns } from '@serving/engine/native';
import type { ModelStep, Program, ProgramInput, ProgramOutput } from '@serving/onnx-compiler';
import type { OnnxContext } from '../session/onnx-context.js';
import { OnnxModel } from '../session/onnx-model.js';
import type { ModelSessionOptions } from '../session/session-options.js';
import { KernelRunner } from './kernel-runner.js';
import { ModelRunner } from './model-runner.js';
import { ProgramRun, type RunnableProgram } from './program-run.js';
import { ProgramVariants } from './program-variants.js';
import type { LoadedProgram, StepRunner } from './step-runner.js';

/** Compiles a signature for other shapes of its inputs, by alias. */
export type CompileProgram = (
  signature: string,
  inputShapes: Readonly<Record<string, PartialShape>>,
) => Promise<Program>;

/** The tensors of a signature that can't run, and why. */
export interface RefusedRun {
  readonly feeds: readonly string[];
  readonly fetches: readonly string[];
  /** What runs of it are answered with. */
  readonly error: ServingError;
}

/** Its runs are counted, so that `close` frees the models after the last of them. */
export class ProgramSession implements Session {
  readonly slots: SlotsView;
  readonly unbatchedSignatures: ReadonlySet<string>;
  readonly #programs: readonly RunnableProgram[];
  readonly #refused: readonly RefusedRun[];
  readonly #models: readonly OnnxModel[];
  readonly #runs: SessionRuns;
  #closing: Promise<void> | undefined;

  private constructor(
    context: OnnxContext,
    programs: readonly RunnableProgram[],
    refused: readonly RefusedRun[],
    models: ModelLoader,
  ) {
    this.slots = context.slots;
    this.#runs = new SessionRuns(models.lane);
    this.#programs = programs;
    const unbatched = programs.filter(({ program }) => !program.batchable);
    this.unbatchedSignatures = new Set(unbatched.map(({ program }) => program.signature));
    this.#refused = refused;
    this.#models = models.all;
  }

  /**
   * Makes the sessions of all models. A load that fails leaves nothing behind.
   *
   * @param compile - for requests whose shapes differ from the declared ones; without it they are refused
   * @throws ServingError with ONNX Runtime's message.
   */
  static async load(
    context: OnnxContext,
    programs: readonly Program[],
    refused: readonly RefusedRun[],
    options: ModelSessionOptions,
    compile?: CompileProgram,
  ): Promise<ProgramSession> {
    const models = new ModelLoader(context, options);
    try {
      const runnable: RunnableProgram[] = [];
      for (const program of programs) {
        const loaded = await models.loadProgram(program);
        if (compile === undefined) runnable.push(loaded);
        else {
          const variants = new ProgramVariants(program, async (signature, inputShapes) =>
            models.loadProgram(await compile(signature, inputShapes)),
          );
          runnable.push({ ...loaded, variants });
        }
      }
      return new ProgramSession(context, runnable, refused, models);
    } catch (error) {
      for (const model of models.all) await model.close();
      throw error;
    }
  }

  prepare(feeds: readonly string[], fetches: readonly string[]): PreparedRun {
    this.#runs.throwIfClosed();
    const inputs = feeds.map(withIndex);
    const outputs = fetches.map(withIndex);
    for (const runnable of this.#programs) {
      const chosen = choose(runnable.program, inputs, outputs);
      if (chosen !== undefined) return new ProgramRun(runnable, chosen.inputs, chosen.outputs, this.#runs);
    }
    const refused = this.#refused.find((each) => isOf(each, inputs, outputs));
    throw refused?.error ?? outsideSignatures(inputs, outputs);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#runs.close();
    for (const model of this.#models) await model.close();
  }
}

/** Makes one session of models that are equal, as signatures of one computation have them. */
class ModelLoader {
  readonly all: OnnxModel[] = [];
  readonly #context: OnnxContext;
  readonly #options: ModelSessionOptions;
  readonly lane: RunLane;
  readonly #byHash = new Map<string, OnnxModel>();

  constructor(context: OnnxContext, options: ModelSessionOptions) {
    this.#context = context;
    this.#options = options;
    this.lane = context.slots.openLane();
  }

  async loadProgram(program: Program): Promise<LoadedProgram> {
    const steps: StepRunner[] = [];
    for (const step of program.steps) {
      steps.push(step.kind === 'kernel' ? new KernelRunner(step) : new ModelRunner(step, await this.#load(step)));
    }
    return { program, steps };
  }

  async #load(step: ModelStep): Promise<OnnxModel> {
    const { model: bytes, inputs, outputs } = step;
    const hash = createHash('sha256').update(bytes).digest('hex');
    const known = this.#byHash.get(hash);
    if (known !== undefined) return known;
    const isStatic = [...inputs, ...outputs].every(({ shape }) => shape?.every((size) => size >= 0));
    const model = await OnnxModel.load(
      this.#context,
      { bytes },
      { memoryPattern: isStatic, ...this.#options, externalDataFolder: parse(process.cwd()).root },
      this.lane,
    );
    this.all.push(model);
    this.#byHash.set(hash, model);
    return model;
  }
}

interface Chosen {
  readonly inputs: readonly ProgramInput[];
  readonly outputs: readonly ProgramOutput[];
}

/** The program's inputs and outputs of these names; `undefined` unless all inputs are fed, nothing else is, and all fetches are outputs. */
function choose(program: Program, feeds: readonly string[], fetches: readonly string[]): Chosen | undefined {
  if (feeds.length !== program.inputs.length) return undefined;
  const inputs: ProgramInput[] = [];
  for (const feed of feeds) {
    const input = program.inputs.find((each) => each.tensor === feed && !inputs.includes(each));
    if (input === undefined) return undefined;
    inputs.push(input);
  }
  const outputs = fetches.map((fetch) => program.outputs.find(({ tensor }) => tensor === fetch));
  return outputs.every((output) => output !== undefined) ? { inputs, outputs } : undefined;
}

function isOf(refused: RefusedRun, feeds: readonly string[], fetches: readonly string[]): boolean {
  return feeds.every((name) => refused.feeds.includes(name)) && fetches.every((name) => refused.fetches.includes(name));
}

function outsideSignatures(feeds: readonly string[], fetches: readonly string[]): ServingError {
  const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ') || 'nothing';
  return new ServingError(
    'UNIMPLEMENTED',
    `No signature takes ${list(feeds)} and returns ${list(fetches)}. On ONNX Runtime the tensors of a signature can be run, and ` +
      'all of its inputs must be fed; serve the model with TensorFlow (engine: "tensorflow") for others',
  );
}

/** `x` is short for `x:0`. */
function withIndex(name: string): string {
  return /:\d+$/.test(name) ? name : `${name}:0`;
}
