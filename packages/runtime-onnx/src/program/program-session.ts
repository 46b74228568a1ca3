/** The compiled signatures of a model as a session that is asked by names of tensors. */
import { ServingError } from '@serving/core';
import type { SlotsView } from '@serving/core/extend';
import { builtModuleUrl, toPlainError } from '@serving/core/internal';
import type { PartialShape } from '@serving/core/tensor';
import type { PreparedRun, Session, SharedSession } from '@serving/engine';
import { SessionRuns } from '@serving/engine/native';
import type { Program, ProgramInput, ProgramOutput } from '@serving/onnx-compiler';
import type { OnnxContext } from '../session/onnx-context.js';
import type { ModelSessionOptions } from '../session/session-options.js';
import { ModelLoader, type SharedModel } from './model-loader.js';
import { ProgramRun, type RunnableProgram } from './program-run.js';
import { ProgramVariants } from './program-variants.js';
import { type ProgramSource, type SharedProgramSession, toSharedProgram } from './shared-program.js';

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

/** What a session is made of beside its programs. */
export interface ProgramSessionParts {
  readonly context: OnnxContext;
  readonly options: ModelSessionOptions;
  readonly refused: readonly RefusedRun[];
  /** For requests whose shapes differ from the declared ones; without it they are refused. */
  readonly compile?: CompileProgram | undefined;
  /** Where programs come from, for other threads; without it they can't run it. */
  readonly source?: ProgramSource | undefined;
  /** Models that another thread has loaded. */
  readonly shared?: readonly SharedModel[];
}

/** Its runs are counted, so that `close` frees the models after the last of them. */
export class ProgramSession implements Session {
  readonly libraryVersion: string;
  readonly slots: SlotsView;
  readonly unbatchedSignatures: ReadonlySet<string>;
  readonly #parts: ProgramSessionParts;
  readonly #programs: readonly RunnableProgram[];
  readonly #models: ModelLoader;
  readonly #runs: SessionRuns;
  #closing: Promise<void> | undefined;

  private constructor(parts: ProgramSessionParts, programs: readonly RunnableProgram[], models: ModelLoader) {
    this.libraryVersion = parts.context.api.version;
    this.slots = parts.context.slots;
    this.#parts = parts;
    this.#runs = new SessionRuns(models.lane);
    this.#programs = programs;
    const unbatched = programs.filter(({ program }) => !program.batchable);
    this.unbatchedSignatures = new Set(unbatched.map(({ program }) => program.signature));
    this.#models = models;
  }

  /**
   * Makes the sessions of all models. A load that fails leaves nothing behind.
   *
   * @throws ServingError with ONNX Runtime's message.
   */
  static async load(programs: readonly Program[], parts: ProgramSessionParts): Promise<ProgramSession> {
    const { context, options, compile, shared = [] } = parts;
    const models = new ModelLoader(context, options);
    try {
      models.useShared(shared);
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
      return new ProgramSession(parts, runnable, models);
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
    const refused = this.#parts.refused.find((each) => isOf(each, inputs, outputs));
    throw refused?.error ?? outsideSignatures(inputs, outputs);
  }

  share(): SharedSession | undefined {
    const { context, options, refused, source } = this.#parts;
    if (source === undefined) return undefined;
    const data: SharedProgramSession = {
      context: context.share(),
      options,
      source,
      programs: this.#programs.map(({ program }) => toSharedProgram(program, (step) => this.#models.hashOf(step))),
      models: this.#models.share(),
      refused: refused.map(({ error, ...run }) => ({ ...run, error: toPlainError(error) })),
    };
    return { module: builtModuleUrl('./shared-session.js', import.meta.url), data };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#runs.close();
    for (const model of this.#models.all) await model.close();
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
