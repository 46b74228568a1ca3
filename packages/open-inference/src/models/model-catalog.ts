/** Which models and versions can infer, and in which words the others are refused. */
import { type ModelVersionStatus, type ServableHandle, ServingError } from '@serving/core';
import { type InferenceServable, quoteName } from '@serving/core/extend';
import { type ModelControl, modelControlOf } from '@serving/core/internal';
import type { RestModelServer } from '@serving/http';
import type { RequestedModel } from './requested-model.js';

/** Whether a server or a model can infer, and else why not. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly error: string };

const READY: Readiness = { ready: true };

/** Answers for one model server, whose own errors have TensorFlow Serving's codes. */
export class ModelCatalog {
  readonly server: RestModelServer;
  readonly control: ModelControl | undefined;

  constructor(server: RestModelServer) {
    this.server = server;
    this.control = modelControlOf(server);
  }

  /** The names of all models, sorted. */
  get names(): readonly string[] {
    return [...(this.server.modelNames ?? [])].sort();
  }

  /** The versions known of a model, highest first; none for a model without any. */
  versionsOf(model: string): readonly ModelVersionStatus[] {
    try {
      return this.server.getModelStatus({ model });
    } catch {
      return [];
    }
  }

  /** Ready while every model that was not unloaded on purpose has an available version. */
  serverReadiness(isDraining: boolean): Readiness {
    const { state = 'serving' } = this.server;
    if (state !== 'serving') return { ready: false, error: `The server is ${state}` };
    if (isDraining) return { ready: false, error: 'The server is draining' };
    const waiting = this.names.find((name) => !this.control?.isParked(name) && !this.#isAvailable(name));
    return waiting === undefined ? READY : { ready: false, error: this.#reasonOf(waiting) };
  }

  /** Holds a version. @throws ServingError as {@link ModelCatalog.refusal} has it. */
  hold(spec: RequestedModel): ServableHandle<InferenceServable> {
    try {
      return this.server.getServableHandle(spec);
    } catch (reason) {
      throw this.refusal(spec, reason);
    }
  }

  /** @throws ServingError `NOT_FOUND` for an unknown model, version or label. */
  modelReadiness(spec: RequestedModel): Readiness {
    try {
      this.hold(spec).release();
      return READY;
    } catch (reason) {
      const error = ServingError.from(reason);
      if (error.code !== 'UNAVAILABLE') throw error;
      return { ready: false, error: error.clientMessage };
    }
  }

  /**
   * The error of a model server as the protocol has it: `NOT_FOUND` for what is unknown, `UNAVAILABLE` for a model or version that is
   * known but can not infer now.
   */
  refusal(spec: RequestedModel, reason: unknown): ServingError {
    const error = ServingError.from(reason);
    const { model, version, label } = spec;
    if (error.code === 'INVALID_ARGUMENT' && label !== undefined) {
      return this.#isKnown(model)
        ? ServingError.notFound(`Model ${quoteName(model)} has no version label ${quoteName(label)}`)
        : unknownModel(model);
    }
    if (error.code !== 'NOT_FOUND') return error;
    if (!this.#isKnown(model)) return unknownModel(model, error);
    const labelled = label === undefined ? undefined : this.control?.find(model)?.versionLabels.get(label);
    const wanted = version ?? labelled;
    if (!this.#isAvailable(model)) return new ServingError('UNAVAILABLE', this.#reasonOf(model), { cause: error });
    if (wanted !== undefined) {
      const status = this.versionsOf(model).find((known) => known.version === wanted);
      const isGone = status === undefined || (status.state === 'END' && status.status.errorCode === 'OK');
      if (!isGone) {
        return new ServingError('UNAVAILABLE', `Model ${quoteName(model)}: ${notReady(status)}`, { cause: error });
      }
    }
    return ServingError.notFound(
      `Model ${quoteName(model)} has no version ${wanted} (available: ${this.availableVersions(model).join(', ')})`,
      { cause: error },
    );
  }

  /** Ascending. */
  availableVersions(model: string): string[] {
    const available = this.versionsOf(model).filter(({ state }) => state === 'AVAILABLE');
    return available.map(({ version }) => String(version)).reverse();
  }

  #isKnown(model: string): boolean {
    return this.names.includes(model);
  }

  #isAvailable(model: string): boolean {
    return this.versionsOf(model).some(({ state }) => state === 'AVAILABLE');
  }

  /** Why a model without an available version has none. */
  #reasonOf(model: string): string {
    const named = `Model ${quoteName(model)}`;
    if (this.control?.isParked(model)) return `${named} is unloaded`;
    const statuses = this.versionsOf(model);
    const status = statuses.find(({ status: { errorCode } }) => errorCode !== 'OK') ?? statuses[0];
    return status === undefined ? `${named} has no versions` : `${named}: ${notReady(status)}`;
  }
}

function notReady({ version, state, status }: ModelVersionStatus): string {
  if (status.errorCode !== 'OK') return `version ${version} failed to load: ${status.errorMessage}`;
  return `version ${version} is not ready (${state === 'START' ? 'LOADING' : state === 'END' ? 'UNLOADED' : state})`;
}

function unknownModel(model: string, cause?: ServingError): ServingError {
  return ServingError.notFound(`Unknown model ${quoteName(model)}`, { cause });
}
