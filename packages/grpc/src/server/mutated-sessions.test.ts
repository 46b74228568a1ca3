/** A recorded HTTP/2 session of a client, with changes to its frames: whatever comes, the server has to survive. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createTensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GrpcClient } from '../../../test-doubles/src/grpc-client.js';
import { gatedModelServer } from '../gated-model-server.test-support.js';
import { GrpcServer } from './grpc-server.js';
import { framesOf, preface, recordClient } from './http2-frames.test-support.js';

const cases = Number(process.env.FUZZ_CASES ?? 400);
/** Sessions at a time. */
const AT_ONCE = 100;
const inputs = { x: createTensor('float', [3], Float32Array.of(1, 2, 3)) };
const predict = { modelSpec: { name: 'double', signatureName: '' }, inputs };

const changes = fc.record({
  kind: fc.constantFrom('byte', 'type', 'flags', 'stream', 'length', 'repeat', 'remove'),
  frame: fc.nat(1000),
  at: fc.nat(1000),
  value: fc.oneof(fc.nat(20), fc.nat(2 ** 24 - 1)),
});

function changed(
  frames: readonly Buffer[],
  list: readonly (typeof changes extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const mutated = frames.map((frame) => Buffer.from(frame));
  for (const { kind, frame, at, value } of list) {
    const index = frame % mutated.length;
    const target = mutated[index]!;
    if (kind === 'byte') target[at % target.length] = value & 255;
    else if (kind === 'type') target[3] = value & 15;
    else if (kind === 'flags') target[4] = value & 255;
    else if (kind === 'stream') target.writeUInt32BE(value, 5);
    else if (kind === 'length') target.writeUIntBE(value, 0, 3);
    else if (kind === 'repeat') mutated.splice(index, 0, target);
    else if (mutated.length > 1) mutated.splice(index, 1);
  }
  return Buffer.concat([preface, ...mutated]);
}

/** Sends these bytes, in two pieces, and waits until the server has closed the connection. */
async function send(port: number, bytes: Buffer, cut: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  socket.write(bytes.subarray(0, cut % bytes.length));
  socket.end(bytes.subarray(cut % bytes.length));
  await closed;
}

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;

it('a server survives mutated sessions, closes their connections and goes on', { timeout: 3_600_000 }, async () => {
  const { modelServer } = await gatedModelServer();
  const server = await GrpcServer.listen(modelServer, { port: 0, keepaliveTimeMs: 20, keepaliveTimeoutMs: 1000 });
  const ask = async (port: number): Promise<void> => {
    const client = new GrpcClient(`127.0.0.1:${port}`);
    for (let i = 0; i < 3; i += 1) {
      expect((await client.predict(predict)).outputs.y!.data).toEqual(Float32Array.of(2, 4, 6));
    }
    client.close();
  };
  const frames = framesOf(await recordClient(server.port!, ask));
  expect(frames.length).toBeGreaterThan(6);
  const before = openSockets();
  const sessions = fc.sample(fc.tuple(fc.array(changes, { minLength: 1, maxLength: 4 }), fc.nat(10_000)), {
    numRuns: cases,
    seed: 20_261_130,
  });
  while (sessions.length > 0) {
    const some = sessions.splice(0, AT_ONCE);
    await Promise.all(some.map(([list, cut]) => send(server.port!, changed(frames, list), cut)));
  }
  await ask(server.port!);
  await expect.poll(openSockets).toBeLessThanOrEqual(before);
  await server.close();
  await modelServer.close();
});
