import { describe, expect, it } from 'vitest';
import { type FailedRequest, FaultRecord } from './fault-record.js';

const ended = "The model's process was ended by SIGKILL (model m version 1)";
const failed: FailedRequest = {
  model: 'm',
  caller: 'REST',
  code: 'UNAVAILABLE',
  message: ended,
  startedAt: 9000,
  endedAt: 11_000,
};

/** Its process is killed at 10 s; it can't be loaded from 20 s to 21 s, and is worn out from 30 s to 31 s. */
function record(): FaultRecord {
  let now = 10_000;
  const faults = new FaultRecord(() => now);
  faults.died('m', 'was ended by SIGKILL');
  for (const [fault, begin] of [
    ['unloadable', 20_000],
    ['worn out', 30_000],
  ] as const) {
    now = begin;
    const end = faults.begin('m', fault);
    now += 1000;
    end();
  }
  return faults;
}

const at = (startedAt: number): Pick<FailedRequest, 'startedAt' | 'endedAt'> => ({
  startedAt,
  endedAt: startedAt + 200,
});
const reload = 'The model could not be loaded again: no file';
const worn = "The model's process ended 6 times within a minute";

describe('a failed request', () => {
  it.each<[string, Partial<FailedRequest>]>([
    ['whose process was killed', {}],
    ['whose version could not be loaded again', { message: reload, ...at(20_500) }],
    ['whose process ended too often', { message: worn, ...at(30_500) }],
    ['whose version has ended', { code: 'NOT_FOUND', message: 'Servable not found', ...at(30_500) }],
  ])('%s is explained', (_, change) => {
    expect(record().explains({ ...failed, ...change })).toBe(true);
  });

  it.each<[string, Partial<FailedRequest>]>([
    ['of another model', { model: 'other' }],
    ['before the process was killed', at(9000)],
    ['after it', at(11_000)],
    ['that names another signal', { message: ended.replace('SIGKILL', 'SIGSEGV') }],
    ['with another code', { code: 'INTERNAL' }],
    ['of a load while the storage was well', { message: reload, ...at(22_000) }],
    ['of a version that was there', { code: 'NOT_FOUND', ...at(28_000) }],
  ])('%s is not', (_, change) => {
    expect(record().explains({ ...failed, ...change })).toBe(false);
  });
});
