import { EventEmitter } from 'node:events';
import { predictionServiceOf, SliceQueue } from '@serving/core/internal';
import { createTensor } from '@serving/core/tensor';
import { decodePredictResponseMessage, encodePredictRequestMessage } from '@serving/protos/messages';
import { describe, expect, it } from 'vitest';
import { PuppetLoop } from '../../../test-doubles/src/puppet-loop.js';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import { gatedModelServer } from '../gated-model-server.test-support.js';
import { CallContext } from './call-context.js';
import { PredictMethod } from './predict-method.js';

const COUNT = 200_000;

/** A predict of the model "double" whose float_val is not packed: a field for each value. */
function unpackedRequest(): Uint8Array {
  const values = Buffer.alloc(5 * COUNT);
  for (let i = 0; i < COUNT; i++) {
    values[5 * i] = (5 << 3) | 5;
    values.writeFloatLE(i, 5 * i + 1);
  }
  const head = Buffer.of(0x08, 1, 0x12, 6, 0x12, 4, 0x08, 0xc0, 0x9a, 0x0c);
  const field = (tag: number, content: Uint8Array): Buffer =>
    Buffer.concat([Buffer.of(tag), varint(content.length), content]);
  const entry = Buffer.concat([field(0x0a, Buffer.from('x')), field(0x12, Buffer.concat([head, values]))]);
  return Buffer.concat([field(0x0a, field(0x0a, Buffer.from('double'))), field(0x12, entry)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.of(...bytes, rest);
}

class FakeCall extends EventEmitter {
  cancelled = false;
  deadline = Number.POSITIVE_INFINITY;
  released = 0;

  getDeadline(): number {
    return this.deadline;
  }

  releaseRequest(): void {
    this.released += 1;
  }
}

async function setUp() {
  const { modelServer } = await gatedModelServer();
  const loop = new PuppetLoop();
  const clock = new ManualClock();
  const call = new FakeCall();
  const method = new PredictMethod(predictionServiceOf(modelServer), true, {}, new SliceQueue(loop.schedule));
  const ask = (bytes: Uint8Array) => method.handle(bytes, new CallContext(call, clock));
  return { modelServer, loop, clock, call, ask };
}

describe('PredictMethod', () => {
  it('reads a large request of many parts in slices, with the event loop between them', async () => {
    const { modelServer, loop, ask } = await setUp();
    const answer = ask(unpackedRequest());
    let turns = 0;
    while (loop.turn()) turns += 1;
    const { outputs } = decodePredictResponseMessage(await answer);
    const { data } = outputs.y!.toTensor('y');
    expect([data.length, (data as Float32Array)[COUNT - 1]]).toEqual([COUNT, 2 * (COUNT - 1)]);
    // Each value is read three times: as structure, counted, and copied.
    expect(turns).toBeGreaterThanOrEqual(Math.floor((3 * COUNT) / 2 ** 16) - 1);
    await modelServer.close();
  });

  it('reads a large request of one packed list at once', async () => {
    const { modelServer, loop, ask } = await setUp();
    const inputs = { x: createTensor('float', [COUNT], new Float32Array(COUNT)) };
    await ask(encodePredictRequestMessage({ modelSpec: { name: 'double', signatureName: '' }, inputs }));
    expect(loop.turns).toBe(0);
    await modelServer.close();
  });

  it.each<[string, string, (world: Awaited<ReturnType<typeof setUp>>) => unknown]>([
    ['its client has gone', 'CANCELLED', ({ call }) => Object.assign(call, { cancelled: true })],
    ['its deadline has passed', 'DEADLINE_EXCEEDED', ({ clock }) => clock.advance(60_001)],
  ])('reads no further once %s', async (_, code, end) => {
    const world = await setUp();
    world.call.deadline = Date.now() + 60_000;
    const answer = world.ask(unpackedRequest());
    const failed = expect(answer).rejects.toMatchObject({ code });
    world.loop.turn();
    await end(world);
    while (world.loop.turn());
    await failed;
    expect(world.loop.turns).toBeLessThan(4);
    await world.modelServer.close();
  });

  it('answers large bytes that do not parse with the reason', async () => {
    const { modelServer, ask } = await setUp();
    expect(() => ask(new Uint8Array(300_000).fill(0xff))).toThrow(
      expect.objectContaining({ code: 'INTERNAL', message: expect.stringContaining("Can't parse PredictRequest (") }),
    );
    await modelServer.close();
  });
});
