import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AdoptMessage, ConnectionHandover } from './connection-handover.js';

/** A part whose calls wait until they are answered. */
class FakePart {
  readonly adopted: number[] = [];
  readonly waiting: { readonly connection: number; resolve(): void; reject(error: Error): void }[] = [];
  readonly ended: Promise<void>;
  #end: () => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  call<Result>(name: string, argument?: unknown): Promise<Result> {
    expect(name).toBe('adopt');
    const { connection, descriptor } = argument as AdoptMessage;
    expect(descriptor).toBeGreaterThan(2);
    return new Promise<Result>((resolve, reject) => {
      const adopt = (): void => {
        this.adopted.push(connection);
        resolve(undefined as Result);
      };
      this.waiting.push({ connection, resolve: adopt, reject });
    });
  }

  answer(): void {
    for (const { resolve } of this.waiting.splice(0)) resolve();
  }

  end(): void {
    for (const { reject } of this.waiting.splice(0)) reject(new Error('the thread has ended'));
    this.#end();
  }
}

/** Accepted connections of real clients. */
async function accepted(count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  onTestFinished(() => {
    for (const socket of [...sockets, ...clients]) socket.destroy();
    server.close();
  });
  while (sockets.length < count) await new Promise((resolve) => setImmediate(resolve));
  return sockets;
}

const counts = (parts: readonly FakePart[]): number[] => parts.map(({ waiting }) => waiting.length);

describe('ConnectionHandover', () => {
  it('gives each connection to the part with the fewest, in turn', async () => {
    const handover = new ConnectionHandover(100);
    const parts = [new FakePart(), new FakePart(), new FakePart()];
    for (const part of parts) handover.addPart(part);
    const sockets = await accepted(8);
    for (const socket of sockets.slice(0, 6)) handover.accept(socket);
    expect(counts(parts)).toEqual([2, 2, 2]);
    for (const { connection } of parts[1]!.waiting) handover.closed(connection);
    for (const socket of sockets.slice(6)) handover.accept(socket);
    expect(counts(parts)).toEqual([2, 4, 2]);
  });

  it('closes its own descriptor once the part has one', async () => {
    const handover = new ConnectionHandover(100);
    const part = new FakePart();
    handover.addPart(part);
    const [socket] = await accepted(1);
    handover.accept(socket!);
    expect(socket!.destroyed).toBe(false);
    const settled = handover.settle();
    part.answer();
    await settled;
    expect(socket!.destroyed).toBe(true);
  });

  it('gives what a part had not taken when it ended to another, and waits where there is none', async () => {
    const handover = new ConnectionHandover(100);
    const [first, second, third] = [new FakePart(), new FakePart(), new FakePart()];
    const sockets = await accepted(4);
    handover.accept(sockets[0]!);
    handover.addPart(first);
    expect(counts([first])).toEqual([1]);
    handover.addPart(second);
    for (const socket of sockets.slice(1)) handover.accept(socket);
    expect(counts([first, second])).toEqual([2, 2]);
    first.end();
    await first.ended;
    expect(counts([first, second])).toEqual([0, 4]);
    second.end();
    await second.ended;
    handover.addPart(third);
    expect(counts([third])).toEqual([4]);
    expect(sockets.some(({ destroyed }) => destroyed)).toBe(false);
    third.answer();
    await handover.settle();
    expect(third.adopted).toHaveLength(4);
  });

  it('closes connections beyond its limit, and those without a part when it settles', async () => {
    const handover = new ConnectionHandover(1);
    const [first, second] = await accepted(2);
    handover.accept(first!);
    handover.accept(second!);
    expect([first!.destroyed, second!.destroyed]).toEqual([false, true]);
    await handover.settle();
    expect(first!.destroyed).toBe(true);
  });
});
