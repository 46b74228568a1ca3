/** Loads and unloads one version of an ONNX model. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ServableId, ServingError } from '@serving/core';
import {
  fileError,
  fileErrorCode,
  type InferenceServable,
  type LoadContext,
  type Loader,
  type ResourceEstimate,
  type StoragePath,
} from '@serving/core/extend';
import { estimateFileBytes } from '@serving/engine';
import { checkModel } from '../model-file/check-model.js';
import { checkExternalData } from '../model-file/external-data.js';
import type { OnnxGraphOutline } from '../model-file/model-outline.js';
import { readModelOutline } from '../model-file/read-model-outline.js';
import { replaceZipMaps } from '../model-file/replace-zip-maps.js';
import type { OnnxContext } from '../session/onnx-context.js';
import { OnnxModel } from '../session/onnx-model.js';
import type { ModelSessionOptions } from '../session/session-options.js';
import { modelSignature } from './model-signature.js';
import { OnnxServable } from './onnx-servable.js';

/** The file of a model in its version's folder. */
const MODEL_FILE_NAME = 'model.onnx';

/** A version that is warmed up. */
export interface OnnxWarmupTarget {
  readonly id: ServableId;
  readonly servable: InferenceServable;
  /** Aborted when the version is no longer wanted. */
  readonly signal: AbortSignal;
}

/** How a version is loaded. */
export interface OnnxLoaderOptions extends ModelSessionOptions {
  /** Asked at each load. May reject, which fails that load. */
  readonly context: () => Promise<OnnxContext>;
  /** Called at the end of a load; a rejection fails it. */
  readonly warmup?: ((directory: string, target: OnnxWarmupTarget) => Promise<unknown>) | undefined;
}

/** What is checked is what is loaded: the file is read once. A load error names model, version and folder. */
export class OnnxLoader implements Loader {
  /** The version's folder. */
  readonly path: StoragePath;
  readonly #options: OnnxLoaderOptions;
  #servable: OnnxServable | undefined;

  constructor(directory: StoragePath, options: OnnxLoaderOptions) {
    this.path = directory;
    this.#options = options;
  }

  async estimateResources(): Promise<ResourceEstimate> {
    return { ramBytes: await estimateFileBytes(this.path) };
  }

  async load({ id, signal }: LoadContext): Promise<void> {
    try {
      this.#servable = await this.#load(id, signal);
    } catch (error) {
      const place = `Loading model ${id.name} version ${id.version} from ${this.path} failed: `;
      throw ServingError.from(error).prefixed(place);
    }
  }

  get engine(): string {
    return 'onnx';
  }

  getServable(): OnnxServable {
    if (!this.#servable) throw new ServingError('FAILED_PRECONDITION', `${this.path} is not loaded`);
    return this.#servable;
  }

  async unload(): Promise<void> {
    const servable = this.#servable;
    this.#servable = undefined;
    await servable?.close();
  }

  async #load(id: ServableId, signal: AbortSignal): Promise<OnnxServable> {
    const { bytes, graph, folder } = await this.#readModel();
    signal.throwIfAborted();
    const context = await this.#options.context();
    const isStatic = [...graph.inputs, ...graph.outputs].every(
      ({ type }) => type.kind === 'tensor' && type.shape?.every(({ size }) => size !== undefined),
    );
    const options = { memoryPattern: isStatic, ...this.#options, externalDataFolder: folder };
    const model = await OnnxModel.load(context, { bytes }, options).catch(throwModelError);
    try {
      signal.throwIfAborted();
      const servable = new OnnxServable(model, modelSignature(graph), context.slots);
      await this.#options.warmup?.(this.path, { id, servable, signal });
      return servable;
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  /** The model as it is loaded, checked. Links are followed first: ONNX Runtime refuses those that leave the model's folder. */
  async #readModel(): Promise<{ bytes: Uint8Array; graph: OnnxGraphOutline; folder: string }> {
    const path = await this.#findModel();
    const read = await readFile(path).catch((error: unknown) => {
      throw fileError(path, error);
    });
    const outline = readModelOutline(read);
    const bytes = replaceZipMaps(read, outline);
    const replaced = bytes === read ? outline : readModelOutline(bytes);
    checkModel(replaced);
    const folder = dirname(path);
    await checkExternalData(replaced, folder);
    return { bytes, graph: replaced.graph, folder };
  }

  async #findModel(): Promise<string> {
    const path = join(this.path, MODEL_FILE_NAME);
    try {
      return await realpath(path);
    } catch (error) {
      if (fileErrorCode(error) !== 'NOT_FOUND') throw fileError(path, error);
      const others = (await readdir(this.path).catch(() => [])).filter((name) => name.endsWith('.onnx'));
      const hint = others.length > 0 ? `. The folder has "${others[0]}": rename it to "${MODEL_FILE_NAME}"` : '';
      throw ServingError.notFound(`${path} not found${hint}`);
    }
  }
}

/** What ONNX Runtime can't load is a fault of the model's file. */
function throwModelError(error: unknown): never {
  const { code, message } = ServingError.from(error);
  throw new ServingError(code === 'INTERNAL' ? 'INVALID_ARGUMENT' : code, message, { cause: error });
}
