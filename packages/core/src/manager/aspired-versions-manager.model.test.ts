import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeLoader } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { ManualClock, settle } from '../../../testing/src/manual-clock.js';
import type { Loader } from '../loader/loader.js';
import type { InsufficientResourcesPolicy } from '../resources/reservation-queue.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { formatServableId, type ServableId } from '../servable/servable-id.js';
import type { ManagerState, ServableState } from '../servable/servable-state.js';
import { compareVersions, type Version } from '../servable/version.js';
import type { AspiredVersionPolicy } from './aspired-version-policy.js';
import { AspiredVersionsManager } from './aspired-versions-manager.js';
import { availabilityPreservingPolicy } from './availability-preserving-policy.js';
import { resourcePreservingPolicy } from './resource-preserving-policy.js';

const MAX_RETRIES = 2;
const RETRY_MS = 1000;
/** Mostly none, or a world is made of failures only. */
const NUMBERS_OF_FAILURES = [0, 0, 0, 0, 0, 0, 0, 0, 1, MAX_RETRIES + 1];
/** What all loaders of a world may hold together; each holds 1 or 2. */
const RAM_IN_BYTES = 4;
/** Neighbours, some of which a number does not tell apart. */
const VERSIONS: readonly Version[] = [1, 2, 2n ** 53n + 1n, 2n ** 53n + 2n];

/** How a loader behaves: it fails so often, and waits for a gate if it is slow. */
interface Behaviour {
  readonly failedEstimates: number;
  readonly failures: number;
  readonly isSlow: boolean;
}

type Command =
  | {
      readonly do: 'aspire';
      readonly stream: string;
      readonly versions: readonly Version[];
      readonly revision: string;
      readonly behaviour: Behaviour;
    }
  | { readonly do: 'open gates' }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'take handle'; readonly pick: number; readonly isSpecific: boolean }
  | { readonly do: 'ask for'; readonly stream: string; readonly version: Version | undefined }
  | { readonly do: 'release handles' }
  | { readonly do: 'let happen' };

const streams = fc.constantFrom('a', 'b');
const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('aspire' as const),
      stream: streams,
      versions: fc.uniqueArray(fc.constantFrom(...VERSIONS), { maxLength: 3 }),
      revision: fc.constantFrom('old', 'new'),
      behaviour: fc.record({
        failedEstimates: fc.constantFrom(...NUMBERS_OF_FAILURES),
        failures: fc.constantFrom(...NUMBERS_OF_FAILURES),
        isSlow: fc.boolean(),
      }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'open gates' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, RETRY_MS, 5 * RETRY_MS) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('take handle' as const), pick: fc.nat(7), isSpecific: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('ask for' as const),
      stream: streams,
      version: fc.option(fc.constantFrom(...VERSIONS), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'release handles' as const }) },
  { weight: 6, arbitrary: fc.constant({ do: 'let happen' as const }) },
);

const followers: Readonly<Record<ManagerState | 'nothing', readonly ManagerState[]>> = {
  nothing: ['start', 'end'],
  start: ['loading', 'end'],
  loading: ['loading', 'available', 'end'],
  available: ['unloading'],
  unloading: ['end'],
  end: ['start'],
};

/** A manager with everything around it that may go wrong, and checks at every step. */
class World {
  readonly #clock = new ManualClock();
  readonly #manager: AspiredVersionsManager;
  readonly #handles: ServableHandle[] = [];
  readonly #loaders: FakeLoader[] = [];
  readonly #aspired = new Map<string, readonly Version[]>();
  readonly #lastStates = new Map<string, ServableState>();
  readonly #loading = new Set<FakeLoader>();
  readonly #gates: Gate[] = [];
  /** What must never happen, and did. Nothing is thrown where it is seen, for it would disturb the manager. */
  readonly #violations: string[] = [];

