/** The engine `auto`: TensorFlow where its library is installed, ONNX Runtime elsewhere. */
import { ServingError } from '@serving/core';
import {
  type EngineName,
  estimateFileBytes,
  findLibrary,
  type LoadedFor,
  type RuntimeDescription,
  type SavedModelRuntime,
  type Session,
  type SessionOptions,
} from '@serving/engine';

/** What {@link autoRuntime} chooses from. */
export interface AutoRuntimeEngines {
  /** Made or returned for each load that it gets. */
  readonly tensorflow: () => Promise<SavedModelRuntime>;
  /** The same for ONNX Runtime. It must refuse a model of which it can't run all signatures (`onnxRuntime({ strict: true })`). */
  readonly onnx: () => Promise<SavedModelRuntime>;
  /** Whether TensorFlow's library is there. Default: whether {@link findLibrary} finds it. */
  readonly hasTensorFlow?: () => Promise<boolean>;
}

/** An engine of several. */
export interface AutoRuntime extends SavedModelRuntime {
  /** Returns one of those that it chooses from. */
  engineNamed(name: EngineName): Promise<SavedModelRuntime> | undefined;
}

/**
 * Loads models with TensorFlow where its library is installed, and with ONNX Runtime otherwise. A model that ONNX Runtime refuses goes
 * to TensorFlow when that has been installed meanwhile; otherwise its load rejects with every reason and the command that installs it.
 */
export function autoRuntime(engines: AutoRuntimeEngines): AutoRuntime {
  return new ChoosingRuntime(engines);
}

class ChoosingRuntime implements AutoRuntime {
  readonly name: string = 'auto';
  readonly sharesSessions: boolean = true;
  readonly #engines: AutoRuntimeEngines;
  #session: SessionOptions | undefined;
  #lookUp: Promise<boolean> | undefined;

  constructor(engines: AutoRuntimeEngines) {
    this.#engines = engines;
  }

  configure(session: SessionOptions): void {
    this.#session = session;
  }

  engineNamed(name: EngineName): Promise<SavedModelRuntime> | undefined {
    if (name === 'tensorflow') return this.#tensorflow();
    return name === 'onnx' ? this.#engines.onnx() : undefined;
  }

  async describe(): Promise<RuntimeDescription> {
    if (await this.#hasTensorFlow()) return (await this.#tensorflow()).describe();
    try {
      return await (await this.#engines.onnx()).describe();
    } catch (error) {
      throw withTensorFlowCommand(error);
    }
  }

  async load(
    directory: string,
    tags: readonly string[],
    options: SessionOptions,
    loadedFor?: LoadedFor,
  ): Promise<Session> {
    const load = (runtime: SavedModelRuntime): Promise<Session> =>
      loadNamed(runtime, directory, tags, options, loadedFor);
    if (await this.#hasTensorFlow()) return load(await this.#tensorflow());
    try {
      return await load(await this.#engines.onnx());
    } catch (error) {
      const { code } = ServingError.from(error);
      if (code !== 'UNIMPLEMENTED' && code !== 'FAILED_PRECONDITION') throw error;
      this.#lookUp = undefined;
      if (await this.#hasTensorFlow()) return load(await this.#tensorflow());
      throw withTensorFlowCommand(error);
    }
  }

  estimateBytes(directory: string): Promise<number> {
    return estimateFileBytes(directory);
  }

  async #tensorflow(): Promise<SavedModelRuntime> {
    const runtime = await this.#engines.tensorflow();
    if (this.#session !== undefined) runtime.configure?.(this.#session);
    return runtime;
  }

  /** Looked up once, which may start Python, and again for a model that ONNX Runtime refuses. */
  #hasTensorFlow(): Promise<boolean> {
    this.#lookUp ??= (this.#engines.hasTensorFlow ?? findTensorFlow)();
    return this.#lookUp;
  }
}

/** A session with the name of its engine. */
async function loadNamed(runtime: SavedModelRuntime, ...load: Parameters<SavedModelRuntime['load']>): Promise<Session> {
  const session = await runtime.load(...load);
  return {
    engine: runtime.name,
    libraryVersion: session.libraryVersion,
    slots: session.slots,
    unbatchedSignatures: session.unbatchedSignatures,
    prepare: (feeds, fetches) => session.prepare(feeds, fetches),
    share: () => session.share?.(),
    close: () => session.close(),
  };
}

function findTensorFlow(): Promise<boolean> {
  return findLibrary({ engine: 'tensorflow' }).then(
    () => true,
    () => false,
  );
}

function withTensorFlowCommand(error: unknown): ServingError {
  const { code, message } = ServingError.from(error);
  return new ServingError(
    code,
    `${message}\nTensorFlow's library is not installed; \`npx serving-engine install tensorflow\` brings it.`,
    { cause: error },
  );
}
