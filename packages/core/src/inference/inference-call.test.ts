import { describe, expect, it } from 'vitest';
import { FakeServable } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { isSettled, ManualClock, settle } from '../../../testing/src/manual-clock.js';
import { ServingMap } from '../manager/serving-map.js';
import type { InferenceServable, RunOptions } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { PREDICT_METHOD_NAME, type Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import { createTensor, type NamedTensors } from '../tensor/tensor.js';
import { DeadlineTimer } from './call-limits.js';
import { InferenceCall } from './inference-call.js';
import type { PredictionService } from './prediction-service.js';

const id = { name: 'm', version: 1 };
const outputs: NamedTensors = {};

/** A servable that heeds neither signal nor deadline. */
function makeRun(run: InferenceServable['run']) {
  const clock = new ManualClock();
  const timer = new DeadlineTimer(clock);
  const map = new ServingMap();
  map.add(id, Object.assign(new FakeServable(id), { run }));
  const service: PredictionService = {
    versions: { getServableHandle: () => map.getServableHandle(id) as ServableHandle<InferenceServable> },
    enforcesShapes: false,
    deadlines: timer,
    requestLogger: { sampler: undefined },
  };
  /** Releases its call when the caller has waited long enough. */
  const start = async ({ signal, deadline }: Pick<RunOptions, 'signal' | 'deadline'>): Promise<NamedTensors> => {
    using call = InferenceCall.begin(
      service,
      { model: 'm' },
      { isAborted: signal?.aborted ?? false, signal, deadline },
    );
    return await call.run(call.signature(undefined, 'predict'), {});
  };
  return { clock, map, start, begin: () => InferenceCall.begin(service, { model: 'm' }) };
}

describe('InferenceCall.run', () => {
  it('gives the outputs when there is time, and leaves no timer or listener behind', async () => {
    const { clock, start } = makeRun(async () => outputs);
    const controller = new AbortController();
    await expect(start({ deadline: 10, signal: controller.signal })).resolves.toBe(outputs);
    await clock.advance(100);
    expect(clock.pendingTimers).toBe(0);
    controller.abort();
  });

  it('rejects at the deadline and holds the version until the servable is done', async () => {
    const gate = new Gate();
    const { clock, map, start } = makeRun(() => gate.opened.then(() => outputs));
    const run = start({ deadline: 10 });
    const message =
      'The run of {name: m version: 1}, signature "serving_default", took longer than its deadline allows';
    const rejected = expect(run).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', message });
    await clock.advance(10);
    await rejected;
    const removed = map.remove(id);
    expect(await isSettled(removed)).toBe(false);
    gate.open();
    expect(await isSettled(removed)).toBe(true);
  });

  it.each([
    [undefined, 'CANCELLED', 'was cancelled'],
    [new DOMException('late', 'TimeoutError'), 'DEADLINE_EXCEEDED', 'took longer'],
  ])('rejects when the signal aborts with %s', async (reason, code, text) => {
    const { start } = makeRun(() => new Gate().opened.then(() => outputs));
    const controller = new AbortController();
    const run = start({ signal: controller.signal });
    await settle();
    controller.abort(reason);
    await expect(run).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
  });

  it('does not run for a signal that has aborted before', async () => {
    let runs = 0;
    const { start } = makeRun(async () => {
      runs += 1;
      return outputs;
    });
    await expect(start({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(runs).toBe(0);
  });

  it('releases its hold when the run fails, also when it throws at once', async () => {
    const { map, start } = makeRun(() => {
      throw new Error('at once');
    });
    await expect(start({ deadline: 10 })).rejects.toThrow('at once');
    expect(await isSettled(map.remove(id))).toBe(true);
  });
});

describe('the error of an engine', () => {
  const signature: Signature = {
    name: 'serving_default',
    methodName: PREDICT_METHOD_NAME,
    inputs: new Map([['x', { name: 'x', dtype: 'float', shape: [-1, 4] }]]),
    outputs: new Map(),
    defaults: new Map(),
  };
  const fail = async (error: ServingError, shape: number[], isLate: boolean): Promise<unknown> => {
    const { begin } = makeRun(() => {
      if (!isLate) throw error;
      return Promise.reject(error);
    });
    using call = begin();
    const run = async (): Promise<NamedTensors> =>
      await call.run(signature, { x: createTensor('float', shape, new Float32Array(4)) });
    return await run().catch((reason: unknown) => reason);
  };

  describe.each([
    ['at once', false],
    ['later', true],
  ])('that comes %s', (_when, isLate) => {
    it('has a hint where the shape of an input is not as declared', async () => {
      const error = ServingError.invalidArgument('In[0] is not a matrix');
      const hint = expect.stringMatching(/^Input "x" has shape \[4\], and the signature has \[\?,4\]/);
      expect(await fail(error, [4], isLate)).toMatchObject({ message: error.message, clientHint: hint });
    });

    it.each<[string, ServingError, number[]]>([
      ['where shapes are as declared', ServingError.invalidArgument('indices out of range'), [1, 4]],
      ['of another code', new ServingError('UNAVAILABLE', 'ended'), [4]],
      ['with a hint', ServingError.invalidArgument('no x', { clientHint: 'send x' }), [4]],
    ])('stays as it is %s', async (_, error, shape) => {
      expect(await fail(error, shape, isLate)).toBe(error);
    });
  });
});
