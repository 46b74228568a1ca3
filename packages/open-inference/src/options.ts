/** What the extension is made with. */

import { ServingError } from '@serving/core';
import { checkOptionNames } from '@serving/core/internal';

/** Options of {@link openInference}. All have defaults. */
export interface OpenInferenceOptions {
  /**
   * Whether clients may load and unload models, which lets any of them stop a model. Default: false; both are then answered
   * with `UNAVAILABLE`. The index of the repository is always there.
   */
  readonly modelControl?: boolean;
}

/** @throws ServingError `INVALID_ARGUMENT` for unknown options and values of another type. */
export function checkOpenInferenceOptions(options: unknown): OpenInferenceOptions {
  const given = (options ?? {}) as OpenInferenceOptions;
  checkOptionNames(given, ['modelControl'], 'openInference()');
  const { modelControl } = given;
  if (modelControl === undefined || typeof modelControl === 'boolean') return given;
  throw ServingError.invalidArgument(
    `openInference(): modelControl must be true or false (got ${String(modelControl)})`,
  );
}
