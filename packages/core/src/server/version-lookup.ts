/** Finds the version that a request means, and holds it. */
import { unbatched } from '../batching/batching-session.js';
import type { HandleSource } from '../inference/prediction-service.js';
import type { ServingMap } from '../manager/serving-map.js';
import type { ModelSpec } from '../messages/model-spec.js';
import { nameHint } from '../nearest-name.js';
import { quoteName } from '../printable-text.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { parseVersion, toVersion, type Version, type VersionLike } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import type { ModelAvailability } from './model-availability.js';
import type { VersionLabels } from './version-labels.js';

/** The part of a server that look-ups use. */
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
    const version = this.#version(spec ?? {});
    const handle = this.#find(spec.model, version);
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
      if (cause) throw new ServingError(code, message, { cause, hint: reasonOf(cause) });
      throw new ServingError(code, message, { hint: this.#hintFor(name) });
    }
  }

  /** What there is in the place of a model or version that is not available. */
  #hintFor(name: string): string | undefined {
    const { modelNames, availability } = this.#context;
    const names = modelNames();
    if (!names.includes(name)) return names.length === 0 ? 'The server has no models' : nameHint(name, names, 'Models');
    const versions = availability.availableVersions(name);
    return versions.length === 0 ? undefined : `Versions available: ${versions.slice(0, 20).join(', ')}`;
  }

  #version({ model, version, label }: ModelSpec): Version | undefined {
    if (!model) {
      const hint = 'Name the model, such as { model: "digits" }';
      throw new ServingError('INVALID_ARGUMENT', 'ModelSpec has no name specified.', { hint });
    }
    if (label === undefined) return version === undefined ? undefined : parseVersionOf(model, version);
    if (version === undefined) return this.#context.labels.resolve(model, label);
    throw new ServingError(
      'INVALID_ARGUMENT',
      `A request for model ${model} specifies both version ${version} and label ${label}: use one or the other`,
    );
  }
}

function reasonOf({ message, hint }: ServingError): string {
  return hint === undefined ? message : `${message.replace(/\.$/, '')}. ${hint}`;
}

/** @throws ServingError `INVALID_ARGUMENT` that names the model, for what is not a version */
export function parseVersionOf(model: string, version: VersionLike): Version {
  // The text of the error is made only where it is needed: this is on the way of every request.
  return toVersion(version) ?? parseVersion(version, `Model ${quoteName(model)}: `);
}
