/** A model server inside the test's process, on fakes, on real models, or on both. */
import { resolve } from 'node:path';
import {
  type CloseOptions,
  type ModelConfig,
  ModelServer,
  type ModelServerOptions,
  type ServableId,
  ServingError,
  type VersionLike,
} from '@serving/core';
import {
  type InferenceServable,
  isInferenceServable,
  localStorage,
  type Platform,
  parseVersion,
  platformFromLoader,
  type Storage,
} from '@serving/core/extend';
import type { ManagerState } from '@serving/core/lifecycle';
import { createFetchHandler } from '@serving/http';
import { FakeLoader } from './fake-loader.js';
import { FakeStorage } from './fake-storage.js';
import { waitUntilServableManagerStateIsOneOf } from './wait-until-state.js';

/** A model on disk: as {@link ModelConfig}, its name being the key. */
export type RealModel = Omit<ModelConfig, 'name'>;

/** A fake model: its servables by version, and other options of a {@link ModelConfig}. */
export interface FakeModel extends Omit<ModelConfig, 'name' | 'basePath' | 'platform'> {
  readonly versions: Readonly<Record<string, InferenceServable>>;
}

/** A servable alone is version 1 of a fake model. */
export type TestModel = InferenceServable | FakeModel | RealModel;

/** As those of `ModelServer.start`, with other defaults: nothing is polled for, and failed loads are not tried again. */
export interface TestServerOptions extends Omit<ModelServerOptions, 'models' | 'platforms'> {
  /** By name. */
  readonly models: Readonly<Record<string, TestModel>>;
  /** For real models: `{ tensorflow: savedModelPlatform() }`. */
  readonly platforms?: Readonly<Record<string, Platform>>;
  /** Called first with the loader of each fake version, to make its load fail or wait. */
  readonly onLoader?: (loader: FakeLoader, id: ServableId) => void;
}

/**
 * Starts a server, which is ready when this resolves.
 *
 * @throws ServingError as `ModelServer.start`.
 *
 * @example
 * ```ts
 * const test = await startTestServer({ models: { half_plus_two: halfPlusTwo } });
 * const answer = await test.fetch('/v1/models/half_plus_two:predict', { method: 'POST', body: '{"instances": [1]}' });
 * await test.close();
 * ```
 */
export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const { models, platforms, onLoader, ...rest } = options;
  const fakes = new Fakes(onLoader);
  const server = await ModelServer.start({
    pollIntervalMs: 'once',
    maxNumLoadRetries: 0,
    ...rest,
    models: Object.entries(models).map(([name, model]) => toModelConfig(name, model, fakes, rest.storage)),
    platforms: { ...platforms, [FAKE_PLATFORM]: fakes.platform },
    storage: fakes.storageBeside(rest.storage ?? localStorage),
  });
  return new TestServer(server, fakes, rest);
}

/** What {@link startTestServer} gives. */
export class TestServer implements AsyncDisposable {
  /** As any other: to be handed to the code that is tested. */
  readonly server: ModelServer;
  readonly #fakes: Fakes;
  readonly #fetch: (request: Request) => Promise<Response>;

  /** @private */
  constructor(server: ModelServer, fakes: Fakes, { clock }: Pick<TestServerOptions, 'clock'>) {
    this.server = server;
    this.#fakes = fakes;
    this.#fetch = createFetchHandler(server, clock ? { clock } : {});
  }

  /** The REST API, without a socket. `target` is path and query: `/v1/models/digits:predict`. */
  fetch(target: string, init?: RequestInit): Promise<Response> {
    return this.#fetch(new Request(`http://test${target}`, init));
  }

  /**
   * Gives a fake model another version, as if its folder had come to its base path. Resolves when it is available or has failed.
   *
   * @throws ServingError `NOT_FOUND` for a model that isn't listed.
   */
  async addVersion(model: string, version: VersionLike, servable: InferenceServable): Promise<void> {
    this.#fakes.add({ name: model, version: parseVersion(version) }, servable);
    await this.server.poll(model);
  }

  /** Takes a version of a fake model away, as if its folder had been deleted. Resolves before it is unloaded. */
  async removeVersion(model: string, version: VersionLike): Promise<void> {
    this.#fakes.remove({ name: model, version: parseVersion(version) });
    await this.server.poll(model);
  }

  /** {@link waitUntilServableManagerStateIsOneOf}. */
  waitUntil(
    id: ServableId,
    states: readonly ManagerState[],
    options?: { signal?: AbortSignal },
  ): Promise<ManagerState> {
    return waitUntilServableManagerStateIsOneOf(this.server, id, states, options);
  }

  /** Closes the server: runs in flight are waited for, as `ModelServer.close` does, so open what holds them up. */
  close(options?: CloseOptions): Promise<void> {
    return this.server.close(options);
  }

  /** {@link TestServer.close} without a limit, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const FAKE_PLATFORM = 'fake';
const FAKE_SCHEME = 'fake://';

/** The fake models: their loaders, and their paths for the server. */
class Fakes {
  readonly #storage = new FakeStorage();
  readonly #servables = new Map<string, InferenceServable>();
  readonly platform: Platform;

  constructor(onLoader: TestServerOptions['onLoader']) {
    this.platform = platformFromLoader((path, id) => {
      const servable = this.#servables.get(path);
      if (!servable) throw new ServingError('NOT_FOUND', `No fake servable for ${path}`);
      const loader = new FakeLoader(servable);
      onLoader?.(loader, id);
      return loader;
    });
  }

  add({ name, version }: ServableId, servable: InferenceServable): void {
    const folder = FAKE_SCHEME + name;
    this.#storage.add(folder, version);
    this.#servables.set(this.#storage.join(folder, String(version)), servable);
  }

  remove({ name, version }: ServableId): void {
    this.#storage.remove(FAKE_SCHEME + name, version);
  }

  storageBeside(other: Storage): Storage {
    const of = (path: string): Storage => (path.startsWith(FAKE_SCHEME) ? this.#storage : other);
    return {
      listChildren: (folder) => of(folder).listChildren(folder),
      join: (folder, child) => of(folder).join(folder, child),
      // Fake versions don't change; nor do those of a storage without revisions.
      fingerprint: async (path) => (await of(path).fingerprint?.(path)) ?? '',
    };
  }
}

function toModelConfig(name: string, model: TestModel, fakes: Fakes, storage: Storage | undefined): ModelConfig {
  if ('basePath' in model) {
    // The server has a storage of ours, and so leaves base paths alone.
    return { ...model, name, basePath: storage ? model.basePath : resolve(localStorage.join(model.basePath, '.')) };
  }
  const { versions, ...config } = isInferenceServable(model) ? { versions: { 1: model } } : model;
  for (const [version, servable] of Object.entries(versions))
    fakes.add({ name, version: parseVersion(version) }, servable);
  return { ...config, name, basePath: FAKE_SCHEME + name, platform: FAKE_PLATFORM };
}
