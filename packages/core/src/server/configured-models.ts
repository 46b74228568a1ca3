/** The configured models of a server, and each change of that list. */

import { nameHint } from '../nearest-name.js';
import type { ServerRequestLogger } from '../request-logging/server-request-logger.js';
import type { ServableStateMonitor } from '../servable/servable-state-monitor.js';
import type { Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import type { ConditionWaits } from './condition.js';
import {
  type ModelConfig,
  type ModelConfigList,
  type ValidModelConfig,
  validateModelConfigList,
} from './config/model-config.js';
import { isServedAlike, type ModelConfigChange, modelConfigChange } from './config/model-config-change.js';
import type { ValidModelServerConfig } from './config/model-server-config.js';
import { didNotBecomeAvailable, type ModelAvailability, type ModelFailure } from './model-availability.js';
import type { ModelServerChain } from './servable-pipeline.js';
import type { VersionLabels } from './version-labels.js';

/** What it works on, all of one server. */
export interface ConfiguredModelsParts {
  readonly config: ValidModelServerConfig;
  readonly chain: ModelServerChain;
  readonly labels: VersionLabels;
  readonly requestLogger: ServerRequestLogger;
  readonly monitor: ServableStateMonitor;
  readonly availability: ModelAvailability;
  /** Called whenever the state of a version changes. */
  readonly waits: ConditionWaits;
  /** Called when the routes of requests have changed: the list, or which of its models are unloaded. */
  readonly onChanged: () => void;
  /** Called with each list that takes effect after the first. */
  readonly onReloaded: (list: { readonly models: readonly string[] }) => void;
}

/**
 * A list takes effect whole and at once, in the call that brings it; only then is waited for what follows from it. So
 * lists that come at the same time take effect one after the other, and one that waits for a slow load or a held handle
 * doesn't keep the next from taking effect.
 */
export class ConfiguredModels {
  readonly #parts: ConfiguredModelsParts;
  #models: ReadonlyMap<string, ValidModelConfig> = new Map();
  /** Listed, but unloaded by {@link unload}. */
  readonly #parked = new Set<string>();
  /** The last load or unload of each model that is still running. */
  readonly #controls = new Map<string, Promise<void>>();

  constructor(parts: ConfiguredModelsParts) {
    this.#parts = parts;
  }

  get names(): string[] {
    return [...this.#models.keys()];
  }

  /** The configuration of a model; `undefined` for one that is not listed. */
  find(name: string): ValidModelConfig | undefined {
    return this.#models.get(name);
  }

  /** Whether {@link unload} has unloaded a model. */
  isParked(name: string): boolean {
    return this.#parked.has(name);
  }

  /**
   * Unloads the versions of a model that stays listed, and resolves when they are unloaded. Polling does not load them again;
   * {@link load} does, and a list with another base path or version policy for the model.
   *
   * @throws ServingError `NOT_FOUND` for a model that is not listed.
   */
  async unload(name: string): Promise<void> {
    this.#find(name);
    await this.#inTurn(name, async () => {
      this.#find(name);
      this.#parked.add(name);
      this.#parts.chain.update(this.#served());
      this.#parts.onChanged();
      this.#parts.availability.forgetLook(name);
      await this.#unloaded(name);
    });
  }

  /**
   * Polls the base path of a model, and resolves when each version found had its first outcome.
   *
   * @throws ServingError `NOT_FOUND` for a model that is not listed, `UNKNOWN` when no version is available.
   */
  async load(name: string): Promise<void> {
    this.#find(name);
    await this.#inTurn(name, async () => {
      const model = this.#find(name);
      if (this.#parked.delete(name)) {
        this.#parts.chain.update(this.#served());
        this.#parts.onChanged();
      }
      await this.#parts.chain.poll([name]);
      await this.#decided(model);
      const failures = this.#failures([model]);
      if (failures.length > 0) throw didNotBecomeAvailable('model', failures);
    });
  }

  /**
   * The first list. Resolves when every model had its first outcome.
   *
   * @throws ServingError what the options for the start insist on: `NOT_FOUND` for a model without versions,
   * `UNKNOWN` for models that did not become available.
   */
  async start(models: readonly ValidModelConfig[]): Promise<void> {
    const { config, chain } = this.#parts;
    this.#putInPlace(models);
    await chain.start(models);
    await Promise.all(this.names.map((name) => chain.manager.waitUntilSettled(name)));
    chain.endStart();
    const failures = this.#failures(models);
    const isFailed = { all: failures.length > 0, any: failures.length === models.length, none: false };
    if (failures.length > 0 && isFailed[config.startPolicy]) throw didNotBecomeAvailable('servable', failures);
  }

  /** Replaces the list. See `ModelServer.reload`. */
  async reload(list: ModelConfigList): Promise<void> {
    await this.replace(validateModelConfigList(list, this.#parts.config));
  }

  /** Adds to the list. See `ModelServer.addModel`. */
  async add(model: ModelConfig): Promise<void> {
    const added = validateModelConfigList({ models: [model] }, this.#parts.config);
    if (this.#models.has(model.name)) {
      throw new ServingError('ALREADY_EXISTS', `Illegal to list model ${model.name} multiple times in config list`);
    }
    await this.replace([...this.#models.values(), ...added]);
  }

  /** Takes from the list. See `ModelServer.removeModel`. */
  async remove(name: string): Promise<void> {
    this.#find(name);
    await this.replace([...this.#models.values()].filter((model) => model.name !== name));
  }

  /**
   * Moves a version label, or removes it where `version` is `undefined`. Resolves when requests see it.
   *
   * @throws ServingError `NOT_FOUND` for a model that is not listed; `FAILED_PRECONDITION` for a version that is not available.
   */
  async setLabel(name: string, label: string, version: Version | undefined): Promise<void> {
    const model = this.#find(name);
    const versionLabels = new Map(model.versionLabels);
    if (version === undefined) versionLabels.delete(label);
    else versionLabels.set(label, version);
    await this.replace([...this.#models.values()].map((each) => (each === model ? { ...model, versionLabels } : each)));
  }

  /** Polls base paths now. Resolves when what was found had its first outcome. See `ModelServer.poll`. */
  async poll(name: string | undefined): Promise<void> {
    const asked = name === undefined ? [...this.#models.values()] : [this.#find(name)];
    const models = asked.filter((model) => !this.#parked.has(model.name));
    await this.#parts.chain.poll(models.map((model) => model.name));
    await Promise.all(models.map((model) => this.#decided(model)));
  }

  /**
   * Puts a list in place of the running one before it returns, and then resolves when that is in effect: new and changed
   * models had their first outcome, and models that are listed no more are unloaded.
   *
   * @throws ServingError at once, with nothing changed, `INVALID_ARGUMENT` for a changed platform,
   * `FAILED_PRECONDITION` for a label, `NOT_FOUND` for an unknown log collector. It rejects with `UNKNOWN` for models that did not become available.
   */
  replace(models: readonly ValidModelConfig[]): Promise<void> {
    const { chain, availability, waits, onChanged, onReloaded } = this.#parts;
    const change = modelConfigChange(this.#models, models);
    this.#putInPlace(models);
    for (const name of [...change.removed, ...change.toLoad.map((model) => model.name)]) {
      availability.forgetLook(name);
      this.#parked.delete(name);
    }
    chain.update(this.#served());
    onChanged();
    onReloaded({ models: this.names });
    waits.somethingChanged();
    return this.#inEffect(change);
  }

  /** The routes of requests. All of it changes, or nothing. */
  #putInPlace(models: readonly ValidModelConfig[]): void {
    const { labels, requestLogger } = this.#parts;
    const loggers = requestLogger.prepare(models);
    try {
      labels.update(models);
    } catch (error) {
      loggers.discard();
      throw error;
    }
    loggers.commit();
    this.#models = byName(models);
  }

  async #inEffect({ toLoad, removed }: ModelConfigChange): Promise<void> {
    await this.#parts.chain.look(toLoad.map(({ name }) => name));
    await Promise.all([...toLoad.map((model) => this.#decided(model)), ...removed.map((name) => this.#unloaded(name))]);
    const failures = this.#failures(toLoad.filter((model) => this.#isCurrent(model)));
    if (failures.length > 0) throw didNotBecomeAvailable('model', failures);
  }

  #isServed(name: string): boolean {
    return this.#models.has(name) && !this.#parked.has(name);
  }

  #served(): ValidModelConfig[] {
    return [...this.#models.values()].filter(({ name }) => !this.#parked.has(name));
  }

  /** Runs a load or unload behind those of the same model that came before. */
  async #inTurn(name: string, control: () => Promise<void>): Promise<void> {
    const before = this.#controls.get(name);
    const running = before === undefined ? control() : before.then(control, control);
    this.#controls.set(name, running);
    try {
      await running;
    } finally {
      if (this.#controls.get(name) === running) this.#controls.delete(name);
    }
  }

  #find(name: string): ValidModelConfig {
    const model = this.#models.get(name);
    if (model) return model;
    const hint = nameHint(name, [...this.#models.keys()], 'Models');
    throw ServingError.notFound(`Model ${name} is not configured`, { hint });
  }

  /** Whether a model is still to be served as it was meant to be. */
  #isCurrent(model: ValidModelConfig): boolean {
    return isServedAlike(this.#models.get(model.name), model);
  }

  /**
   * A held handle of an old version keeps a stream from being settled, and a version that the policy leaves alone has no
   * outcome.
   */
  async #decided(model: ValidModelConfig): Promise<void> {
    const { chain, availability, waits } = this.#parts;
    let isSettled = false;
    void chain.manager.waitUntilSettled(model.name).then(() => {
      isSettled = true;
      waits.somethingChanged();
    });
    await waits.until(() => isSettled || !this.#isCurrent(model) || availability.isDecided(model.name));
  }

  async #unloaded(name: string): Promise<void> {
    const { monitor, waits } = this.#parts;
    const isUnloaded = (): boolean => monitor.getVersionStates(name).every(({ state }) => state.managerState === 'end');
    await waits.until(() => this.#isServed(name) || isUnloaded());
  }

  #failures(models: readonly ValidModelConfig[]): ModelFailure[] {
    return models.flatMap(({ name }) => this.#parts.availability.failureOf(name) ?? []);
  }
}

function byName(models: readonly ValidModelConfig[]): ReadonlyMap<string, ValidModelConfig> {
  return new Map(models.map((model) => [model.name, model]));
}
