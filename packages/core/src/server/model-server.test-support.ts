/** A model server on fakes: storage, platform and clock are the test's. */
import { onTestFinished } from 'vitest';
import { type FakeLoader, fakePlatform } from '../../../test-doubles/src/fake-platform.js';
import { FakeStorage } from '../../../testing/src/fake-storage.js';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import type { ServableId } from '../servable/servable-id.js';
import type { Version, VersionLike } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import type { ModelConfig } from './config/model-config.js';
import { ModelServer, type ModelServerOptions } from './model-server.js';

/** A model in the folder of its name. */
export function model(name: string, config: Partial<ModelConfig> = {}): ModelConfig {
  return { name, basePath: name, ...config };
}

/** A policy that aspires these versions. */
export const specific = (...versions: readonly VersionLike[]): Pick<ModelConfig, 'versionPolicy'> => ({
  versionPolicy: { specific: { versions } },
});

/** Everything that happens, and what a test decides with. */
export class ServerHarness {
  readonly clock = new ManualClock();
  readonly storage = new FakeStorage();
  readonly loaders: FakeLoader[] = [];
  readonly events: string[] = [];
  readonly errors: string[] = [];
  /** Sees each loader before the manager does. */
  prepare: (loader: FakeLoader) => void = () => {};

  /** The server is closed when the test is over. */
  async start(options: Partial<ModelServerOptions>): Promise<ModelServer> {
    const platform = fakePlatform((loader) => {
      this.loaders.push(loader);
      this.prepare(loader);
    });
    const tell =
      (what: string) =>
      ({ id }: { readonly id: ServableId }): void => {
        this.events.push(`${what} ${id.name} ${id.version}`);
      };
    const server = await ModelServer.start({
      platforms: { tensorflow: platform, other: platform },
      clock: this.clock,
      storage: this.storage,
      maxNumLoadRetries: 0,
      on: {
        'servable:available': tell('available'),
        'servable:unloading': tell('unloading'),
        'servable:end': tell('end'),
        'config:reloaded': ({ models }) => this.events.push(`reloaded ${models.join(' ')}`),
        error: ({ message }) => this.errors.push(message),
      },
      ...options,
    });
    onTestFinished(() => server.close({ timeoutMs: 0 }));
    return server;
  }

  /** Loads of these versions fail: `broken: 2`. */
  fail(versions: Readonly<Record<string, number>>): void {
    this.prepare = (loader) => {
      if (versions[loader.id.name] !== loader.id.version) return;
      loader.onLoad = () => Promise.reject(new ServingError('DATA_LOSS', 'no data'));
    };
  }

  take(): string[] {
    return this.events.splice(0);
  }
}

/** The version that answers; the code of the error when none does. */
export async function answer(server: ModelServer, name: string, label?: string): Promise<Version | string> {
  try {
    const { version } = await server.predict({ model: name, ...(label && { label }), inputs: { x: [0] } });
    return version;
  } catch (error) {
    return ServingError.from(error).code;
  }
}
