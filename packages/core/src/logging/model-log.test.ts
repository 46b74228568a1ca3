import { describe, expect, it, onTestFinished } from 'vitest';
import { settle } from '../../../testing/src/manual-clock.js';
import { modelProcessChannel, warmupChannel, warmupFileChannel } from '../diagnostics/channels.js';
import { model, ServerHarness } from '../server/model-server.test-support.js';
import { ServingError } from '../serving-error.js';
import { lineLogger } from './line-logger.js';
import { startModelLog } from './model-log.js';

/** Lines without time and level. */
function makeLog() {
  const harness = new ServerHarness();
  const { clock } = harness;
  const lines: string[] = [];
  const write = (line: string) => lines.push(line.replace(/^\S+ /, ''));
  const logger = lineLogger({ write, format: 'text', hasColors: false, clock });
  const log = startModelLog({ logger, clock, serves: (name) => name !== 'other' });
  onTestFinished(() => log.stop());
  return { harness, clock, lines, log };
}

describe('startModelLog', () => {
  it('logs loads with their time, failures with their reason, and missing base paths with their model', async () => {
    const { harness, lines, log } = makeLog();
    harness.storage.add('good', 1).add('broken', 1);
    harness.fail({ broken: 1 });
    const models = ['good', 'broken', 'missing'].map((name) => model(name));
    const server = await harness.start({ models, on: log.listeners });
    expect(lines.sort()).toEqual([
      expect.stringMatching(/^error Could not find base path missing .* name=missing code=NOT_FOUND$/),
      'error model failed name=broken version=1 code=DATA_LOSS error="Failed to load {name: broken version: 1}: no data"',
      'info model loaded name=good version=1 ms=0',
    ]);
    lines.length = 0;
    await server.reload({ models: [] });
    expect(lines).toEqual(['info model configuration reloaded models=""', 'info model unloaded name=good version=1']);
  });

  it('logs a load that takes long after a second, then every ten seconds', async () => {
    const { harness, clock, lines, log } = makeLog();
    harness.storage.add('slow', 1);
    let finish = (): void => undefined;
    harness.prepare = (loader) => {
      loader.onLoad = () => new Promise<void>((resolve) => (finish = resolve));
    };
    const started = harness.start({ models: [model('slow')], on: log.listeners });
    await settle();
    await clock.advance(999);
    expect(lines).toEqual([]);
    await clock.advance(10_001);
    expect(lines).toEqual([
      'info model loading name=slow version=1 ms=1000',
      'info model loading name=slow version=1 ms=11000',
    ]);
    finish();
    await started;
    await clock.advance(20_000);
    expect(lines.slice(2)).toEqual(['info model loaded name=slow version=1 ms=11000']);
  });

  it('logs a failure that is retried once, not again when the server closes', async () => {
    const { harness, lines, log } = makeLog();
    harness.storage.add('broken', 1);
    harness.fail({ broken: 1 });
    const server = await harness.start({ models: [model('broken')], on: log.listeners, maxNumLoadRetries: 5 });
    await server.close();
    expect(lines).toEqual([
      expect.stringMatching(/^warn model load failed, will be tried again name=broken version=1 /),
    ]);
  });

  it('logs a slow warm-up of its own models, and its end', async () => {
    const { clock, lines } = makeLog();
    const [servable, other] = ['m', 'other'].map((name) => ({ name, version: 1 }));
    for (const each of [servable, other])
      warmupFileChannel.publish({ servable: each, path: '/m/1', file: '/m/1/requests' });
    await clock.advance(1500);
    for (const each of [servable, other]) {
      warmupChannel.publish({ servable: each, path: '/m/1', requests: 3, startTime: 0, endTime: 1500 });
    }
    await clock.advance(60_000);
    expect(lines).toEqual([
      'info model warming up name=m version=1 ms=1000',
      'info model warmed up name=m version=1 requests=3 file=/m/1/requests ms=1500',
    ]);
  });

  it('logs no end of a warm-up without requests, or of one that failed, whose load is logged', () => {
    const { lines } = makeLog();
    const warmup = { servable: { name: 'm', version: 1 }, path: '/m/1', startTime: 0, endTime: 1 };
    warmupChannel.publish({ ...warmup, requests: 0 });
    warmupChannel.publish({ ...warmup, requests: 2, error: new ServingError('INTERNAL', 'no') });
    expect(lines).toEqual([]);
  });

  it('logs processes of models, with what they wrote last', () => {
    const { lines } = makeLog();
    const servable = { name: 'm', version: 1 };
    modelProcessChannel.publish({ kind: 'started', servable, pid: 7, lastLines: [] });
    modelProcessChannel.publish({ kind: 'ended', servable, pid: 7, signal: 'SIGSEGV', lastLines: ['a b', 'c\u001b'] });
    modelProcessChannel.publish({ kind: 'started', servable, pid: 8, isRestart: true, lastLines: [] });
    expect(lines).toEqual([
      'info model process started name=m version=1 pid=7',
      'warn model process ended name=m version=1 pid=7 signal=SIGSEGV stderr="a b,c\\\\u001b"',
      'info model process started again name=m version=1 pid=8',
    ]);
  });
});
