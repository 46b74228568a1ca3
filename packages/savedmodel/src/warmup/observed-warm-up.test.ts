import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServingError } from '@serving/core';
import { observeServing, type WarmupEvent } from '@serving/core/diagnostics';
import { describe, expect, it, onTestFinished } from 'vitest';
import { observedWarmUp } from './observed-warm-up.js';

const path = join(tmpdir(), 'no-such-version');
const target = {
  id: { name: 'm', version: 1 },
  servable: { signatures: new Map(), run: async () => Object.create(null) },
  signal: new AbortController().signal,
};

function listen(): WarmupEvent[] {
  const events: WarmupEvent[] = [];
  onTestFinished(observeServing({ onWarmup: (event) => void events.push(event) }));
  return events;
}

describe('observedWarmUp', () => {
  it('tells how many requests there were', async () => {
    const events = listen();
    await observedWarmUp(path, target, undefined);
    expect(events).toEqual([expect.objectContaining({ servable: target.id, path, requests: 0 })]);
  });

  it('tells what it failed with, and fails with it', async () => {
    const events = listen();
    const error = new ServingError('DATA_LOSS', 'torn');
    const failing = observedWarmUp(path, target, { requests: () => Promise.reject(error) });
    await expect(failing).rejects.toThrow('torn');
    expect(events).toEqual([expect.objectContaining({ error: expect.objectContaining({ code: 'DATA_LOSS' }) })]);
  });
});
