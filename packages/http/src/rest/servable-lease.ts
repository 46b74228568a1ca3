/** The servable that a request found, held until the request is done, with the reference's errors for what isn't there. */
import {
  DEFAULT_SIGNATURE_NAME,
  type InferenceServable,
  type ServableHandle,
  ServingError,
  type Signature,
} from '@serving/core';
import type { PathModelSpec } from '../routing/parse-path.js';
import type { RestModelServer } from './rest-model-server.js';

/** Looks a model up when the body turns out to deserve it, so that errors of the body come first. */
export class HeldServable {
  readonly #server: RestModelServer;
  readonly #spec: PathModelSpec;
  #handle: ServableHandle<InferenceServable> | undefined;

  constructor(server: RestModelServer, spec: PathModelSpec) {
    this.#server = server;
    this.#spec = spec;
  }

  /** The handle taken by {@link acquire}. */
  get handle(): ServableHandle<InferenceServable> {
    if (!this.#handle) throw new ServingError('INTERNAL', `No version of ${this.#spec.model} is held`);
    return this.#handle;
  }

  /**
   * Takes a handle of the version that the spec means.
   *
   * @throws ServingError `NOT_FOUND` or `INVALID_ARGUMENT`
   */
  acquire(): InferenceServable {
    this.#handle = this.#server.getServableHandle(this.#spec);
    return this.#handle.servable;
  }

  /**
   * Takes the handle and finds a signature.
   *
   * @throws ServingError as {@link acquire}, and `INVALID_ARGUMENT` for a signature that is not there.
   */
  acquireSignature(name: string | undefined): Signature {
    const wanted = name || DEFAULT_SIGNATURE_NAME;
    const signature = this.acquire().signatures.get(wanted);
    if (signature) return signature;
    throw new ServingError('INVALID_ARGUMENT', `Serving signature name: "${wanted}" not found in signature def`);
  }

  /**
   * Takes the handle and finds the signature for a predict in JSON.
   *
   * @throws ServingError as {@link acquireSignature}, and `INVALID_ARGUMENT` for a signature that has no inputs.
   */
  acquirePredictSignature(name: string | undefined): Signature {
    const signature = this.acquireSignature(name);
    if (signature.inputs.size === 0) {
      throw new ServingError('INVALID_ARGUMENT', `Failed to get input map for signature: ${name || 'DEFAULT'}`);
    }
    return signature;
  }

  /** Gives the handle back, if one was taken. */
  release(): void {
    this.#handle?.release();
    this.#handle = undefined;
  }
}
