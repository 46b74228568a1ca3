/** Keeps a server's list of models what its config source says. */

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

  /** What a read under way will give is dropped. */
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

  async #poll(): Promise<void> {
    let models: ValidModelConfig[] | undefined;
    try {
      const list = await this.#options.source.read();
      models = list === undefined ? undefined : validateModelConfigList(list, this.#options.context);
    } catch (reason) {
      this.#report(reason, 'The configuration could not be read');
      return;
    }
    if (this.#isClosed) return;
    if (models?.length === 0 && this.#inPlace.length > 0 && !this.#options.source.allowEmpty) {
      this.#waiting = undefined;
      this.#report(emptyList(), 'The configuration was refused');
      return;
    }
    if (models) this.#waiting = models;
    this.#replace();
  }

  #replace(): void {
    const models = this.#waiting;
    if (models && !isDeepStrictEqual(models, this.#inPlace)) {
      let inEffect: Promise<void>;
      try {
        inEffect = this.#options.replace(models);
      } catch (reason) {
        this.#report(reason, 'The configuration was refused');
        return;
      }
      this.#inPlace = models;
      inEffect.catch((reason: unknown) =>
        this.#tell(ServingError.from(reason).prefixed('After a new configuration: ')),
      );
    }
    this.#waiting = undefined;
    this.#reported = undefined;
  }

  #report(reason: unknown, what: string): void {
    const error = ServingError.from(reason).prefixed(`${what}; the running one is kept: `);
    if (error.message === this.#reported) return;
    this.#reported = error.message;
    this.#tell(error);
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
