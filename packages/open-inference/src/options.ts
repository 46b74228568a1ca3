/** What the extension is made with. */
import { checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';

/** Options of {@link openInference}. All have defaults. */
export interface OpenInferenceOptions {
  /**
   * Whether clients may load and unload models, which lets any of them stop a model. Default: false; both are then answered
   * with `UNAVAILABLE`. The index of the repository is always there.
   */
  readonly modelControl?: boolean;
}

const openInferenceOptions: OptionsTable<OpenInferenceOptions> = {
  modelControl: { ...optionKinds.boolean, default: false, meaning: 'whether clients may load and unload models' },
};

/** @throws ServingError `INVALID_ARGUMENT` for unknown options and values of another type. */
export function checkOpenInferenceOptions(options: unknown): OpenInferenceOptions {
  const given: unknown = options ?? {};
  checkOptions<OpenInferenceOptions>(given, openInferenceOptions, 'openInference()');
  return given;
}
