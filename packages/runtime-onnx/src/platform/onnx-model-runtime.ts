/** ONNX models as an engine loads them: what the platform runs in its own process or another. */

import { ServingError } from '@serving/core';
import { builtModuleUrl } from '@serving/core/internal';
import {
  type EngineSource,
  estimateFileBytes,
  type LoadedFor,
  type RuntimeDescription,
  type SavedModelRuntime,
  type Session,
  type SessionOptions,
} from '@serving/engine';
import { LazyOnnxContext } from '../lazy-onnx-context.js';
import { findOnnxLibrary, type OnnxLibraryOptions } from '../open-onnx-context.js';
import { OnnxModel } from '../session/onnx-model.js';
import type { ModelSessionOptions, WeightsMode } from '../session/session-options.js';
import { modelSession } from './model-session.js';
import { isStaticModel, type OnnxModelFile, readOnnxModel } from './read-onnx-model.js';

/** How models are loaded and run. Plain data. */
export interface OnnxModelRuntimeOptions extends OnnxLibraryOptions {
  readonly weights?: WeightsMode;
}

/** Made by the platform, and by a process that runs one of its models. */
export function onnxModelRuntime(options: OnnxModelRuntimeOptions): OnnxModelRuntime {
  return new OnnxModelRuntime(options);
}

/** Loads folders with `model.onnx`; their sessions run by names of inputs and outputs. */
export class OnnxModelRuntime implements SavedModelRuntime {
  readonly name: string = 'onnx';
  readonly #options: OnnxModelRuntimeOptions;
  readonly #context: LazyOnnxContext;

  constructor(options: OnnxModelRuntimeOptions) {
    this.#options = options;
    this.#context = new LazyOnnxContext(options);
  }

  describe(): Promise<RuntimeDescription> {
    return this.#context.describe(this.name);
  }

  async load(
    directory: string,
    _tags: readonly string[],
    { intraOpThreads }: SessionOptions,
    { hasOwnProcess }: LoadedFor = {},
  ): Promise<Session> {
    const { weights } = this.#options;
    return this.loadFile(await readOnnxModel(directory), { intraOpThreads, weights, hasOwnProcess });
  }

  /** Loads a model that has been read already. */
  async loadFile(
    { bytes, graph, folder }: OnnxModelFile,
    options: Pick<ModelSessionOptions, 'intraOpThreads' | 'weights' | 'hasOwnProcess'>,
  ): Promise<Session> {
    const context = await this.#context.open();
    const model = await OnnxModel.load(
      context,
      { bytes },
      { memoryPattern: isStaticModel(graph), ...options, externalDataFolder: folder },
    ).catch(throwModelError);
    return modelSession(model, context);
  }

  estimateBytes(directory: string): Promise<number> {
    return estimateFileBytes(directory);
  }

  async source(): Promise<EngineSource> {
    return {
      program: builtModuleUrl('../model-process/main.js', import.meta.url),
      module: builtModuleUrl('../model-process/onnx-model-runtime.js', import.meta.url),
      factory: 'onnxModelRuntime',
      options: { ...this.#options, libraryPath: await findOnnxLibrary(this.#options) },
    };
  }
}

/** What ONNX Runtime can't load is a fault of the model's file. */
function throwModelError(error: unknown): never {
  const { code, message } = ServingError.from(error);
  throw new ServingError(code === 'INTERNAL' ? 'INVALID_ARGUMENT' : code, message, { cause: error });
}
