/** The file of `--model_options_file`: options by model name, in JSON; those of `"*"` are every model's. */
import { type ModelConfigList, ServingError } from '@serving/core';
import { readText } from './config-files.js';

/** The options of every model, then those of each, which replace them one by one. */
export type ModelOptions = ReadonlyMap<string, object>;

const EVERY_MODEL = '*';

/**
 * Adds the file's options to the models of a list. The file is read at each call; the names and values of options are left to the
 * models' platform.
 *
 * @param file none when it is empty
 * @throws ServingError `INVALID_ARGUMENT` for a text that isn't a JSON object of objects; as {@link readText}.
 */
export async function withModelOptions(list: ModelConfigList, file: string): Promise<ModelConfigList> {
  return file === '' ? list : addModelOptions(list, parseModelOptions(await readText(file), file));
}

/** As {@link withModelOptions}, from the file's text. */
export function parseModelOptions(text: string, file: string): ModelOptions {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw ServingError.invalidArgument(`${file}: ${(cause as Error).message}`, { cause });
  }
  const options = new Map<string, object>();
  for (const [name, value] of Object.entries(asObject(parsed, file))) {
    options.set(name, asObject(value, `${file}: "${name}"`));
  }
  return options;
}

/** Models that the file says nothing of, with no options for every model, stay as they are. */
export function addModelOptions({ models }: ModelConfigList, options: ModelOptions): ModelConfigList {
  return {
    models: models.map((model) => {
      const [all, own] = [options.get(EVERY_MODEL), options.get(model.name)];
      return all || own ? { ...model, options: { ...all, ...own } } : model;
    }),
  };
}

function asObject(value: unknown, what: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw ServingError.invalidArgument(`${what}: expected an object, such as {"*": {"intraOpThreads": 1}}`);
}
