/** The one question for a request's signature, and its answer kept. */
import type { Signature } from '@serving/core/extend';

/**
 * Asks `resolve` at most once. Whoever asks first must know the request's final signature name; what `resolve` threw is
 * thrown by {@link get} alone, once the body is known to deserve it.
 */
export class SignatureLookup {
  readonly #resolve: (signatureName: string | undefined) => Signature;
  #signature: Signature | undefined;
  #failure: { readonly reason: unknown } | undefined;

  constructor(resolve: (signatureName: string | undefined) => Signature) {
    this.#resolve = resolve;
  }

  /** The signature; `undefined` when `resolve` threw. */
  tryGet(signatureName: string | undefined): Signature | undefined {
    if (this.#signature === undefined && this.#failure === undefined) {
      try {
        this.#signature = this.#resolve(signatureName);
      } catch (reason) {
        this.#failure = { reason };
      }
    }
    return this.#signature;
  }

  /** The signature; throws what `resolve` threw. */
  get(signatureName: string | undefined): Signature {
    const signature = this.tryGet(signatureName);
    if (signature === undefined) throw this.#failure!.reason;
    return signature;
  }
}
