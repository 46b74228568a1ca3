/** What a request costs without subscribers, and what each way of measuring adds. */
import { ModelServer } from '@serving/core';
import { observeServing, requestsAreObserved } from '@serving/core/diagnostics';
import { createTensor } from '@serving/core/tensor';
import { HttpHandler } from '@serving/http/adapter';
import { savedModelPlatform } from '@serving/savedmodel';
import { servingMetrics } from '@serving/telemetry';
import { traceServing } from '@serving/telemetry/opentelemetry';
import { fixtureBasePath } from '../fixtures.js';
import type { Table } from '../report.js';

const RUNS = 2000;
const ROUNDS = 40;
const LOOKS = 10_000_000;

/** Listens, and gives what ends that. */
const listeners: readonly [string, () => () => void][] = [
  ['no subscriber', () => () => undefined],
  ['no subscriber, once more', () => () => undefined],
  [
    'a listener that does nothing',
    () => observeServing({ onRequest() {}, onStage() {}, onBatch() {}, onResponse() {} }),
  ],
  ['`servingMetrics()`', () => servingMetrics().close],
  ['`traceServing()` without an SDK', () => traceServing()],
];

export async function measureTelemetry(): Promise<Table> {
  const server = await ModelServer.start({
    models: [{ name: 'half_plus_two', basePath: fixtureBasePath('half_plus_two') }],
    platforms: { tensorflow: savedModelPlatform() },
  });
  const request = { model: 'half_plus_two', inputs: { x: createTensor('float', [3], new Float32Array([1, 2, 5])) } };
  const handler = new HttpHandler(server);
  const httpRequest = {
    method: 'POST',
    target: '/v1/models/half_plus_two:predict',
    header: () => undefined,
    body: Buffer.from('{"instances": [1.0, 2.0, 5.0]}'),
  };
  const calls = [
    () => server.predict(request),
    () => handler.handle(handler.match('POST', httpRequest.target)!, httpRequest),
  ];
  const best = listeners.map(() => calls.map(() => Number.POSITIVE_INFINITY));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, [, listen]] of listeners.entries()) {
      const stop = listen();
      for (const [j, call] of calls.entries()) best[i]![j] = Math.min(best[i]![j]!, await microsPerCall(call));
      stop();
    }
  }
  await server.close();
  const look = nanosPerLook();
  const [quiet] = best;
  return {
    title: 'Telemetry: half_plus_two, three floats',
    how:
      `Processor time, one caller, each call awaited; REST without sockets. Best of ${ROUNDS} rounds of ${RUNS} calls, taken in turn; ` +
      'the second line shows how far two measurements of the same thing differ. Without subscribers, a request pays ' +
      `for one check of a channel: ${look.toFixed(1)} ns.`,
    columns: ['who listens', '`server.predict`, CPU µs', 'added', 'REST handler, CPU µs', 'added'],
    rows: listeners.map(([name], i) => [
      name,
      ...best[i]!.flatMap((micros, j) => [micros.toFixed(2), (micros - quiet![j]!).toFixed(2)]),
    ]),
  };
}

/** Of processor time: on a machine that has other work too, the wall clock measures that. */
async function microsPerCall(call: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  for (let n = 0; n < RUNS; n++) await call();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / RUNS;
}

/** What every request pays without subscribers. */
function nanosPerLook(): number {
  let observed = 0;
  const start = process.cpuUsage();
  for (let n = 0; n < LOOKS; n++) if (requestsAreObserved()) observed++;
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000 + observed) / LOOKS;
}
