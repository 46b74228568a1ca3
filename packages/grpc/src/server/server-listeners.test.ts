import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import * as support from '../../../engine/src/native/thread-support.js';
import { ServerListeners } from './server-listeners.js';

it.skipIf(process.platform === 'win32')(
  'accepts the connections of a burst in a turn, where Node accepts one',
  async () => {
    let turn = 0;
    const countTurns = (): void => {
      turn++;
      counting = setImmediate(countTurns);
    };
    let counting = setImmediate(countTurns);
    const turns: number[] = [];
    const open: Socket[] = [];
    const take = (socket: Socket): void => {
      turns.push(turn);
      open.push(socket);
    };
    const listeners = new ServerListeners(take, false, support);
    const port = await listeners.listenOnTcp('127.0.0.1', 0);
    const clients = Array.from({ length: 60 }, () => connect(port, '127.0.0.1'));
    await expect.poll(() => turns.length).toBe(60);
    expect(new Set(turns).size).toBeLessThan(12);
    clearImmediate(counting);
    for (const socket of [...clients, ...open]) socket.destroy();
    await listeners.close();
  },
);
