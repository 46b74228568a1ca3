import { dirname } from 'node:path';
import { type ModelProcessEvent, observeServing } from '@serving/core/diagnostics';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Ask, scriptedRuntime } from '../../../engine/src/isolation/scripted-engine.test-support.js';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { ask, Load, serveFixtures } from './threads.test-support.js';

const PREDICT = '/v1/models/half_plus_two:predict';
const BODY = '{"instances": [1, 2, 5]}';
const basePath = fixturePath('half_plus_two');
const batching = { maxBatchSize: 64, batchTimeoutMs: 1 };

/** Processes as they start. */
function processes(): { readonly pids: number[]; next(): Promise<void> } {
  const pids: number[] = [];
  let told = (): void => {};
  const stop = observeServing({
    onModelProcess: ({ kind, pid }: ModelProcessEvent) => {
      if (kind !== 'started') return;
      pids.push(pid!);
      told();
    },
  });
  onTestFinished(stop);
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      told = resolve;
    });
  return { pids, next };
}

const engines = ['tensorflow', 'onnx'] as const;

describe('isolated models behind serving threads', () => {
  it.each(engines.flatMap((engine) => [false, true].map((isBatched) => [engine, isBatched] as const)))(
    'swap versions on %s under load without a failed request; batched: %s',
    async (engine, isBatched) => {
      const listed = (version: number) => ({
        models: [{ name: 'half_plus_two', basePath, versionPolicy: { specific: { versions: [version] } } }],
      });
      const { server, rest } = await serveFixtures([], {
        engine,
        isolation: 'process',
        ...listed(123),
        ...(isBatched && { batching }),
      });
      expect(JSON.parse((await ask(rest.port, PREDICT, { body: BODY })).body)).toEqual({ predictions: [2.5, 3, 4.5] });
      const load = new Load(rest.port, PREDICT, BODY);
      for (const version of [124, 123, 124]) {
        await server.reload(listed(version));
        await load.more(50);
      }
      await load.stop();
      expect(load.failures).toEqual([]);
      expect(JSON.parse((await ask(rest.port, PREDICT, { body: BODY })).body)).toEqual({ predictions: [3.5, 4, 5.5] });
    },
  );

  it.each(engines)('die on %s without a failed request of another model, and answer again', async (engine) => {
    const { pids, next } = processes();
    const { rest } = await serveFixtures([], {
      engine,
      models: [
        { name: 'isolated', basePath, options: { isolation: 'process', process: { maxDeathsPerMinute: false } } },
        { name: 'half_plus_two', basePath },
      ],
    });
    const other = new Load(rest.port, PREDICT, BODY);
    const isolated = new Load(rest.port, '/v1/models/isolated:predict', BODY);
    await isolated.more(20);
    for (let i = 0; i < 3; i++) {
      const started = next();
      process.kill(pids.at(-1)!, 'SIGKILL');
      await started;
      await other.more(20);
    }
    await Promise.all([other.stop(), isolated.stop()]);
    expect(other.failures).toEqual([]);
    for (const reason of isolated.failures) expect(reason).toContain("The model's process was ended by SIGKILL");
    for (let i = 0; i < 4; i++) {
      expect((await ask(rest.port, '/v1/models/isolated:predict', { body: BODY })).status).toBe(200);
    }
  });

  it.each([false, true])(
    'answer the good requests beside one that ends the process; batched: %s',
    async (isBatched) => {
      const { rest } = await serveFixtures([], {
        platform: {
          engine: scriptedRuntime(),
          isolation: 'process',
          process: { maxDeathsPerMinute: false },
        },
        models: [{ name: 'half_plus_two', basePath: dirname(fixturePath('half_plus_two_tf2', 123)) }],
        ...(isBatched && { batching }),
      });
      const good = new Load(rest.port, PREDICT, '{"instances": [1, 2]}', { connections: 8 });
      await good.more(20);
      for (let i = 0; i < 3; i++) {
        const bad = await ask(rest.port, PREDICT, { body: `{"instances": [${Ask.abort}]}` });
        expect(bad.status).toBe(503);
        expect(bad.body).toContain("The model's process was ended by SIGABRT");
        await good.more(20);
      }
      await good.stop();
      // Without batches a run beside the bad one fails with it: only a batch's requests are run again.
      if (isBatched) expect(good.failures).toEqual([]);
      for (const reason of good.failures) expect(reason).toContain("The model's process was ended by SIGABRT");
    },
  );
});
