/** Opens ONNX Runtime when the first model of a runtime needs it. */
import { ServingError } from '@serving/core';
import type { RuntimeDescription } from '@serving/engine';
import { type OnnxLibraryOptions, openOnnxContext } from './open-onnx-context.js';
import type { OnnxContext } from './session/onnx-context.js';

/** One context for all models of a runtime. */
export class LazyOnnxContext {
  readonly #options: OnnxLibraryOptions;
  readonly #onOpen: (() => unknown) | undefined;
  #context: Promise<OnnxContext> | undefined;

  /** @param onOpen called when the library is about to be looked up */
  constructor(options: OnnxLibraryOptions, onOpen?: () => unknown) {
    this.#options = options;
    this.#onOpen = onOpen;
  }

  /** A failed look-up is not kept: the library may be installed while the process runs. */
  open(): Promise<OnnxContext> {
    if (this.#context === undefined) this.#onOpen?.();
    this.#context ??= openOnnxContext(this.#options).catch((error: unknown) => {
      this.#context = undefined;
      throw ServingError.from(error, 'INTERNAL');
    });
    return this.#context;
  }

  async describe(name: string): Promise<RuntimeDescription> {
    const { api, path } = await this.open();
    return { name, libraryVersion: api.version, libraryPath: path, devices: ['CPU'] };
  }
}
