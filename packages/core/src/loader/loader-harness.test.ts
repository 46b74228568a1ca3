import { describe, expect, it } from 'vitest';
import { FakeLoader, Gate } from '../fake-platform.test-support.js';
import { ManualClock, settle } from '../manual-clock.test-support.js';
import { ServingError } from '../serving-error.js';
import { LoaderHarness, type LoaderHarnessOptions, type LoaderHarnessStateKind } from './loader-harness.js';

const id = { name: 'm', version: 1 };

function makeHarness(options: Partial<LoaderHarnessOptions> = {}): {
  harness: LoaderHarness;
  loader: FakeLoader;
  clock: ManualClock;
} {
  const loader = new FakeLoader(id);
  const clock = new ManualClock();
  const harness = new LoaderHarness(id, loader, { clock, maxNumLoadRetries: 0, loadRetryIntervalMs: 1000, ...options });
  return { harness, loader, clock };
}

type Step =
  | 'loadRequested'
  | 'loadApproved'
  | 'load'
  | 'unloadRequested'
  | 'startQuiescing'
  | 'doneQuiescing'
  | 'unload';

const path: readonly [Step | undefined, LoaderHarnessStateKind][] = [
  [undefined, 'new'],
  ['loadRequested', 'load-requested'],
  ['loadApproved', 'load-approved'],
  ['load', 'ready'],
  ['unloadRequested', 'unload-requested'],
  ['startQuiescing', 'quiescing'],
  ['doneQuiescing', 'quiesced'],
  ['unload', 'disabled'],
];

async function harnessIn(kind: LoaderHarnessStateKind): Promise<LoaderHarness> {
  const { harness, loader } = makeHarness();
  if (kind === 'error') harness.error(new ServingError('DATA_LOSS', 'broken'));
  else if (kind === 'loading' || kind === 'unloading') {
    loader.onLoad = kind === 'loading' ? () => new Gate().opened : loader.onLoad;
    loader.onUnload = () => new Gate().opened;
    const last = kind === 'loading' ? 'load' : 'unload';
    for (const [step] of path) {
      if (step === last) {
        void harness[step]();
        break;
      }
      if (step) await harness[step]();
    }
  } else {
    for (const [step, reached] of path) {
      if (step) await harness[step]();
      if (reached === kind) break;
    }
  }
  expect(harness.state.kind).toBe(kind);
  return harness;
}

const kinds: readonly LoaderHarnessStateKind[] = [
  'new',
  'load-requested',
  'load-approved',
  'loading',
  'ready',
  'unload-requested',
  'quiescing',
  'quiesced',
  'unloading',
  'disabled',
  'error',
];

const legal: Readonly<Record<Step, LoaderHarnessStateKind>> = {
  loadRequested: 'new',
  loadApproved: 'load-requested',
  load: 'load-approved',
  unloadRequested: 'ready',
  startQuiescing: 'unload-requested',
  doneQuiescing: 'quiescing',
  unload: 'quiesced',
};

const target: Readonly<Record<Step, LoaderHarnessStateKind>> = {
  loadRequested: 'load-requested',
  loadApproved: 'load-approved',
  load: 'loading',
  unloadRequested: 'unload-requested',
  startQuiescing: 'quiescing',
  doneQuiescing: 'quiesced',
  unload: 'unloading',
};

async function attempt(harness: LoaderHarness, step: Step): Promise<ServingError | undefined> {
  try {
    await harness[step]();
    return undefined;
  } catch (error) {
    return ServingError.from(error);
  }
}

