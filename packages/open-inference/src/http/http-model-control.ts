/** The repository over HTTP: its index, and loads and unloads where clients may. */
import { ServingError } from '@serving/core';
import type { HttpRequest, HttpResponse } from '@serving/http/adapter';
import type { ModelCatalog } from '../models/model-catalog.js';
import {
  checkControlParameters,
  controlOf,
  loadModel,
  type RepositoryEntry,
  unloadModel,
} from '../models/repository.js';
import { expandedBody } from './body-compression.js';
import { jsonResponse } from './responses.js';

/** Reads the small JSON bodies of these requests. */
export class HttpModelControl {
  readonly #catalog: ModelCatalog;
  readonly #isAllowed: boolean;
  readonly #maxBytes: number;

  constructor(catalog: ModelCatalog, isAllowed: boolean, maxBytes: number) {
    this.#catalog = catalog;
    this.#isAllowed = isAllowed;
    this.#maxBytes = maxBytes;
  }

  async index(request: HttpRequest, list: (readyOnly: boolean) => RepositoryEntry[]): Promise<HttpResponse> {
    const { ready = false } = await this.#object(request);
    if (typeof ready !== 'boolean') throw ServingError.invalidArgument('"ready" must be true or false');
    return jsonResponse(list(ready));
  }

  async change(kind: 'load' | 'unload', model: string, request: HttpRequest): Promise<HttpResponse> {
    const { parameters = {} } = await this.#object(request);
    if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
      throw ServingError.invalidArgument('"parameters" must be an object');
    }
    checkControlParameters(kind, parameters as Readonly<Record<string, unknown>>);
    const control = controlOf(this.#catalog, this.#isAllowed);
    await (kind === 'load' ? loadModel : unloadModel)(this.#catalog, control, model);
    return jsonResponse({});
  }

  /** The object of a body; an empty one for no body. */
  async #object(request: HttpRequest): Promise<Readonly<Record<string, unknown>>> {
    let value: unknown = request.parsedBody;
    if (value === undefined) {
      const text = Buffer.from(await expandedBody(request, this.#maxBytes)).toString();
      if (text.trim() === '') return {};
      try {
        value = JSON.parse(text);
      } catch (cause) {
        throw ServingError.invalidArgument(`JSON Parse error: ${(cause as Error).message}`, { cause });
      }
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw ServingError.invalidArgument('The request must be an object');
  }
}
