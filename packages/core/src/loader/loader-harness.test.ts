import { describe, expect, it } from 'vitest';
import { FakeLoader } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { ManualClock, settle } from '../../../testing/src/manual-clock.js';
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
    expect(() => harness.loadRequested()).toThrow(error);
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

    it('retries after the interval and reports each failure before', async () => {
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

    it('retries at once on retryNow(), with all its retries', async () => {
      const { harness, loader, clock, outcome } = await loading(10, 1);
      harness.retryNow();
      await settle();
      expect(loader.loads).toBe(2);
      await clock.advance(1000);
      expect(loader.loads).toBe(3);
      expect((await outcome)?.message).toContain('failure 3');
      harness.retryNow();
      expect(clock.pendingTimers).toBe(0);
    });

    it('does not try again what is not worth it', async () => {
      const { harness, loader } = makeHarness({
        maxNumLoadRetries: 5,
        shouldRetryModelLoad: ({ code }) => code !== 'INVALID_ARGUMENT',
      });
      loader.onLoad = () => Promise.reject(new ServingError('INVALID_ARGUMENT', 'never'));
      harness.loadRequested();
      harness.loadApproved();
      expect(await attempt(harness, 'load')).toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(loader.loads).toBe(1);
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

  describe('estimating resources', () => {
    async function estimating(failures: number, options: Partial<LoaderHarnessOptions> = {}) {
      const made = makeHarness({ maxNumLoadRetries: 2, ...options });
      let estimates = 0;
      made.loader.onEstimate = () => {
        estimates += 1;
        if (estimates <= failures) throw new ServingError('NOT_FOUND', `failure ${estimates}`);
      };
      made.harness.loadRequested();
      const estimate = made.harness.estimateResources().catch((error: unknown) => error);
      await settle();
      return { ...made, estimate };
    }

    it('tries again as it does with a load', async () => {
      const { harness, clock, estimate } = await estimating(1);
      expect(harness.state).toMatchObject({
        kind: 'load-requested',
        lastError: {
          code: 'NOT_FOUND',
          message: 'Error while attempting to reserve resources to load servable {name: m version: 1}: failure 1',
        },
      });
      await clock.advance(1000);
      expect(await estimate).toEqual({ ramBytes: 1 });
      expect(harness.state.kind).toBe('load-requested');
    });

    it('counts failed estimates and failed loads together', async () => {
      const { harness, loader, clock, estimate } = await estimating(1);
      await clock.advance(1000);
      await estimate;
      loader.onLoad = () => Promise.reject(new Error('broken'));
      harness.loadApproved();
      const load = attempt(harness, 'load');
      await settle();
      await clock.advance(5000);
      await load;
      expect(loader.loads).toBe(2);
    });

    it('gives up after the last retry, and when it is cancelled', async () => {
      const exhausted = await estimating(10);
      await exhausted.clock.advance(5000);
      expect(await exhausted.estimate).toMatchObject({ message: expect.stringContaining('failure 3') });
      expect(exhausted.harness.state.kind).toBe('error');
      const cancelled = await estimating(10);
      cancelled.harness.cancelLoadRetry();
      expect(await cancelled.estimate).toMatchObject({ message: expect.stringContaining('failure 1') });
      expect(cancelled.clock.pendingTimers).toBe(0);
    });

    it('leaves other states alone, and reports a delay once', async () => {
      const ready = await harnessIn('ready');
      await expect(ready.estimateResources()).rejects.toMatchObject({ code: 'INTERNAL' });
      const told: LoaderHarnessStateKind[] = [];
      const { harness } = makeHarness({ onStateChanged: ({ kind }) => told.push(kind) });
      harness.loadRequested();
      harness.delayed(new ServingError('RESOURCE_EXHAUSTED', 'full'));
      harness.delayed(new ServingError('RESOURCE_EXHAUSTED', 'full'));
      expect(told).toEqual(['load-requested', 'load-requested']);
      harness.loadApproved();
      expect(() => harness.delayed(new ServingError('RESOURCE_EXHAUSTED', 'full'))).toThrow('Illegal request');
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
      expect(harness.cancellation.aborted).toBe(false);
    });
  });
});
