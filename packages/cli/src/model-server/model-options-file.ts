/** The file of `--model_options_file`: options by model name, in JSON; those of `"*"` are every model's. */
import { type ModelConfigList, ServingError } from '@serving/core';
import { nearestName } from '@serving/core/internal';
import { readText } from './config-files.js';

/** The options of every model, then those of each, which replace them one by one. */
type ModelOptions = ReadonlyMap<string, object>;

const EVERY_MODEL = '*';

/** Puts the options of a file into lists of models. The file is read again for each list. */
export class ModelOptionsFile {
  readonly #file: string;
  readonly #check: (options: object) => void;
  readonly #warn: (line: string) => void;

  /**
   * @param check refuses options that a model can't have
   * @param warn called when the file has options for a model that is not in the list
   */
  constructor(file: string, check: (options: object) => void, warn: (line: string) => void) {
    this.#file = file;
    this.#check = check;
    this.#warn = warn;
  }

  /** @throws ServingError as {@link readText}. */
  read(): Promise<string> {
    return readText(this.#file);
  }

  /**
   * Adds the options of the file's text, read before or now. Models without options in it, where it has none for every model,
   * are unchanged.
   *
   * @throws ServingError `INVALID_ARGUMENT`, with the file and the entry, for a text that isn't a JSON object of objects and for
   * options that are refused; as {@link read}.
   */
  async addTo({ models }: ModelConfigList, text?: string): Promise<ModelConfigList> {
    const options = this.#parse(text ?? (await this.read()));
    this.#warnOfOthers(
      models.map(({ name }) => name),
      options,
    );
    return {
      models: models.map((model) => {
        const [all, own] = [options.get(EVERY_MODEL), options.get(model.name)];
        return all || own ? { ...model, options: { ...all, ...own } } : model;
      }),
    };
  }

  #parse(text: string): ModelOptions {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (cause) {
      throw ServingError.invalidArgument(`${this.#file}: ${(cause as Error).message}`, { cause });
    }
    const options = new Map<string, object>();
    for (const [name, value] of Object.entries(asObject(parsed, this.#file))) {
      const entry = `${this.#file}: ${JSON.stringify(name)}`;
      options.set(name, asObject(value, entry));
      try {
        this.#check(options.get(name)!);
      } catch (error) {
        throw ServingError.from(error).prefixed(`${entry}: `);
      }
    }
    return options;
  }

  #warnOfOthers(models: readonly string[], options: ModelOptions): void {
    for (const name of options.keys()) {
      if (name === EVERY_MODEL || models.includes(name)) continue;
      const near = nearestName(name, models);
      const meant = near === undefined ? '' : `, did you mean ${JSON.stringify(near)}?`;
      const listed = models.map((model) => JSON.stringify(model)).join(', ') || 'none';
      this.#warn(`${this.#file}: model ${JSON.stringify(name)} is not configured${meant} (models: ${listed})`);
    }
  }
}

function asObject(value: unknown, what: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw ServingError.invalidArgument(`${what}: expected an object, such as {"*": {"intraOpThreads": 1}}`);
}
