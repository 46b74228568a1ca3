/** Names of inputs and outputs that change from one version of a model to the next, which breaks clients. */
import type { ServableId } from '@serving/core';
import type { SignatureDef } from '@serving/core/extend';

interface LoadedNames {
  readonly version: ServableId['version'];
  readonly signatures: ReadonlyMap<string, SignatureDef>;
}

/** Records the names of the last version that each model of a server loaded. */
export class SignatureNames {
  readonly #byModel = new Map<string, LoadedNames>();

  /**
   * Takes a version that is loaded. Emits a process warning with the code `SERVING_SIGNATURE_NAMES` for each signature that the version
   * loaded before has with other names. Keras names an unnamed input again in each process (`keras_tensor_7`).
   */
  record({ name, version }: ServableId, signatures: ReadonlyMap<string, SignatureDef>): void {
    const before = this.#byModel.get(name);
    this.#byModel.set(name, { version, signatures });
    if (before === undefined || before.version === version) return;
    for (const [signature, def] of signatures) {
      const known = before.signatures.get(signature);
      if (known === undefined) continue;
      for (const side of ['inputs', 'outputs'] as const) {
        const [old, now] = [known[side], def[side]].map((tensors) => listOf(tensors.keys()));
        if (old === now) continue;
        process.emitWarning(
          `The ${side} of signature "${signature}" of model "${name}" are ${now} in version ${version}, and ${old} in version ` +
            `${before.version}: requests that name them fail. Name them in the model, such as keras.Input(shape, name="x")`,
          { type: 'ServingWarning', code: 'SERVING_SIGNATURE_NAMES' },
        );
      }
    }
  }
}

function listOf(names: Iterable<string>): string {
  return (
    [...names]
      .sort()
      .map((name) => JSON.stringify(name))
      .join(', ') || 'none'
  );
}
