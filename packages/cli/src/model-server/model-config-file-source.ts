/** The file of `--model_config_file`, followed while the server runs. */
import { type ModelConfigSource, ServingError } from '@serving/core';
import { parseModelServerConfig, toModelConfigs } from '@serving/protos/config';
import { readText } from './config-files.js';
import type { ModelOptionsFile } from './model-options-file.js';

/**
 * The models of a ModelServerConfig with their options, read at each poll. Unchanged texts are not parsed again. A text without models
 * (empty, blank, comments only) starts a server without models, as in TensorFlow Serving, and is refused later: `model_config_list {}`
 * unloads every model.
 */
export function modelConfigFileSource(
  file: string,
  options: ModelOptionsFile | undefined,
  pollIntervalMs: number | false,
): ModelConfigSource {
  let last: string | undefined;
  let lastOptions = '';
  return {
    pollIntervalMs,
    allowEmpty: true,
    read: async () => {
      const text = await readText(file);
      const optionsText = (await options?.read()) ?? '';
      if (text === last && optionsText === lastOptions) return undefined;
      const config = parseModelServerConfig(text, file);
      if (last !== undefined && !config.modelConfigList && !config.customModelConfig) throw saysNothing(file);
      const models = toModelConfigs(config);
      const list = (await options?.addTo({ models }, optionsText)) ?? { models };
      last = text;
      lastOptions = optionsText;
      return list;
    },
  };
}

function saysNothing(file: string): ServingError {
  return new ServingError(
    'FAILED_PRECONDITION',
    `${file} is empty or has comments only; expected a model_config_list (model_config_list {} unloads every model)`,
  );
}