  constructor(aspiredVersionPolicy: AspiredVersionPolicy, insufficientResources: InsufficientResourcesPolicy) {
    this.#manager = new AspiredVersionsManager({
      clock: this.#clock,
      aspiredVersionPolicy,
      resourceLimits: { ramBytes: RAM_IN_BYTES },
      insufficientResources,
      publish: (state) => this.#checkEvent(state),
      onError: (error) => this.#violations.push(error.message),
      numLoadThreads: 2,
      numUnloadThreads: 1,
      maxNumLoadRetries: MAX_RETRIES,
      loadRetryIntervalMs: RETRY_MS,
    });
  }

  async perform(command: Command): Promise<void> {
    switch (command.do) {
      case 'aspire':
        this.#aspire(command);
        break;
      case 'open gates':
        this.#openGates();
        break;
      case 'advance':
        await this.#clock.advance(command.ms);
        break;
      case 'take handle': {
        const ids = this.#manager.listAvailableServableIds();
        const id = ids[command.pick % ids.length];
        if (id) this.#takeHandle(id.name, command.isSpecific ? id.version : undefined);
        break;
      }
      case 'ask for':
        this.#takeHandle(command.stream, command.version);
        break;
      case 'release handles':
        for (const handle of this.#handles.splice(0)) handle.release();
        break;
      case 'let happen':
        await settle();
        break;
    }
    for (const handle of this.#handles) {
      if (!this.#isLoaded(handle))
        this.#violations.push(`${handle.id.name} ${handle.id.version} was unloaded under a handle`);
    }
    const used = this.#loaders
      .filter((loader) => loader.isLoaded || this.#loading.has(loader))
      .reduce((sum, { ramBytes }) => sum + ramBytes, 0);
    if (used > RAM_IN_BYTES) this.#violations.push(`${used} bytes are held`);
    expect(this.#violations).toEqual([]);
  }

  /** When all has come to rest, each aspired version that can load and fits is available, and nothing else. */
  async checkRest(): Promise<void> {
    await this.#comeToRest();
    const available = this.#manager.listAvailableServableIds().map(({ name, version }) => `${name} ${version}`);
    for (const [stream, versions] of this.#aspired) {
      for (const version of versions) {
        const key = `${stream} ${version}`;
        const last = this.#lastStates.get(key);
        const isFailed = last?.managerState === 'end' && last.error !== undefined;
        const hasNoRoom = last?.managerState === 'loading' && last.error?.code === 'RESOURCE_EXHAUSTED';
        const isRight = available.includes(key) || isFailed || hasNoRoom;
        expect(isRight, `${key} is aspired; it is ${last?.managerState}`).toBe(true);
      }
      const unwanted = available.filter(
        (key) => key.startsWith(stream) && !versions.some((version) => key === `${stream} ${version}`),
      );
      const isKeptForLackOfAnother =
        unwanted.length === 1 &&
        !versions.some((version) => available.includes(`${stream} ${version}`)) &&
        versions.length > 0;
      if (!isKeptForLackOfAnother) expect(unwanted).toEqual([]);
    }
    expect([...this.#lastStates.values()].filter(({ managerState }) => managerState === 'unloading')).toEqual([]);
  }

  async close(): Promise<void> {
    const closed = this.#manager.close();
    await this.#comeToRest();
    await closed;
    expect(this.#loaders.filter(({ isLoaded }) => isLoaded)).toEqual([]);
    expect([...this.#lastStates.values()].filter(({ managerState }) => managerState !== 'end')).toEqual([]);
    expect(this.#loading.size).toBe(0);
    expect(this.#clock.pendingTimers).toBe(0);
    expect(this.#violations).toEqual([]);
  }

  async #comeToRest(): Promise<void> {
    for (let round = 0; round < 100; round += 1) {
      for (const handle of this.#handles.splice(0)) handle.release();
      this.#openGates();
      await this.#clock.advance(RETRY_MS);
      if (this.#gates.length === 0 && this.#clock.pendingTimers === 0) return;
    }
    expect.fail('it comes to no rest');
  }

  #aspire({ stream, versions, revision, behaviour }: Extract<Command, { do: 'aspire' }>): void {
    this.#aspired.set(stream, versions);
    const items = versions.map((version) => {
      const loader = this.#loader({ name: stream, version }, behaviour);
      this.#loaders.push(loader);
      return { id: loader.id, data: loader as Loader, revision };
    });
    this.#manager.getAspiredVersionsCallback()(stream, items);
  }

  #loader(id: ServableId, { failedEstimates, failures, isSlow }: Behaviour): FakeLoader {
    const loader = new FakeLoader(id);
    loader.ramBytes = 1 + Number(BigInt(id.version) % 2n);
    let estimates = 0;
    loader.onEstimate = () => {
      estimates += 1;
      if (estimates <= failedEstimates) throw new Error('not all there');
    };
    loader.onLoad = async (attempt) => {
      const others = this.#loaders.filter((other) => formatServableId(other.id) === formatServableId(id));
      if (others.some((other) => other.isLoaded || this.#loading.has(other))) {
        this.#violations.push(`${formatServableId(id)} is loaded twice`);
      }
      this.#loading.add(loader);
      try {
        if (isSlow) await this.#newGate().opened;
        if (attempt <= failures) throw new Error('broken');
      } finally {
        this.#loading.delete(loader);
      }
    };
    loader.onUnload = () => (isSlow ? this.#newGate().opened : undefined);
    return loader;
  }

  #newGate(): Gate {
    const gate = new Gate();
    this.#gates.push(gate);
    return gate;
  }

  #openGates(): void {
    for (const gate of this.#gates.splice(0)) gate.open();
  }

  #takeHandle(stream: string, version: Version | undefined): void {
    const ids = this.#manager.listAvailableServableIds().filter(({ name }) => name === stream);
    const found = ids.some((id) => version === undefined || id.version === version);
    if (!found) {
      expect(() => this.#manager.getServableHandle({ name: stream, version })).toThrow('Servable not found');
      return;
    }
    const handle = this.#manager.getServableHandle({ name: stream, version });
    expect(handle.id.version).toBe(
      version ??
        ids
          .map((id) => id.version)
          .sort(compareVersions)
          .at(-1),
    );
    expect(this.#isLoaded(handle)).toBe(true);
    this.#handles.push(handle);
  }

  #isLoaded({ servable }: ServableHandle): boolean {
    return this.#loaders.some((loader) => loader.servable === servable && loader.isLoaded);
  }

  #checkEvent(state: ServableState): void {
    const { id, managerState } = state;
    const key = `${id.name} ${id.version}`;
    const last = this.#lastStates.get(key)?.managerState ?? 'nothing';
    if (!followers[last].includes(managerState)) this.#violations.push(`${key}: ${managerState} after ${last}`);
    this.#lastStates.set(key, state);
    const ids = this.#manager.listAvailableServableIds();
    const isServed = ids.some(({ name, version }) => name === id.name && version === id.version);
    if (isServed !== (managerState === 'available' || managerState === 'unloading')) {
      this.#violations.push(`${key} is ${isServed ? '' : 'not '}served when ${managerState} is published`);
    }
  }
}

describe.each([
  ['availability preserving', availabilityPreservingPolicy, 'fail'],
  ['availability preserving', availabilityPreservingPolicy, 'wait'],
  ['resource preserving', resourcePreservingPolicy, 'fail'],
  ['resource preserving', resourcePreservingPolicy, 'wait'],
] as const)('AspiredVersionsManager with the %s policy', (_, policy, insufficientResources) => {
  it(`keeps its promises whichever versions are aspired, fail, is slow, is held or doesn't fit, and then has to ${insufficientResources}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commands, { maxLength: 30, size: 'max' }), fc.boolean(), async (run, isLeftToRest) => {
        const world = new World(policy, insufficientResources);
        for (const command of run) await world.perform(command);
        if (isLeftToRest) await world.checkRest();
        await world.close();
      }),
      { numRuns: 100 },
    );
  });
});
