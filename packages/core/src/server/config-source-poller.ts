/** Keeps a server's list of models equal to that of its config source. */

import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.js';
import { ServingError } from '../serving-error.js';
import {
  type ModelConfigContext,
  type ModelConfigList,
  type ValidModelConfig,
  validateModelConfigList,
} from './config/model-config.js';
import type { ModelConfigSource } from './config/model-config-source.js';

export interface ConfigSourcePollerOptions {
  readonly source: ModelConfigSource;
  readonly context: ModelConfigContext;
  readonly clock: Clock;
  /** Puts a list in place before it returns, or throws with nothing changed. Resolves when that is in effect. */
  readonly replace: (models: readonly ValidModelConfig[]) => Promise<void>;
  readonly onError: (error: ServingError) => void;
}

/**
 * A list that differs from the last one read is put in place; what others have changed meanwhile is left alone until
 * then. One that is refused is tried again at each poll (a version that it labels may become available), and told of
 * once. An empty list is refused while models run, unless the source allows it.
 */
export class ConfigSourcePoller {
  readonly #options: ConfigSourcePollerOptions;
  #inPlace: readonly ValidModelConfig[] = [];
  /** What was read last and is not in place. */
  #waiting: readonly ValidModelConfig[] | undefined;
  #reported: string | undefined;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;
  /** The last read, which the next one waits for. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(options: ConfigSourcePollerOptions) {
    this.#options = options;
  }

  /**
   * The list to start with.
   *
   * @throws ServingError whatever keeps it from being read or from being right.
   */
  async readFirst(): Promise<ValidModelConfig[]> {
    let list: ModelConfigList | undefined;
    try {
      list = await this.#options.source.read();
    } catch (reason) {
      throw ServingError.from(reason).prefixed('The configuration could not be read: ');
    }
    if (list) return validateModelConfigList(list, this.#options.context);
    throw new ServingError('FAILED_PRECONDITION', 'The first read of the configSource gave no list of models');
  }

  /** From now on polls, beside a list that is in place already. */
  begin(inPlace: readonly ValidModelConfig[]): void {
    this.#inPlace = inPlace;
    this.#schedule();
  }

  /**
   * Reads now, whatever the interval, and puts a changed list in place.
   *
   * @throws ServingError what keeps the list from being read or from being in place.
   */
  async readNow(): Promise<void> {
    const error = await this.#poll();
    if (error) throw error;
  }

  /** Discards the result of a read in flight. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
  }

  #schedule(): void {
    const { clock, source } = this.#options;
    if (this.#isClosed || source.pollIntervalMs === false) return;
    this.#cancelTimer = clock.setTimer(() => {
      void this.#poll().then(() => this.#schedule());
    }, source.pollIntervalMs);
  }

  #poll(): Promise<ServingError | undefined> {
    const reading = this.#reading.then(() => this.#read());
    this.#reading = reading;
    return reading;
  }

  /** Returns why the list that was read is not in place. */
  async #read(): Promise<ServingError | undefined> {
    let models: ValidModelConfig[] | undefined;
    try {
      const list = await this.#options.source.read();
      models = list === undefined ? undefined : validateModelConfigList(list, this.#options.context);
    } catch (reason) {
      return this.#report(reason, 'The configuration could not be read');
    }
    if (this.#isClosed) return undefined;
    if (models?.length === 0 && this.#inPlace.length > 0 && !this.#options.source.allowEmpty) {
      this.#waiting = undefined;
      return this.#report(emptyList(), 'The configuration was refused');
    }
    if (models) this.#waiting = models;
    return this.#replace();
  }

  #replace(): ServingError | undefined {
    const models = this.#waiting;
    if (models && !isDeepStrictEqual(models, this.#inPlace)) {
      let inEffect: Promise<void>;
      try {
        inEffect = this.#options.replace(models);
      } catch (reason) {
        return this.#report(reason, 'The configuration was refused');
      }
      this.#inPlace = models;
      inEffect.catch((reason: unknown) =>
        this.#tell(ServingError.from(reason).prefixed('After a new configuration: ')),
      );
    }
    this.#waiting = undefined;
    this.#reported = undefined;
    return undefined;
  }

  #report(reason: unknown, what: string): ServingError {
    const error = ServingError.from(reason).prefixed(`${what}; the running one is kept: `);
    if (error.message !== this.#reported) {
      this.#reported = error.message;
      this.#tell(error);
    }
    return error;
  }

  #tell(error: ServingError): void {
    if (!this.#isClosed) this.#options.onError(error);
  }
}

function emptyList(): ServingError {
  return new ServingError(
    'FAILED_PRECONDITION',
    'it has no models; with allowEmpty: true of the configSource such a list unloads every model',
  );
}
