/** The ONNX models of a session. */
import { createHash } from 'node:crypto';
import { parse } from 'node:path';
import { ServingError } from '@serving/core';
import type { RunLane } from '@serving/engine';
import type { Address } from '@serving/engine/native';
import type { ModelStep, Program } from '@serving/onnx-compiler';
import type { OnnxContext } from '../session/onnx-context.js';
import { OnnxModel } from '../session/onnx-model.js';
import type { ModelSessionOptions } from '../session/session-options.js';
import { KernelRunner } from './kernel-runner.js';
import { ModelRunner } from './model-runner.js';
import type { LoadedProgram, StepRunner } from './step-runner.js';

/** A loaded model by its address, which is the process's. */
export interface SharedModel {
  /** Of its bytes. */
  readonly hash: string;
  readonly session: Address;
}

/** A step whose bytes stay in the thread that loaded them. */
export interface SharedModelStep extends ModelStep {
  readonly hash: string;
}

/** Makes one session of models that are equal, as signatures of one computation have them. */
export class ModelLoader {
  readonly all: OnnxModel[] = [];
  readonly #context: OnnxContext;
  readonly #options: ModelSessionOptions;
  readonly lane: RunLane;
  readonly #byHash = new Map<string, OnnxModel>();
  readonly #hashes = new WeakMap<ModelStep, string>();

  constructor(context: OnnxContext, options: ModelSessionOptions) {
    this.#context = context;
    this.#options = options;
    this.lane = context.slots.openLane();
  }

  /** Uses models that another thread has loaded, and holds until all of this loader are closed. */
  useShared(models: readonly SharedModel[]): void {
    for (const { hash, session } of models) {
      const model = OnnxModel.ofShared(this.#context, session, this.lane);
      this.all.push(model);
      this.#byHash.set(hash, model);
    }
  }

  /** The models for other threads. */
  share(): SharedModel[] {
    return Array.from(this.#byHash, ([hash, model]) => ({ hash, session: model.address }));
  }

  /** The hash of the model of a step that was loaded. */
  hashOf(step: ModelStep): string {
    return this.#hashes.get(step) ?? (step as SharedModelStep).hash ?? hashOf(step.model);
  }

  async loadProgram(program: Program): Promise<LoadedProgram> {
    const steps: StepRunner[] = [];
    for (const step of program.steps) {
      if (step.kind === 'kernel') steps.push(new KernelRunner(step));
      else steps.push(new ModelRunner(step, await this.#loadOf(program, step)));
    }
    return { program, steps };
  }

  async #loadOf({ signature }: Program, step: ModelStep): Promise<OnnxModel> {
    try {
      return await this.#load(step);
    } catch (error) {
      const { code, message } = ServingError.from(error, 'INTERNAL');
      if (code !== 'INTERNAL' && code !== 'INVALID_ARGUMENT') throw error;
      throw new ServingError(
        'UNIMPLEMENTED',
        `ONNX Runtime refuses what signature "${signature}" compiles to: ${message}`,
        {
          cause: error,
        },
      );
    }
  }

  async #load(step: ModelStep): Promise<OnnxModel> {
    const { model: bytes, inputs, outputs } = step;
    const hash = this.hashOf(step);
    this.#hashes.set(step, hash);
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

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
