/** Clients that ask for large answers and never read them, and clients whose uploads stop. */
import { fixtureBasePath } from '../../fixtures.js';
import type { Attack } from '../attack.js';
import { AttackedServer } from '../attacked-server.js';
import { pause, RawConnection } from './raw-connection.js';

const CLIENTS = 30;
/** 50 MB for each client's answer. */
const FLOATS = 12_500_000;
const STALL_MS = 5000;

export const httpUnread: Attack = {
  name: 'http-unread',
  description: `${CLIENTS} clients ask for 50 MB and don't read, ${CLIENTS} stop in the middle of an upload`,
  async run() {
    const flags = ['request', 'response'].map((side) => `--rest_api_${side}_stall_timeout_ms=${STALL_MS}`);
    const server = await AttackedServer.start({ model: { name: 'm', basePath: fixtureBasePath('echo') }, flags });
    const descriptors = server.openDescriptors;
    const residentBefore = server.residentBytes;
    let highest = residentBefore;
    const watch = setInterval(() => {
      highest = Math.max(highest, server.residentBytes);
    }, 50);
    const body = Buffer.alloc(4 * FLOATS);
    const head = `POST /v1/models/m:predict HTTP/1.1\r\nHost: h\r\nContent-Type: application/octet-stream\r\nServing-Shape: 1,${FLOATS}\r\nContent-Length: ${body.length}\r\n\r\n`;
    const held: RawConnection[] = [];
    for (let i = 0; i < CLIENTS; i++) {
      const unread = await RawConnection.open(server.port);
      const stalled = await RawConnection.open(server.port);
      if (!unread || !stalled) continue;
      held.push(unread, stalled);
      unread.socket.pause();
      unread.socket.write(head);
      await new Promise((resolve) => unread.socket.write(body, resolve));
      stalled.socket.write(head + 'x'.repeat(1000));
    }
    await pause(STALL_MS + 8000);
    clearInterval(watch);
    const heldConnections = Math.max(0, server.openDescriptors - descriptors);
    const residentAfter = server.residentBytes;
    for (const { socket } of held) socket.destroy();
    const exit = await server.terminate(30_000);
    const toMb = (bytes: number): number => Math.round(bytes / 1e6);
    return {
      passed: heldConnections === 0 && exit === '0',
      figures: {
        clients: held.length,
        heldConnections,
        residentBeforeMb: toMb(residentBefore),
        residentHighestMb: toMb(highest),
        residentAfterMb: toMb(residentAfter),
        exit,
      },
    };
  },
};
