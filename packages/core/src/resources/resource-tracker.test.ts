import { describe, expect, it } from 'vitest';
import type { ResourceEstimate } from '../loader/loader.js';
import type { ResourceLimits } from './resource-quantity.js';
import { insufficientResources, ResourceTracker } from './resource-tracker.js';

const id = (version: number, name = 'm') => ({ name, version });
const gpu = (quantity: number, instance?: number) => ({
  device: 'gpu',
  kind: 'ram_in_bytes',
  quantity,
  ...(instance !== undefined && { instance }),
});
const twoGpus: ResourceLimits = { devices: [gpu(10, 0), gpu(20, 1)] };

describe('ResourceTracker', () => {
  it.each<[string, ResourceLimits, ResourceEstimate[], boolean]>([
    ['as much as there is', { ramBytes: 10 }, [{ ramBytes: 4 }, { ramBytes: 6 }], true],
    ['more than is left', { ramBytes: 10 }, [{ ramBytes: 4 }, { ramBytes: 7 }], false],
    ['whatever, without limits', {}, [{ ramBytes: 1e15 }, { ramBytes: 1, devices: [gpu(1e15, 3)] }], true],
    ['nothing', { ramBytes: 0 }, [{ ramBytes: 0, devices: [gpu(0, 7)] }], true],
    ['one of two devices', twoGpus, [{ ramBytes: 1, devices: [gpu(20, 1)] }], true],
    ['too much of one', twoGpus, [{ ramBytes: 1, devices: [gpu(20, 0)] }], false],
    ['any device, as large as the smallest', twoGpus, [{ ramBytes: 1, devices: [gpu(10)] }], true],
    ['any device, larger than the smallest', twoGpus, [{ ramBytes: 1, devices: [gpu(11)] }], false],
    ['any device, when one is full', twoGpus, [gpu(10, 0), gpu(1)].map((g) => ({ ramBytes: 0, devices: [g] })), false],
    ['a device after any', twoGpus, [gpu(10), gpu(11, 1)].map((g) => ({ ramBytes: 0, devices: [g] })), false],
    ['a sum of parts', twoGpus, [{ ramBytes: 0, devices: [gpu(6, 0), gpu(5, 0)] }], false],
    ['another kind', twoGpus, [{ ramBytes: 0, devices: [{ ...gpu(99, 0), kind: 'streams' }] }], true],
    [
      'a limit of RAM given by its device',
      { devices: [{ device: 'main', kind: 'ram_in_bytes', quantity: 5 }] },
      [{ ramBytes: 6 }],
      false,
    ],
  ])('reserves or not: %s', (_, limits, estimates, fits) => {
    const tracker = new ResourceTracker(limits);
    const shortages = estimates.map((estimate, i) => tracker.tryReserve(id(i), estimate));
    expect(shortages.slice(0, -1).filter(Boolean)).toEqual([]);
    expect(shortages.at(-1) === undefined).toBe(fits);
  });

  it('says what is short and who holds it, and reserves nothing then', () => {
    const tracker = new ResourceTracker({ ramBytes: 1000, devices: [gpu(10, 0)] });
    tracker.tryReserve(id(1), { ramBytes: 100, devices: [gpu(2, 0)] });
    tracker.tryReserve(id(3, 'other'), { ramBytes: 300, devices: [gpu(7)] });
    const shortage = tracker.tryReserve(id(2), { ramBytes: 600, devices: [gpu(3)] });
    expect(insufficientResources(id(2), shortage!)).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message:
        'Insufficient resources to load servable {name: m version: 2}: it needs 3 ram_in_bytes of gpu 0, 1 of 10 available; ' +
        'in use by: {name: other version: 3} (7), {name: m version: 1} (2)',
    });
    expect(tracker.ram).toEqual({
      used: 400,
      limit: 1000,
      holders: [
        { id: id(3, 'other'), quantity: 300 },
        { id: id(1), quantity: 100 },
      ],
    });
  });

  it('has again what was given back', () => {
    const tracker = new ResourceTracker({ ramBytes: 1 });
    for (const version of [1, 2, 3]) {
      expect(tracker.tryReserve(id(version), { ramBytes: 0.1 + 0.2 })).toBeUndefined();
      tracker.release(id(version));
      tracker.release(id(version));
    }
    expect(tracker.ram.used).toBe(0);
  });

  it.each<[ResourceLimits, string]>([
    [{ ramBytes: -1 }, 'Resource limit for ram_in_bytes of main must be a non-negative number (got -1)'],
    [{ ramBytes: Number.NaN }, 'got NaN'],
    [{ devices: [gpu(1), gpu(2, 0)] }, 'Resource limit for ram_in_bytes of gpu 0 is given twice'],
    [{ ramBytes: 1, devices: [{ device: 'main', kind: 'ram_in_bytes', quantity: 5 }] }, 'is given twice'],
  ])('refuses the limits %j', (limits, message) => {
    expect(() => new ResourceTracker(limits)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });

  it.each<[ResourceEstimate, string]>([
    [
      { ramBytes: -1 },
      'Resource estimate of {name: m version: 1}, ram_in_bytes of main must be a non-negative number (got -1)',
    ],
    [{ ramBytes: Number.POSITIVE_INFINITY }, 'got Infinity'],
    [
      { ramBytes: 0, devices: [gpu(1, 2)] },
      'Resource estimate of {name: m version: 1}: unknown instance gpu 2; known: 0, 1',
    ],
  ])('refuses the estimate %j', (estimate, message) => {
    expect(() => new ResourceTracker(twoGpus).tryReserve(id(1), estimate)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });

  it('gives one reservation to a servable', () => {
    const tracker = new ResourceTracker({});
    tracker.tryReserve(id(1), { ramBytes: 1 });
    expect(() => tracker.tryReserve(id(1), { ramBytes: 1 })).toThrow('holds a reservation already');
  });
});
