/** Names for versions: label → version per model, as configured. */
import { ServingError } from './serving-error.js';

/** Whether a label's version is available is for the look-up after it to say. */
export class VersionLabels {
  readonly #models: ReadonlyMap<string, ReadonlyMap<string, number>>;

  constructor(models: ReadonlyMap<string, ReadonlyMap<string, number>>) {
    this.#models = models;
  }

  /** @throws ServingError `INVALID_ARGUMENT` for a label that the model hasn't, and for any label of an unknown model. */
  resolve(model: string, label: string): number {
    const version = this.#models.get(model)?.get(label);
    if (version === undefined) {
      throw new ServingError('INVALID_ARGUMENT', `Unrecognized servable version label: ${label}`);
    }
    return version;
  }
}
