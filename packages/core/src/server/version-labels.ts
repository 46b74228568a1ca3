/** Names for versions: label → version per model (TensorFlow Serving's `version_labels`). */
import { nameHint } from '../nearest-name.js';
import type { Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';

/** One model's labels in a configuration. */
export interface LabelledModel {
  readonly name: string;
  readonly versionLabels: ReadonlyMap<string, Version>;
}

export interface VersionLabelsOptions {
  readonly allowVersionLabels: boolean;
  readonly allowVersionLabelsForUnavailableModels: boolean;
  readonly forceAllowAnyVersionLabelsForUnavailableModels: boolean;
  /** Whether a version can be had right now. */
  readonly isAvailable: (model: string, version: Version) => boolean;
}

/** The look-up after it checks whether a label's version is available. */
export class VersionLabels {
  readonly #options: VersionLabelsOptions;
  #models: ReadonlyMap<string, ReadonlyMap<string, Version>> = new Map();

  constructor(options: VersionLabelsOptions) {
    this.#options = options;
  }

  /** @throws ServingError `INVALID_ARGUMENT` for an unknown label, and for any label of an unknown model. */
  resolve(model: string, label: string): Version {
    const version = this.#models.get(model)?.get(label);
    if (version !== undefined) return version;
    if (!this.#options.allowVersionLabels) {
      const message = "ModelSpec has 'version_label' set, but it is not currently allowed by the server.";
      throw ServingError.invalidArgument(message, { hint: 'The option allowVersionLabels is false' });
    }
    const message = `Unrecognized servable version label: ${label}`;
    throw ServingError.invalidArgument(message, { hint: this.#hintFor(model, label) });
  }

  #hintFor(model: string, label: string): string | undefined {
    const labels = this.#models.get(model);
    if (labels === undefined) return nameHint(model, [...this.#models.keys()], 'Models');
    return nameHint(label, [...labels.keys()], 'Labels') ?? 'The model has no labels: list them in its versionLabels';
  }

  /**
   * Replaces all labels of all models, those of models that are listed no more too.
   *
   * * A model that is new may label any version; so may a label that stays where it is.
   * * A label that is new to its model needs an available version, unless labels for unavailable models are allowed.
   * * A label that moves needs an available version, unless any label for them is.
   *
   * @throws ServingError `FAILED_PRECONDITION` for a label that is not allowed; nothing has changed then.
   */
  update(models: readonly LabelledModel[]): void {
    for (const model of models) this.#check(model);
    this.#models = new Map(models.map(({ name, versionLabels }) => [name, versionLabels]));
  }

  #check({ name, versionLabels }: LabelledModel): void {
    const { allowVersionLabels, isAvailable } = this.#options;
    if (versionLabels.size > 0 && !allowVersionLabels) {
      throw new ServingError('FAILED_PRECONDITION', 'Model version labels are not currently allowed by the server.');
    }
    const before = this.#models.get(name);
    if (!before) return;
    for (const [label, version] of versionLabels) {
      if (this.#mayBeUnavailable(before.get(label), version) || isAvailable(name, version)) continue;
      throw new ServingError(
        'FAILED_PRECONDITION',
        `Request to assign label to version ${version} of model ${name}, which is not currently available for inference (label ${label})`,
      );
    }
  }

  #mayBeUnavailable(before: Version | undefined, after: Version): boolean {
    const { allowVersionLabelsForUnavailableModels, forceAllowAnyVersionLabelsForUnavailableModels } = this.#options;
    if (before === after || forceAllowAnyVersionLabelsForUnavailableModels) return true;
    return before === undefined && allowVersionLabelsForUnavailableModels;
  }
}