describe('LoaderHarness', () => {
  it('goes through its states in order', async () => {
    const told: LoaderHarnessStateKind[] = [];
    const { harness, loader } = makeHarness({ onStateChanged: ({ kind }) => told.push(kind) });
    for (const [step, kind] of path) {
      if (step) await harness[step]();
      expect(harness.state.kind).toBe(kind);
    }
    expect(told).toEqual(kinds.slice(1, -1));
    expect(loader).toMatchObject({ loads: 1, unloads: 1, isLoaded: false });
  });

  const steps = Object.keys(legal) as Step[];
  const illegal = steps.flatMap((step) => kinds.filter((kind) => kind !== legal[step]).map((kind) => ({ step, kind })));

  it.each(illegal)('refuses $step in state $kind', async ({ step, kind }) => {
    const harness = await harnessIn(kind);
    const error = await attempt(harness, step);
    if (step === 'loadRequested') {
      const expected = kind === 'error' ? ['DATA_LOSS', 'broken'] : ['FAILED_PRECONDITION', 'Duplicate load request'];
      expect([error?.code, error?.message]).toEqual(expected);
      expect(harness.state.kind).toBe(kind);
    } else if (step === 'unloadRequested') {
      expect(error).toMatchObject({
        code: 'FAILED_PRECONDITION',
        message: 'Servable not loaded, or unload already requested/ongoing',
      });
      expect(harness.state.kind).toBe(kind);
    } else {
      expect(error).toMatchObject({
        code: 'INTERNAL',
        message: `Illegal request to transition from state ${kind} to ${target[step]}`,
      });
      expect(harness.state).toMatchObject({ kind: 'error', error });
    }
  });

  it('starts out in error when there is an error in place of a loader', async () => {
    const error = new ServingError('NOT_FOUND', 'no platform');
    const harness = new LoaderHarness(id, error, {
      clock: new ManualClock(),
      maxNumLoadRetries: 0,
      loadRetryIntervalMs: 0,
    });
    expect(harness.state).toEqual({ kind: 'error', error });
    await expect(harness.estimateResources()).rejects.toBe(error);
  });

  it('ends in error, naming the version, when the load fails', async () => {
    const { harness, loader } = makeHarness();
    loader.onLoad = () => Promise.reject(new ServingError('DATA_LOSS', 'file cut short'));
    harness.loadRequested();
    harness.loadApproved();
    await expect(harness.load()).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: 'Failed to load {name: m version: 1}: file cut short',
    });
    expect(harness.state.kind).toBe('error');
  });

  it.each(['{name: m version: 1} is broken', 'Loading model m version 1 failed'])(
    'leaves an error as it is that names the version: %s',
    async (message) => {
      const { harness, loader } = makeHarness();
      loader.onLoad = () => Promise.reject(new ServingError('DATA_LOSS', message));
      harness.loadRequested();
      harness.loadApproved();
      await expect(harness.load()).rejects.toMatchObject({ code: 'DATA_LOSS', message });
    },
  );

  it('ends in error when the loader does not give its servable', async () => {
    const { harness, loader } = makeHarness();
    loader.getServable = () => {
      throw new Error('none');
    };
    harness.loadRequested();
    harness.loadApproved();
    await expect(harness.load()).rejects.toThrow('Failed to load {name: m version: 1}: none');
    expect(harness.state.kind).toBe('error');
  });

  it('ends in error when the unload fails', async () => {
    const { harness, loader } = makeHarness();
    loader.onUnload = () => Promise.reject(new Error('stuck'));
    for (const [step] of path) {
      if (step === 'unload') break;
      if (step) await harness[step]();
    }
    await expect(harness.unload()).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'Failed to unload {name: m version: 1}: stuck',
    });
    expect(harness.state.kind).toBe('error');
  });

  describe('retrying', () => {
    async function loading(failures: number, maxNumLoadRetries: number) {
      const retried: string[] = [];
      const made = makeHarness({
        maxNumLoadRetries,
        onStateChanged: (state) => {
          if (state.kind === 'loading' && state.lastError) retried.push(state.lastError.message);
        },
      });
      made.loader.onLoad = (number) => {
        if (number <= failures) throw new Error(`failure ${number}`);
      };
      made.harness.loadRequested();
      made.harness.loadApproved();
      const outcome = attempt(made.harness, 'load');
      await settle();
      return { ...made, retried, outcome };
    }

    it('tries again after the interval and tells of each failure before', async () => {
      const { harness, loader, clock, retried, outcome } = await loading(2, 5);
      expect(harness.state).toMatchObject({ kind: 'loading', lastError: { code: 'UNKNOWN' } });
      await clock.advance(999);
      expect(loader.loads).toBe(1);
      await clock.advance(1);
      expect(loader.loads).toBe(2);
      await clock.advance(1000);
      expect(await outcome).toBeUndefined();
      expect(harness.state.kind).toBe('ready');
      expect(retried).toEqual([1, 2].map((n) => `Failed to load {name: m version: 1}: failure ${n}`));
      expect(clock.pendingTimers).toBe(0);
    });

    it('gives up after the last retry', async () => {
      const { harness, loader, clock, retried, outcome } = await loading(10, 2);
      await clock.advance(5000);
      expect((await outcome)?.message).toContain('failure 3');
      expect(loader.loads).toBe(3);
      expect(retried).toHaveLength(2);
      expect(harness.state.kind).toBe('error');
    });

    it('stops waiting for a retry when it is cancelled', async () => {
      const { harness, loader, clock, outcome } = await loading(10, 5);
      harness.cancelLoadRetry();
      expect((await outcome)?.message).toContain('failure 1');
      expect(loader.loads).toBe(1);
      expect(clock.pendingTimers).toBe(0);
      expect(harness.state.kind).toBe('error');
    });
  });

  describe('cancelled', () => {
    it('undoes a load that succeeds all the same', async () => {
      const { harness, loader } = makeHarness();
      const gate = new Gate();
      let signal: AbortSignal | undefined;
      loader.onLoad = (_, context) => {
        signal = context.signal;
        return gate.opened;
      };
      harness.loadRequested();
      harness.loadApproved();
      const load = harness.load();
      harness.cancelLoadRetry();
      expect(signal?.aborted).toBe(true);
      gate.open();
      await expect(load).rejects.toMatchObject({ code: 'CANCELLED', message: 'Loading of servable cancelled' });
      expect(harness.state).toMatchObject({ kind: 'disabled', error: { code: 'CANCELLED' } });
      expect(loader).toMatchObject({ loads: 1, unloads: 1 });
    });

    it('does not begin a load', async () => {
      const { harness, loader } = makeHarness({ maxNumLoadRetries: 5 });
      harness.loadRequested();
      harness.loadApproved();
      harness.cancelLoadRetry();
      await expect(harness.load()).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(harness.state.kind).toBe('error');
      expect(loader.loads).toBe(0);
    });

    it('means nothing once it is ready', async () => {
      const harness = await harnessIn('ready');
      harness.cancelLoadRetry();
      expect(harness.isLoadRetryCancelled).toBe(false);
    });
  });
});
