import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeServable } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { settle } from '../../../testing/src/manual-clock.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { ServingError } from '../serving-error.js';
import type { ModelConfig } from './config/model-config.js';
import type { ModelServer } from './model-server.js';
import { answer, model, ServerHarness } from './model-server.test-support.js';

const NAMES = ['a', 'b', 'c'] as const;
/** Every base path holds versions 1 to 3, of which the last one never loads. */
const BROKEN = 3;

/** What `specific` version each listed model is to have. */
type List = Readonly<Record<string, number>>;

type Step =
  | { readonly kind: 'reload'; readonly list: List }
  | { readonly kind: 'add' | 'remove' | 'hold'; readonly name: string; readonly version: number }
  | { readonly kind: 'release' | 'turn' | 'open' | 'poll' };

const name = fc.constantFrom(...NAMES);
const version = fc.integer({ min: 1, max: BROKEN });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('reload' as const), list: fc.dictionary(name, version, { maxKeys: 3 }) }),
  fc.record({ kind: fc.constantFrom('add' as const, 'remove' as const, 'hold' as const), name, version }),
  fc.record({ kind: fc.constantFrom('release' as const, 'turn' as const, 'open' as const, 'poll' as const) }),
);

const toConfig = (listed: string, of: number): ModelConfig =>
  model(listed, { versionPolicy: { specific: { versions: [of] } } });

/** The list as it has to be, and every promise and handle that is not done with. */
class Trial {
  readonly harness = new ServerHarness();
  readonly changes: Promise<unknown>[] = [];
  readonly handles: ServableHandle<unknown>[] = [];
  list: List = {};
  #gate = new Gate();
  #server: ModelServer | undefined;

  get server(): ModelServer {
    return this.#server!;
  }

  async start(): Promise<void> {
    for (const listed of NAMES) this.harness.storage.add(listed, 1, 2, BROKEN);
    this.harness.prepare = (loader) => {
      loader.onLoad = async () => {
        await this.#gate.opened;
        if (loader.id.version === BROKEN) throw new ServingError('DATA_LOSS', 'no data');
      };
    };
    this.#server = await this.harness.start({ models: [], numLoadThreads: 2 });
  }

  take(step: Step): void {
    const { list } = this;
    switch (step.kind) {
      case 'reload':
        this.list = step.list;
        this.#change(this.server.reload({ models: toModels(step.list) }));
        return;
      case 'add':
        if (!Object.hasOwn(list, step.name)) this.list = { ...list, [step.name]: step.version };
        this.#change(this.server.addModel(toConfig(step.name, step.version)));
        return;
      case 'remove':
        this.list = Object.fromEntries(Object.entries(list).filter(([listed]) => listed !== step.name));
        this.#change(this.server.removeModel(step.name));
        return;
      case 'poll':
        this.#change(this.server.poll());
        return;
      case 'hold':
        if (this.harness.loaders.some(({ id, isLoaded }) => isLoaded && id.name === step.name)) this.#hold(step.name);
        return;
      case 'release':
        this.handles.shift()?.release();
        return;
      case 'open':
        this.openLoads();
        this.#gate = new Gate();
        return;
      case 'turn':
    }
  }

  openLoads(): void {
    this.#gate.open();
  }

  #change(promise: Promise<void>): void {
    this.changes.push(promise.catch((error: unknown) => expect(error).toBeInstanceOf(ServingError)));
    expect([...this.server.modelNames].sort()).toEqual(Object.keys(this.list).sort());
  }

  #hold(listed: string): void {
    try {
      this.handles.push(this.server.getServableHandle({ model: listed }));
    } catch (error) {
      expect(error).toMatchObject({ code: 'NOT_FOUND' });
    }
  }
}

const toModels = (list: List): ModelConfig[] => Object.entries(list).map(([listed, of]) => toConfig(listed, of));

describe('ModelServer.reload, addModel, removeModel and poll', () => {
  it('come to the last list in whatever order they, loads and handles come, and every promise settles', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const trial = new Trial();
        await trial.start();
        for (const one of steps) {
          trial.take(one);
          if (one.kind === 'turn' || one.kind === 'open') await settle();
          for (const { servable } of trial.handles) expect(servable).toMatchObject({ isLoaded: true });
        }
        for (const handle of trial.handles) {
          expect(handle.servable).toBeInstanceOf(FakeServable);
          handle.release();
        }
        trial.openLoads();
        for (let turn = 0; turn < 5; turn += 1) await settle();
        trial.openLoads();
        await Promise.all(trial.changes);
        for (let turn = 0; turn < 5; turn += 1) await settle();
        for (const listed of NAMES) {
          const wanted = trial.list[listed];
          const answered = await answer(trial.server, listed);
          if (wanted === undefined) expect(answered).toBe('NOT_FOUND');
          else if (wanted !== BROKEN) expect(answered).toBe(wanted);
        }
        const loaded = trial.harness.loaders.filter(({ isLoaded }) => isLoaded).map(({ id }) => id);
        for (const { name: kept } of loaded) expect(Object.keys(trial.list)).toContain(kept);
        expect(loaded.length).toBeLessThanOrEqual(Object.keys(trial.list).length);
        await trial.server.close();
        expect(trial.harness.loaders.filter(({ isLoaded }) => isLoaded)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
