import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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

  it('tells which file it has found, before the first of its requests', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'observed-warm-up-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'requests.json'), '[{ "inputs": {} }, { "inputs": {} }]');
    const events: unknown[] = [];
    onTestFinished(
      observeServing({
        onWarmupFile: (event) => void events.push(event),
        onWarmup: ({ requests, error }) => void events.push([requests, error?.code]),
      }),
    );
    await expect(observedWarmUp(directory, target, { requests: 'requests.json' })).rejects.toThrow();
    const file = join(directory, 'requests.json');
    expect(events).toEqual([{ servable: target.id, path: directory, file }, [0, expect.any(String)]]);
  });

  it('tells what it failed with, and fails with it', async () => {
    const events = listen();
    const error = new ServingError('DATA_LOSS', 'torn');
    const failing = observedWarmUp(path, target, { requests: () => Promise.reject(error) });
    await expect(failing).rejects.toThrow('torn');
    expect(events).toEqual([expect.objectContaining({ error: expect.objectContaining({ code: 'DATA_LOSS' }) })]);
  });
});
