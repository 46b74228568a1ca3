/** A recorded session of a gRPC client with changes to its frames, always the same ones. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { fixtureBasePath } from '../../fixtures.js';
import type { Attack } from '../attack.js';
import { AttackedServer } from '../attacked-server.js';
import { pause, RawConnection } from '../http/raw-connection.js';
import { answeredCalls, GrpcCaller } from './grpc-caller.js';
import { framesOf, preface } from './http2-bytes.js';

const SESSIONS = 2000;
const AT_ONCE = 50;
const SEED = 20_261_130;

export const grpcMutatedSessions: Attack = {
  name: 'grpc-mutated-sessions',
  description: `${SESSIONS} HTTP/2 sessions of a gRPC client with mutated frames`,
  async run() {
    const server = await AttackedServer.start({
      model: { name: 'm', basePath: fixtureBasePath('half_plus_two') },
      flags: ['--grpc_keepalive_time_ms=500', '--grpc_keepalive_timeout_ms=500'],
    });
    const frames = framesOf(await record(server.grpcPort));
    const before = server.openDescriptors;
    const random = randomNumbers(SEED);
    for (let sent = 0; sent < SESSIONS && server.isRunning; sent += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => send(server.grpcPort, mutated(frames, random), random)));
    }
    let leaked = server.openDescriptors - before;
    for (let i = 0; i < 60 && leaked > 0; i++) {
      await pause(250);
      leaked = server.openDescriptors - before;
    }
    const answered = server.isRunning ? await answeredCalls(server.grpcPort, 10) : 0;
    const exit = await server.terminate(30_000);
    return {
      passed: leaked <= 0 && answered === 10 && exit === '0',
      figures: { sessions: SESSIONS, seed: SEED, leaked: Math.max(leaked, 0), answered, exit },
    };
  },
};

type RandomNumbers = (below: number) => number;

function randomNumbers(seed: number): RandomNumbers {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What a client sends for three calls. */
async function record(port: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    client.on('data', (chunk) => chunks.push(chunk));
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.pipe(server).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const caller = new GrpcCaller((proxy.address() as AddressInfo).port);
  for (let i = 0; i < 3; i++) {
    const error = await caller.ask();
    if (error) throw error;
  }
  caller.close();
  proxy.close();
  return Buffer.concat(chunks);
}

function mutated(frames: readonly Buffer[], random: RandomNumbers): Buffer {
  const list = frames.map((frame) => Buffer.from(frame));
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const index = random(list.length);
    const frame = list[index]!;
    const kind = random(7);
    if (kind === 0) frame[random(frame.length)] = random(256);
    else if (kind === 1) frame[3] = random(12);
    else if (kind === 2) frame[4] = random(256);
    else if (kind === 3) frame.writeUInt32BE(random(2) === 0 ? random(20) : random(2 ** 32), 5);
    else if (kind === 4) frame.writeUIntBE(random(2) === 0 ? random(50_000) : random(2 ** 24), 0, 3);
    else if (kind === 5) list.splice(index, 0, frame);
    else if (list.length > 1) list.splice(index, 1);
  }
  return Buffer.concat([preface, ...list]);
}

/** Sends it in two pieces, ends, and is gone a moment later, by a reset at times. */
async function send(port: number, bytes: Buffer, random: RandomNumbers): Promise<void> {
  const cut = random(bytes.length);
  const isReset = random(10) === 0;
  const connection = await RawConnection.open(port);
  if (connection === undefined) return;
  connection.socket.write(bytes.subarray(0, cut));
  connection.socket.end(bytes.subarray(cut));
  await Promise.race([connection.closed, pause(isReset ? 1 : 50)]);
  if (isReset) connection.socket.resetAndDestroy();
  else connection.socket.destroy();
}
