/** The engines that a platform makes by name. */
import { createEngine, type EngineName, type ModelProcessOptions, type SavedModelRuntime } from '@serving/engine';
import { isolatedRuntime } from '@serving/engine/internal';
import type { OnnxRuntimeOptions } from '@serving/runtime-onnx';
import { type AutoRuntime, autoRuntime } from './auto-runtime.js';

/** Makes each engine once, at the first load that needs it. */
export class PlatformEngines {
  readonly #own: SavedModelRuntime | undefined;
  readonly #made = new Map<string, Promise<SavedModelRuntime>>();

  /**
   * @param own the engine that the platform was given; it is taken where a model asks for its name without `onnx` options of its own, and
   * never closed
   */
  constructor(own: SavedModelRuntime | undefined) {
    this.#own = own;
  }

  /**
   * An engine whose models run in processes of their own.
   *
   * @throws ServingError `UNIMPLEMENTED` where that is not supported.
   */
  async isolated(
    name: EngineName | 'auto' | SavedModelRuntime,
    onnx: OnnxRuntimeOptions | undefined,
    options: ModelProcessOptions,
  ): Promise<SavedModelRuntime> {
    const engine = typeof name === 'object' ? name : await this.get(name, onnx);

    if (!('engineNamed' in engine)) return isolatedRuntime(engine, options);
    const auto = engine as AutoRuntime;
    return autoRuntime({
      tensorflow: async () => isolatedRuntime((await auto.engineNamed('tensorflow'))!, options),
      onnx: async () => isolatedRuntime((await auto.engineNamed('onnx'))!, options),
    });
  }

  /** @param onnx options of ONNX Runtime, each choice of which is an engine of its own */
  async get(name: EngineName | 'auto', onnx: OnnxRuntimeOptions = {}): Promise<SavedModelRuntime> {
    const own = this.#ownNamed(name, onnx);
    if (own !== undefined) return own;
    if (name === 'auto') return this.#once(`auto ${JSON.stringify(onnx)}`, async () => this.#auto(onnx));
    if (name === 'onnx') return this.#once(`onnx ${JSON.stringify(onnx)}`, () => makeOnnx(onnx));
    return this.#once(name, () => makeEngine(name));
  }

  /** Closes those that were made. */
  async close(): Promise<void> {
    const engines = [...this.#made.values()];
    this.#made.clear();
    // One that could not be made failed its load, and there is nothing to close.
    for (const engine of engines) await (await engine.catch(() => undefined))?.close?.();
  }

  #auto(onnx: OnnxRuntimeOptions): AutoRuntime {
    return autoRuntime({
      tensorflow: () => this.get('tensorflow'),
      onnx: () => this.get('onnx', { ...onnx, strict: true }),
    });
  }

  #ownNamed(
    name: EngineName | 'auto',
    onnx: OnnxRuntimeOptions,
  ): SavedModelRuntime | Promise<SavedModelRuntime> | undefined {
    if ((name === 'onnx' || name === 'auto') && Object.keys(onnx).length > 0) return undefined;
    if (this.#own === undefined || this.#own.name === name) return this.#own;
    return name !== 'auto' && 'engineNamed' in this.#own ? (this.#own as AutoRuntime).engineNamed(name) : undefined;
  }

  async #once(key: string, make: () => Promise<SavedModelRuntime>): Promise<SavedModelRuntime> {
    const made = this.#made.get(key) ?? make();
    this.#made.set(key, made);
    try {
      return await made;
    } catch (error) {
      // A later load may find what is missing now.
      if (this.#made.get(key) === made) this.#made.delete(key);
      throw error;
    }
  }
}

/** TensorFlow's engine is a dependency of this package; another is the application's. */
async function makeEngine(name: EngineName): Promise<SavedModelRuntime> {
  if (name !== 'tensorflow') return createEngine(name, { origin: import.meta.url });
  const { tensorflowRuntime } = await import('@serving/runtime-tensorflow');
  return tensorflowRuntime();
}

/** ONNX Runtime's is one, too. */
async function makeOnnx(options: OnnxRuntimeOptions): Promise<SavedModelRuntime> {
  const { onnxRuntime } = await import('@serving/runtime-onnx');
  return onnxRuntime(options);
}
