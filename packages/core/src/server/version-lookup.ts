/** Finds the version that a request means, and holds it. */
import { unbatched } from '../batching/batching-session.js';
import type { HandleSource } from '../inference/prediction-service.js';
import type { ServingMap } from '../manager/serving-map.js';
import type { ModelSpec } from '../messages/model-spec.js';
import { quoteName } from '../printable-text.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { parseVersion, toVersion, type Version, type VersionLike } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import { nearestName } from './config/option-names.js';
import type { ModelAvailability } from './model-availability.js';
import type { VersionLabels } from './version-labels.js';

/** What a look-up asks of its server. */
export interface VersionLookupContext {
  readonly servables: Pick<ServingMap, 'getServableHandle'>;
  readonly labels: VersionLabels;
  readonly availability: ModelAvailability;
  readonly modelNames: () => readonly string[];
  /** Why requests are refused. */
  readonly unavailable: () => ServingError;
}

/** Closed until the server has started, and from the call of its close. */
export class VersionLookup implements HandleSource {
  /** Whether versions are given out. */
  isOpen = false;
  readonly #context: VersionLookupContext;

  constructor(context: VersionLookupContext) {
    this.#context = context;
  }

  /** See `ModelServer.getServableHandle`. */
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
  getServableHandle<T>(spec: ModelSpec, isExpected: (servable: unknown) => servable is T): ServableHandle<T>;
  getServableHandle(spec: ModelSpec, isExpected?: (servable: unknown) => boolean): ServableHandle<unknown> {
    if (!this.isOpen) throw this.#context.unavailable();
    const handle = this.#find(spec.model, this.#version(spec));
    if (isExpected === undefined ? handle.isInference : isExpected(handle.servable)) return handle;
    const wrapped = unbatched(handle);
    if (wrapped && isExpected?.(wrapped.servable)) return wrapped;
    handle.release();
    throw new ServingError('INVALID_ARGUMENT', "Servable type doesn't match the asked for type.");
  }

  #find(name: string, version: Version | undefined): ReturnType<ServingMap['getServableHandle']> {
    const { servables, availability } = this.#context;
    try {
      return servables.getServableHandle({ name, version });
    } catch (error) {
      const { code, message } = ServingError.from(error);
      const cause = availability.causeOfAbsence(name, version);
      if (cause) throw new ServingError(code, message, { cause });
      throw new ServingError(code, message, { hint: this.#hintFor(name) });
    }
  }

  /** For a name that isn't configured. Long lists are left out: a flood of wrong names must stay cheap. */
  #hintFor(name: string): string | undefined {
    const names = this.#context.modelNames();
    if (names.length === 0 || names.length > 20 || names.includes(name)) return undefined;
    const near = nearestName(name, names);
    return `${near === undefined ? '' : `Did you mean "${near}"? `}Models: ${names.join(', ')}`;
  }

  #version({ model, version, label }: ModelSpec): Version | undefined {
    if (!model) throw new ServingError('INVALID_ARGUMENT', 'ModelSpec has no name specified.');
    if (label === undefined) return version === undefined ? undefined : parseVersionOf(model, version);
    if (version === undefined) return this.#context.labels.resolve(model, label);
    throw new ServingError(
      'INVALID_ARGUMENT',
      `A request for model ${model} names version ${version} and label ${label}; only one of them can be meant`,
    );
  }
}

/** @throws ServingError `INVALID_ARGUMENT` that names the model, for what is not a version */
export function parseVersionOf(model: string, version: VersionLike): Version {
  // The text of the error is made only where it is needed: this is on the way of every request.
  return toVersion(version) ?? parseVersion(version, `Model ${quoteName(model)}: `);
}
